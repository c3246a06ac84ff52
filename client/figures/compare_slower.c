/*
 * compare_slower.c
 *	  Is side B slower than side A by more than so much? What a job may decide by.
 *
 * Over pairs of runs it is the comparison's own test, with the limit in the place of
 * "no difference".  Of one run a side there is nothing but the blocks within each: what
 * they show is that these two runs differ, which the limit has to leave room for.
 */
#include <math.h>
#include <stdlib.h>

#include "figures/blocks.h"
#include "figures/compare.h"
#include "util/memory.h"

static const double alpha = 1.0 - CONFIDENCE_PERCENT / 100.0;

/* The standard error of a median's logarithm, from its interval over the blocks. */
static double
log_error(const Estimate *median)
{
	return (median->high - median->low) / 2.0 / student_critical(alpha, median->nblocks - 1) / median->value;
}

/* Welch's interval of the ratio of two runs' medians; NAN where either has none. */
static Estimate
ratio_within_runs(const Comparison *comparison, const Difference *cell)
{
	const RunPair *pair = &comparison->pairs[0];
	const Estimate *a = &difference_cell(&comparison->runs[pair->left].figures, 0, cell)->time[cell->metric].median;
	const Estimate *b = &difference_cell(&comparison->runs[pair->right].figures, 0, cell)->time[cell->metric].median;
	Estimate	ratio = {log_ratio(b->value, a->value), NAN, NAN, 0};
	double		va;
	double		vb;
	double		df;

	if (!estimate_has_interval(a) || !estimate_has_interval(b) || isnan(ratio.value))
		return estimate_exp(ratio);
	va = pow(log_error(a), 2.0);
	vb = pow(log_error(b), 2.0);
	df = va + vb > 0.0 ? floor((va + vb) * (va + vb) / (va * va / (a->nblocks - 1) + vb * vb / (b->nblocks - 1))) :
		a->nblocks + b->nblocks - 2;
	ratio.nblocks = (int) df + 1;
	ratio.low = ratio.value - student_critical(alpha, df) * sqrt(va + vb);
	ratio.high = ratio.value + student_critical(alpha, df) * sqrt(va + vb);
	return estimate_exp(ratio);
}

/* The probability of a ratio this far above the limit; 1 of one that is not above it. */
static double
p_above(const Estimate *ratio, double limit)
{
	double		above = log(ratio->value / limit);
	double		error;

	if (!estimate_has_interval(ratio) || !(above > 0.0))
		return 1.0;
	error = log(ratio->high / ratio->low) / 2.0 / student_critical(alpha, ratio->nblocks - 1);
	return error > 0.0 ? student_two_sided(above / error, ratio->nblocks - 1) : 0.0;
}

void
comparison_slower(const Comparison *comparison, double percent, Slowdown *slowdowns)
{
	double	   *p = xcalloc((size_t) comparison->ncells + 1, sizeof(double));
	bool	   *slower = xcalloc((size_t) comparison->ncells + 1, sizeof(bool));

	for (int i = 0; i < comparison->ncells; i++)
	{
		const Difference *cell = &comparison->cells[i];

		slowdowns[i].ratio = comparison->order == ORDER_SINGLE ? ratio_within_runs(comparison, cell) : cell->ratio;
		p[i] = p_above(&slowdowns[i].ratio, 1.0 + percent / 100.0);
	}
	holm(p, comparison->ncells, slower);
	for (int i = 0; i < comparison->ncells; i++)
		slowdowns[i].slower = slower[i];
	free(p);
	free(slower);
}
