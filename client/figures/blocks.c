/*
 * blocks.c
 *	  From values per iteration to figures over the blocks.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/memory.h"

double
sample_ms(const Sample *sample, Metric metric)
{
	if (sample->state != SAMPLE_MEASURED || sample->ns[metric] == UNKNOWN)
		return NAN;
	return (double) sample->ns[metric] / (double) NS_PER_MS;
}

const Sample *
series_sample(const Series *series, int step, int iteration)
{
	return &series->samples[(size_t) iteration * ((size_t) series->nsteps + 1) + (size_t) step];
}

/* Copy those that are there; how many. */
static int
take_known(const double *values, int n, double *known)
{
	int			count = 0;

	for (int i = 0; i < n; i++)
	{
		if (!isnan(values[i]))
			known[count++] = values[i];
	}
	return count;
}

/* NAN for none; the order is not lost, as it is by median_double */
static double
mean_double(double *values, int n)
{
	double		mean = 0.0;

	for (int i = 0; i < n; i++)
		mean += values[i] / n;
	return n > 0 ? mean : NAN;
}

/* What is to be had of the known values of each block. */
static void
of_blocks(const Measured *measured, const double *values, double (*of) (double *values, int n), double *result)
{
	double	   *known = xcalloc((size_t) measured->niterations + 1, sizeof(double));

	for (int b = 0; b < measured->nblocks; b++)
	{
		const Block *block = &measured->blocks[b];
		int			n = take_known(values + block->first_iteration, block->niterations, known);

		result[b] = of(known, n);
	}
	free(known);
}

void
block_medians(const Measured *measured, const double *values, double *medians)
{
	of_blocks(measured, values, median_double, medians);
}

static Estimate
estimate_of(const Measured *measured, const double *values, double (*of) (double *values, int n))
{
	double	   *result = xcalloc((size_t) measured->nblocks + 1, sizeof(double));
	Estimate	estimate;

	of_blocks(measured, values, of, result);
	estimate = estimate_blocks(result, measured->nblocks);
	free(result);
	return estimate;
}

Estimate
estimate_medians(const Measured *measured, const double *values)
{
	return estimate_of(measured, values, median_double);
}

Estimate
estimate_ratio(const Measured *measured, const double *logs)
{
	return estimate_exp(estimate_medians(measured, logs));
}

void
summary_make(const Measured *measured, double *values, double *medians, Summary *summary)
{
	const Estimate none = {NAN, NAN, NAN, 0};
	double	   *own = NULL;
	double		mean;
	double		squares = 0.0;
	int			n;

	*summary = (Summary) {0, none, none, NAN, NAN, NAN, NAN, NAN};
	if (medians == NULL)
		medians = own = xcalloc((size_t) measured->nblocks + 1, sizeof(double));
	block_medians(measured, values, medians);
	summary->median = estimate_blocks(medians, measured->nblocks);
	summary->mean = estimate_of(measured, values, mean_double);
	free(own);

	n = take_known(values, measured->niterations, values);
	summary->n = n;
	if (n == 0)
		return;
	sort_doubles(values, n);
	summary->min = values[0];
	summary->p95 = percentile_double(values, n, 95.0);
	summary->p99 = percentile_double(values, n, 99.0);
	summary->max = values[n - 1];
	mean = mean_double(values, n);
	for (int i = 0; i < n; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	if (n > 1)
		summary->stddev = sqrt(squares / (n - 1));
}

double
log_ratio(double a, double b)
{
	return a > 0.0 && b > 0.0 ? log(a / b) : NAN;
}
