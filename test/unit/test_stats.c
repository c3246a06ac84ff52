/*
 * test_stats.c
 *	  Statistics against known answers.
 */
#include <stdlib.h>
#include <string.h>

#include "sample/sample.h"
#include "statistics/stats.h"
#include "tap.h"
#include "util/memory.h"

#define MS INT64_C(1000000)

/* 1 ms, 2 ms … n ms, in an order that is not theirs; malloc'd */
static int64_t *
shuffled(int n)
{
	int64_t    *values = xcalloc((size_t) n, sizeof(int64_t));

	for (int i = 0; i < n; i++)
		values[i] = ((int64_t) (i * 7919) % n + 1) * MS;
	return values;
}

static void
test_percentiles(void)
{
	static const struct
	{
		int			n;
		double		p50;
		double		p90;
		double		p95;
		double		p99;
	}			known[] = {
		{1, 1, 1, 1, 1},
		{2, 1, 2, 2, 2},
		{3, 2, 3, 3, 3},
		{10, 5, 9, 10, 10},
		{20, 10, 18, 19, 20},
		{30, 15, 27, 29, 30},
		{100, 50, 90, 95, 99},
		{1000, 500, 900, 950, 990}
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		int			n = known[i].n;
		int64_t    *values = shuffled(n);
		char		name[80];
		Summary		s;

		summarize(values, n, UNKNOWN, &s);
		snprintf(name, sizeof(name), "n = %d: p50", n);
		is_number(s.p50, known[i].p50, name);
		snprintf(name, sizeof(name), "n = %d: p90", n);
		is_number(s.p90, known[i].p90, name);
		snprintf(name, sizeof(name), "n = %d: p95", n);
		is_number(s.p95, known[i].p95, name);
		snprintf(name, sizeof(name), "n = %d: p99", n);
		is_number(s.p99, known[i].p99, name);
		snprintf(name, sizeof(name), "n = %d: min <= p50 <= p90 <= p95 <= p99 <= max", n);
		ok(s.n == n && s.min == 1 && s.min <= s.p50 && s.p50 <= s.p90 && s.p90 <= s.p95 &&
		   s.p95 <= s.p99 && s.p99 <= s.max && s.max == n, name);
		snprintf(name, sizeof(name), "n = %d: mean", n);
		is_number(s.mean, (n + 1) / 2.0, name);
		snprintf(name, sizeof(name), "n = %d: stddev", n);
		/* the variance of 1 … n, with n - 1 below, is n (n + 1) / 12 */
		is_number(s.stddev, n > 1 ? sqrt(n * (n + 1.0) / 12.0) : NAN, name);
		free(values);
	}
}

/* ranks as tables of the sign test have them, two-sided 5 % */
static void
test_interval_ranks(void)
{
	static const int known[][3] = {
		{6, 1, 6}, {7, 1, 7}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {11, 2, 10}, {12, 3, 10},
		{15, 4, 12}, {20, 6, 15}, {25, 8, 18}, {30, 10, 21}, {40, 14, 27}, {50, 18, 33},
		{100, 40, 61}, {1000, 469, 532}, {10000, 4902, 5099}
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
	{
		int64_t    *values = shuffled(known[i][0]);
		char		name[80];
		Summary		s;

		summarize(values, known[i][0], UNKNOWN, &s);
		snprintf(name, sizeof(name), "n = %d: interval of the median at ranks %d and %d",
				 known[i][0], known[i][1], known[i][2]);
		if (!ok(s.ci_low == known[i][1] && s.ci_high == known[i][2], name))
			printf("# found %g and %g\n", s.ci_low, s.ci_high);
		free(values);
	}
	for (int n = 1; n < 6; n++)
	{
		int64_t    *values = shuffled(n);
		char		name[80];
		Summary		s;

		summarize(values, n, UNKNOWN, &s);
		snprintf(name, sizeof(name), "n = %d: no interval", n);
		ok(isnan(s.ci_low) && isnan(s.ci_high), name);
		free(values);
	}
}

static void
test_nothing_and_extremes(void)
{
	int64_t		large[] = {INT64_MAX - 2, INT64_MAX, INT64_MAX - 1};
	int64_t		wide[] = {INT64_MAX, INT64_MIN + 1};
	int64_t		negative[] = {-3 * MS, -1 * MS, -2 * MS};
	int64_t		same[] = {MS, MS, MS, MS, MS, MS};
	int64_t		none[1] = {0};
	Summary		s;

	summarize(none, 0, UNKNOWN, &s);
	ok(s.n == 0 && isnan(s.first) && isnan(s.min) && isnan(s.p50) && isnan(s.p90) &&
	   isnan(s.p95) && isnan(s.p99) && isnan(s.max) && isnan(s.mean) && isnan(s.stddev) &&
	   isnan(s.ci_low) && isnan(s.ci_high), "no values: nothing is known");
	ok(median_int64(none, 0) == UNKNOWN, "no values: no median");
	summarize(none, 0, 5 * MS, &s);
	ok(s.n == 0 && s.first == 5.0 && isnan(s.mean), "the first call is kept apart");

	summarize(large, 3, UNKNOWN, &s);
	ok(large[0] == INT64_MAX - 2 && large[2] == INT64_MAX, "values near 2^63 sort");
	is_number(s.mean, (double) INT64_MAX / MS, "their mean does not overflow");
	is_number(s.stddev, 1e-6, "their deviation of 1 ns is not lost");
	ok(median_int64(large, 3) == INT64_MAX - 1, "their median is exact");
	summarize(wide, 2, UNKNOWN, &s);
	ok(s.min < 0 && s.max > 0, "both ends of the range sort");
	ok(fabs(s.mean) < 1e-6, "and have a mean");

	summarize(negative, 3, UNKNOWN, &s);
	ok(s.min == -3.0 && s.p50 == -2.0 && s.max == -1.0, "negative durations are kept");
	is_number(s.mean, -2.0, "and averaged");
	summarize(same, 6, UNKNOWN, &s);
	ok(s.stddev == 0.0 && s.ci_low == 1.0 && s.ci_high == 1.0, "equal values have no spread");
}

/* about normal, by the sum of uniform values; the test's own generator */
static double
noise(uint64_t *state)
{
	double		sum = 0.0;

	for (int i = 0; i < 12; i++)
	{
		*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		sum += (double) (*state >> 33) / 2147483648.0;
	}
	return sum - 6.0;
}

static void
fill(int64_t *values, int n, double center, uint64_t *state)
{
	for (int i = 0; i < n; i++)
		values[i] = (int64_t) ((center + 0.05 * center * noise(state)) * MS);
}

static bool
same_interval(Interval a, Interval b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

static void
test_bootstrap(void)
{
	static const int sizes[] = {6, 30, 500, 501, 3000};
	uint64_t	state = 1;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		int			n = sizes[i];
		int64_t    *a = xcalloc((size_t) n, sizeof(int64_t));
		int64_t    *b = xcalloc((size_t) n, sizeof(int64_t));
		char		name[80];
		Interval	r;

		fill(a, n, 10.0, &state);
		fill(b, n, 8.0, &state);
		r = ratio_of_medians(a, n, a, n, true);
		snprintf(name, sizeof(name), "n = %d: a sample against itself is exactly 1", n);
		ok(r.estimate == 1.0 && r.low == 1.0 && r.high == 1.0, name);
		r = difference_of_medians(a, n, a, n, true);
		snprintf(name, sizeof(name), "n = %d: and differs by exactly 0", n);
		ok(r.estimate == 0.0 && r.low == 0.0 && r.high == 0.0, name);
		r = ratio_of_medians(a, n, b, n, true);
		snprintf(name, sizeof(name), "n = %d: the same data give the same interval", n);
		ok(same_interval(r, ratio_of_medians(a, n, b, n, true)), name);
		snprintf(name, sizeof(name), "n = %d: a quarter more is found", n);
		ok(r.low > 1.0 && r.low <= r.estimate && r.estimate <= r.high && fabs(r.estimate - 1.25) < 0.1, name);
		r = difference_of_medians(a, n, b, n, false);
		snprintf(name, sizeof(name), "n = %d: as a difference of 2 ms", n);
		ok(r.low > 0.0 && r.low <= r.estimate && r.estimate <= r.high && fabs(r.estimate - 2.0) < 0.7, name);
		free(a);
		free(b);
	}
}

static void
test_no_interval(void)
{
	int64_t		a[] = {1 * MS, 2 * MS, 3 * MS, 4 * MS, 5 * MS, 6 * MS};
	int64_t		zero[6] = {0};
	Interval	r = ratio_of_medians(a, 5, a, 5, false);

	ok(r.estimate == 1.0 && isnan(r.low) && isnan(r.high), "fewer than 6 values: an estimate, no interval");
	r = ratio_of_medians(a, 0, a, 6, false);
	ok(isnan(r.estimate) && isnan(r.low), "no values: nothing");
	r = ratio_of_medians(a, 6, zero, 6, false);
	ok(isnan(r.estimate) && isnan(r.low), "a ratio to 0 is unknown, not infinite");
	r = difference_of_medians(a, 6, zero, 6, false);
	ok(r.estimate == 3.0 && r.low > 0.0, "a difference to 0 is known");
}

/* how often the interval of two equal samples' ratio holds 1, of 1,000 */
static int
coverage(int n, bool paired)
{
	int64_t    *a = xcalloc((size_t) n, sizeof(int64_t));
	int64_t    *b = xcalloc((size_t) n, sizeof(int64_t));
	uint64_t	state = 42;
	int			held = 0;

	for (int i = 0; i < 1000; i++)
	{
		Interval	r;

		fill(a, n, 10.0, &state);
		fill(b, n, 10.0, &state);
		r = ratio_of_medians(a, n, b, n, paired);
		held += r.low <= 1.0 && 1.0 <= r.high;
	}
	free(a);
	free(b);
	return held;
}

static void
test_coverage(void)
{
	static const int sizes[] = {30, 501};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		for (int paired = 0; paired < 2; paired++)
		{
			int			held = coverage(sizes[i], paired);
			char		name[80];

			snprintf(name, sizeof(name), "n = %d%s: 95 %% intervals hold the truth 92 to 99 %% of the time",
					 sizes[i], paired ? ", paired" : "");
			if (!ok(held >= 920 && held <= 990, name))
				printf("# %d of 1000\n", held);
		}
	}
}

/* what drifts in both goes out of the ratio when they are drawn in pairs */
static void
test_pairing(void)
{
	static const int sizes[] = {100, 1000};
	uint64_t	state = 7;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		int			n = sizes[i];
		int64_t    *a = xcalloc((size_t) n, sizeof(int64_t));
		int64_t    *b = xcalloc((size_t) n, sizeof(int64_t));
		char		name[80];
		Interval	alone;
		Interval	together;

		for (int k = 0; k < n; k++)
		{
			double		drift = 10.0 + noise(&state);

			a[k] = (int64_t) ((drift + 0.01 * noise(&state)) * MS);
			b[k] = (int64_t) ((drift + 0.01 * noise(&state)) * MS);
		}
		alone = ratio_of_medians(a, n, b, n, false);
		together = ratio_of_medians(a, n, b, n, true);
		snprintf(name, sizeof(name), "n = %d: pairs narrow the interval where both drift", n);
		ok(together.high - together.low < 0.7 * (alone.high - alone.low), name);
		ok(together.estimate == alone.estimate, "and leave the estimate alone");
		free(a);
		free(b);
	}
}

int
main(void)
{
	test_percentiles();
	test_interval_ranks();
	test_nothing_and_extremes();
	test_bootstrap();
	test_no_interval();
	test_coverage();
	test_pairing();
	return done_testing();
}
