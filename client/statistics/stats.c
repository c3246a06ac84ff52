/*
 * stats.c
 *	  Percentiles, the interval of the median, and the bootstrap of two medians.
 */
#include <math.h>
#include <stdlib.h>

#include "sample/sample.h"
#include "statistics/stats.h"
#include "util/clock.h"
#include "util/memory.h"

#define CONFIDENCE_TAIL 0.025	/* on each side: 95 % */
#define MIN_FOR_INTERVAL 6		/* below, no pair of ranks covers 95 % */
#define RESAMPLES 2000

/*
 * Up to this many values a resample is drawn value by value.  Beyond, the
 * ranks of the two resampled medians are drawn from their joint limiting
 * distribution, which is normal and takes constant time: see draw_ranks().
 */
#define MAX_DRAWN 500

/* one sample, sorted, with the place that each value took */
typedef struct Ranked
{
	int			n;
	int			median;			/* index of the median in sorted */
	int64_t    *sorted;
	int		   *place;			/* values[i] = sorted[place[i]] */
	int		   *count;			/* scratch: how often each was drawn */
} Ranked;

typedef struct Indexed
{
	int64_t		value;
	int			index;
} Indexed;

typedef enum Contrast
{
	CONTRAST_RATIO,
	CONTRAST_DIFFERENCE
} Contrast;

static int
compare_int64(const void *left, const void *right)
{
	int64_t		a = *(const int64_t *) left;
	int64_t		b = *(const int64_t *) right;

	return (a > b) - (a < b);
}

static int
compare_double(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return (a > b) - (a < b);
}

/* by value, ties by index, so that equal samples get equal places */
static int
compare_indexed(const void *left, const void *right)
{
	const Indexed *a = left;
	const Indexed *b = right;

	if (a->value != b->value)
		return a->value > b->value ? 1 : -1;
	return (a->index > b->index) - (a->index < b->index);
}

/* Nearest rank, from 1, of the p-th percentile of n values. */
static int
nearest_rank(int n, double p)
{
	/* the subtraction keeps 95 % of 20 at rank 19 whatever the rounding */
	int			rank = (int) ceil(p * n / 100.0 - 1e-9);

	if (rank < 1)
		return 1;
	return rank > n ? n : rank;
}

int64_t
percentile_int64(const int64_t *sorted, int n, double p)
{
	return sorted[nearest_rank(n, p) - 1];
}

int64_t
median_int64(int64_t *values, int n)
{
	if (n < 1)
		return UNKNOWN;
	qsort(values, (size_t) n, sizeof(int64_t), compare_int64);
	return percentile_int64(values, n, 50);
}

/*
 * The lower rank k, from 1, of the order-statistic interval of the median of n
 * values: the largest k with P(Binomial(n, 1/2) < k) <= 2.5 %.  The upper rank
 * is n + 1 - k.  0 where n is too small for a 95 % interval.
 */
static int
median_interval_rank(int n)
{
	double		cumulative = 0.0;
	double		term;
	int			i = 0;

	if (n < MIN_FOR_INTERVAL)
		return 0;

	/* what lies more than 10 standard deviations out adds nothing */
	if (n > 1000)
		i = (int) (n / 2.0 - 5.0 * sqrt(n));
	if (i < 0)
		i = 0;
	term = exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) - n * log(2.0));

	/* here cumulative is P(X < i), so that i is a rank that still fits */
	while (cumulative + term <= CONFIDENCE_TAIL)
	{
		cumulative += term;
		term *= (double) (n - i) / (i + 1);
		i++;
	}
	return i;
}

void
summarize(int64_t *values, int n, int64_t first_ns, Summary *summary)
{
	long double sum = 0.0L;
	long double squares = 0.0L;
	int			rank;

	summary->n = n;
	summary->first = first_ns == UNKNOWN ? NAN : (double) first_ns / NS_PER_MS;
	summary->min = summary->p50 = summary->p90 = summary->p95 = NAN;
	summary->p99 = summary->max = summary->mean = summary->stddev = NAN;
	summary->ci_low = summary->ci_high = NAN;
	if (n < 1)
		return;

	qsort(values, (size_t) n, sizeof(int64_t), compare_int64);
	summary->min = (double) values[0] / NS_PER_MS;
	summary->p50 = (double) percentile_int64(values, n, 50) / NS_PER_MS;
	summary->p90 = (double) percentile_int64(values, n, 90) / NS_PER_MS;
	summary->p95 = (double) percentile_int64(values, n, 95) / NS_PER_MS;
	summary->p99 = (double) percentile_int64(values, n, 99) / NS_PER_MS;
	summary->max = (double) values[n - 1] / NS_PER_MS;

	/* from the smallest value on: no overflow, no cancellation */
	for (int i = 0; i < n; i++)
		sum += (long double) values[i] - (long double) values[0];
	sum /= n;
	summary->mean = (double) (((long double) values[0] + sum) / NS_PER_MS);
	if (n >= 2)
	{
		for (int i = 0; i < n; i++)
		{
			long double deviation = (long double) values[i] - (long double) values[0] - sum;

			squares += deviation * deviation;
		}
		summary->stddev = (double) (sqrtl(squares / (n - 1)) / NS_PER_MS);
	}

	rank = median_interval_rank(n);
	if (rank > 0)
	{
		summary->ci_low = (double) values[rank - 1] / NS_PER_MS;
		summary->ci_high = (double) values[n - rank] / NS_PER_MS;
	}
}

/* SplitMix64: small, good enough, and the same on every platform */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t	z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* 0 <= index < n */
static int
random_index(uint64_t *state, int n)
{
	return (int) (((next_random(state) >> 32) * (uint64_t) n) >> 32);
}

/* two independent standard normal values (Box-Muller) */
static void
random_normal(uint64_t *state, double *first, double *second)
{
	double		u = ((double) (next_random(state) >> 11) + 1.0) / 9007199254740993.0;
	double		v = (double) (next_random(state) >> 11) / 9007199254740992.0;
	double		radius = sqrt(-2.0 * log(u));

	*first = radius * cos(2.0 * M_PI * v);
	*second = radius * sin(2.0 * M_PI * v);
}

static void
ranked_make(const int64_t *values, int n, Ranked *ranked)
{
	Indexed    *order = xcalloc((size_t) n, sizeof(Indexed));

	ranked->n = n;
	ranked->median = nearest_rank(n, 50) - 1;
	ranked->sorted = xcalloc((size_t) n, sizeof(int64_t));
	ranked->place = xcalloc((size_t) n, sizeof(int));
	ranked->count = xcalloc((size_t) n, sizeof(int));
	for (int i = 0; i < n; i++)
	{
		order[i].value = values[i];
		order[i].index = i;
	}
	qsort(order, (size_t) n, sizeof(Indexed), compare_indexed);
	for (int i = 0; i < n; i++)
	{
		ranked->sorted[i] = order[i].value;
		ranked->place[order[i].index] = i;
	}
	free(order);
}

static void
ranked_free(Ranked *ranked)
{
	free(ranked->sorted);
	free(ranked->place);
	free(ranked->count);
}

/* The median of what was counted; the counts are cleared for the next draw. */
static int64_t
counted_median(Ranked *ranked)
{
	int			seen = 0;
	int			found = -1;

	for (int i = 0; i < ranked->n; i++)
	{
		seen += ranked->count[i];
		ranked->count[i] = 0;
		if (found < 0 && seen > ranked->median)
			found = i;
	}
	return ranked->sorted[found];
}

/* The value that many standard deviations of the median's rank off the middle. */
static int64_t
median_at(const Ranked *ranked, double deviation)
{
	double		place = ceil(ranked->n / 2.0 + deviation * sqrt(ranked->n) / 2.0) - 1.0;

	if (place < 0.0)
		place = 0.0;
	if (place > ranked->n - 1.0)
		place = ranked->n - 1.0;
	return ranked->sorted[(int) place];
}

/* One resampled median of one sample, drawn alone. */
static int64_t
draw_alone(Ranked *ranked, uint64_t *state)
{
	double		deviation;
	double		unused;

	if (ranked->n > MAX_DRAWN)
	{
		random_normal(state, &deviation, &unused);
		return median_at(ranked, deviation);
	}
	for (int i = 0; i < ranked->n; i++)
		ranked->count[random_index(state, ranked->n)]++;
	return counted_median(ranked);
}

/*
 * One pair of resampled medians, drawn together.  For large samples: how many
 * of n draws fall below each median is binomial, the two counts correlate by
 * 4 P(both below) - 1, and the resampled median's rank moves against its count.
 */
static void
draw_together(Ranked *a, Ranked *b, double correlation, uint64_t *state,
			  int64_t *median_a, int64_t *median_b)
{
	double		x;
	double		y;

	if (a->n > MAX_DRAWN)
	{
		random_normal(state, &x, &y);
		*median_a = median_at(a, x);
		*median_b = median_at(b, correlation * x + sqrt(1.0 - correlation * correlation) * y);
		return;
	}
	for (int i = 0; i < a->n; i++)
	{
		int			drawn = random_index(state, a->n);

		a->count[a->place[drawn]]++;
		b->count[b->place[drawn]]++;
	}
	*median_a = counted_median(a);
	*median_b = counted_median(b);
}

static double
median_correlation(const Ranked *a, const Ranked *b)
{
	int			both = 0;
	double		correlation;

	for (int i = 0; i < a->n; i++)
		both += a->place[i] <= a->median && b->place[i] <= b->median;
	correlation = 4.0 * both / a->n - 1.0;
	if (correlation > 1.0)
		return 1.0;
	return correlation < -1.0 ? -1.0 : correlation;
}

/* Of two medians in ns: a ratio, NAN unless both are above 0; or a difference in ms. */
static double
contrast_of(int64_t a, int64_t b, Contrast contrast)
{
	if (contrast == CONTRAST_DIFFERENCE)
		return ((double) a - (double) b) / NS_PER_MS;
	return a > 0 && b > 0 ? (double) a / (double) b : NAN;
}

static Interval
bootstrap(const int64_t *a, int na, const int64_t *b, int nb, bool paired, Contrast contrast)
{
	Interval	interval = {NAN, NAN, NAN};
	uint64_t	state = UINT64_C(20251015);
	double	   *found;
	double		correlation = 0.0;
	Ranked		left;
	Ranked		right;
	int			kept = 0;

	if (na < 1 || nb < 1)
		return interval;
	ranked_make(a, na, &left);
	ranked_make(b, nb, &right);
	paired = paired && na == nb;
	if (paired)
		correlation = median_correlation(&left, &right);
	interval.estimate = contrast_of(left.sorted[left.median], right.sorted[right.median], contrast);

	if (na >= MIN_FOR_INTERVAL && nb >= MIN_FOR_INTERVAL && !isnan(interval.estimate))
	{
		found = xcalloc(RESAMPLES, sizeof(double));
		for (int r = 0; r < RESAMPLES; r++)
		{
			int64_t		median_a;
			int64_t		median_b;

			if (paired)
				draw_together(&left, &right, correlation, &state, &median_a, &median_b);
			else
			{
				median_a = draw_alone(&left, &state);
				median_b = draw_alone(&right, &state);
			}
			found[kept] = contrast_of(median_a, median_b, contrast);
			if (!isnan(found[kept]))
				kept++;
		}
		/* a ratio that some resamples do not have has no interval */
		if (kept == RESAMPLES)
		{
			qsort(found, RESAMPLES, sizeof(double), compare_double);
			interval.low = found[nearest_rank(RESAMPLES, 100 * CONFIDENCE_TAIL) - 1];
			interval.high = found[nearest_rank(RESAMPLES, 100 * (1 - CONFIDENCE_TAIL)) - 1];
		}
		free(found);
	}
	ranked_free(&left);
	ranked_free(&right);
	return interval;
}

Interval
ratio_of_medians(const int64_t *a, int na, const int64_t *b, int nb, bool paired)
{
	return bootstrap(a, na, b, nb, paired, CONTRAST_RATIO);
}

Interval
difference_of_medians(const int64_t *a, int na, const int64_t *b, int nb, bool paired)
{
	return bootstrap(a, na, b, nb, paired, CONTRAST_DIFFERENCE);
}
