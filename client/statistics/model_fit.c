/*
 * model_fit.c
 *	  A line through the medians of the sizes.
 */
#include <math.h>
#include <string.h>
#include <stdlib.h>

#include "statistics/model.h"
#include "util/memory.h"

#define DRAWS 1000
#define LEAST_POINTS 3

/* medians below this are read off the clock's own grain: no more weight than here */
#define LEAST_MS 0.0001

typedef struct Line
{
	double		floor;
	double		slope;			/* per MB */
} Line;

/* SplitMix64: the same draws for the same data */
static double
uniform(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	return ((double) (z >> 11) + 0.5) / 9007199254740992.0;
}

static double
normal(uint64_t *state)
{
	double		radius = sqrt(-2.0 * log(uniform(state)));

	return radius * cos(2.0 * M_PI * uniform(state));
}

/*
 * Weighted least squares, weights 1 / scale^2.  The scale is that of the
 * measured medians also where other medians are drawn, so that every draw
 * answers the same question.
 */
static Line
fit_line(int n, const double *x, const double *y, const double *scale)
{
	double		w = 0.0;
	double		wx = 0.0;
	double		wy = 0.0;
	double		sxx = 0.0;
	double		sxy = 0.0;
	Line		line;

	for (int i = 0; i < n; i++)
	{
		double		weight = 1.0 / (scale[i] * scale[i]);

		w += weight;
		wx += weight * x[i];
		wy += weight * y[i];
	}
	for (int i = 0; i < n; i++)
	{
		double		weight = 1.0 / (scale[i] * scale[i]);

		sxx += weight * (x[i] - wx / w) * (x[i] - wx / w);
		sxy += weight * (x[i] - wx / w) * (y[i] - wy / w);
	}
	line.slope = sxx > 0.0 ? sxy / sxx : NAN;
	line.floor = wy / w - line.slope * wx / w;
	return line;
}

/*
 * The median of a resample of sorted values is one of them: that with the rank
 * n / 2 give or take sqrt(n) / 2.
 */
static double
draw_median(const int64_t *sorted, int n, uint64_t *state)
{
	double		rank = n * 0.5 + normal(state) * sqrt(n) * 0.5;
	int			place = rank < 0.0 ? 0 : rank >= n ? n - 1 : (int) rank;

	return (double) sorted[place] / 1e6;
}

static int
compare_doubles(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return (a > b) - (a < b);
}

static void
set_interval(Interval *interval, double estimate, double *draws)
{
	qsort(draws, DRAWS, sizeof(double), compare_doubles);
	interval->estimate = estimate;
	interval->low = draws[DRAWS * 25 / 1000];
	interval->high = draws[DRAWS - 1 - DRAWS * 25 / 1000];
}

/* how well the line hits the medians */
static void
judge(const Line *line, int n, const double *x, const double *y, const double *scale,
	  const int64_t *bytes, Fit *fit)
{
	double		w = 0.0;
	double		wy = 0.0;
	double		residual = 0.0;
	double		total = 0.0;

	fit->worst_percent = 0.0;
	for (int i = 0; i < n; i++)
	{
		double		miss = y[i] - line->floor - line->slope * x[i];
		double		weight = 1.0 / (scale[i] * scale[i]);

		w += weight;
		wy += weight * y[i];
		residual += weight * miss * miss;
		if (i == 0 || fabs(100.0 * miss / scale[i]) > fabs(fit->worst_percent))
		{
			fit->worst_percent = 100.0 * miss / scale[i];
			fit->worst_bytes = bytes[i];
		}
	}
	for (int i = 0; i < n; i++)
		total += (y[i] - wy / w) * (y[i] - wy / w) / (scale[i] * scale[i]);
	fit->r_squared = total > 0.0 ? 1.0 - residual / total : NAN;
}

void
fit_make(int n, const int64_t *bytes, int64_t *const *sorted_ns, const int *count, Fit *fit)
{
	size_t		room = n > 0 ? (size_t) n : 1;
	double	   *x = xcalloc(room, sizeof(double));
	double	   *y = xcalloc(room, sizeof(double));
	double	   *scale = xcalloc(room, sizeof(double));
	double	   *drawn = xcalloc(room, sizeof(double));
	int64_t    *of = xcalloc(room, sizeof(int64_t));
	int		   *from = xcalloc(room, sizeof(int));
	double	   *floors = xcalloc(DRAWS, sizeof(double));
	double	   *slopes = xcalloc(DRAWS, sizeof(double));
	uint64_t	state = 15;
	Line		line;
	int			used = 0;

	memset(fit, 0, sizeof(*fit));
	for (int i = 0; i < n; i++)
	{
		double		median;

		if (count[i] == 0)
			continue;
		median = (double) sorted_ns[i][(count[i] - 1) / 2] / 1e6;
		if (median <= 0.0)
			continue;
		x[used] = (double) bytes[i] / MODEL_BYTES_PER_MB;
		y[used] = median;
		scale[used] = fmax(median, LEAST_MS);
		of[used] = bytes[i];
		from[used] = i;
		used++;
	}
	fit->npoints = used;
	line = used >= LEAST_POINTS ? fit_line(used, x, y, scale) : (Line) {NAN, NAN};
	if (isfinite(line.slope))
	{
		fit->known = true;
		judge(&line, used, x, y, scale, of, fit);
		for (int d = 0; d < DRAWS; d++)
		{
			Line		other;

			for (int i = 0; i < used; i++)
				drawn[i] = draw_median(sorted_ns[from[i]], count[from[i]], &state);
			other = fit_line(used, x, drawn, scale);
			floors[d] = other.floor;
			slopes[d] = other.slope;
		}
		set_interval(&fit->floor_ms, line.floor, floors);
		set_interval(&fit->slope_ms_per_mb, line.slope, slopes);
	}
	free(x);
	free(y);
	free(scale);
	free(drawn);
	free(of);
	free(from);
	free(floors);
	free(slopes);
}

double
fit_at(const Fit *fit, int64_t bytes)
{
	if (!fit->known)
		return NAN;
	return fit->floor_ms.estimate
		+ fit->slope_ms_per_mb.estimate * ((double) bytes / MODEL_BYTES_PER_MB);
}
