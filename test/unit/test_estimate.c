/*
 * test_estimate.c
 *	  Student's t, Holm's procedure, percentiles, lines.
 */
#include <stdlib.h>
#include <string.h>

#include "sample/sample.h"
#include "statistics/estimate.h"
#include "statistics/line.h"
#include "statistics/percentile.h"
#include "tap.h"

#define N(values) ((int) (sizeof(values) / sizeof(values[0])))

static void
test_student(void)
{
	/* printed in every textbook, to 3 or more digits */
	static const struct
	{
		double		p;
		double		df;
		double		t;
	}			known[] = {
		{0.05, 1, 12.7062047}, {0.05, 2, 4.30265273}, {0.05, 5, 2.57058184}, {0.05, 9, 2.26215716},
		{0.05, 19, 2.09302405}, {0.05, 29, 2.04522964}, {0.05, 120, 1.97993041}, {0.01, 9, 3.24983554},
		{0.001, 19, 3.88340585}, {0.10, 4, 2.13184679},
	};
	char		name[100];

	for (int i = 0; i < N(known); i++)
	{
		double		t = student_critical(known[i].p, known[i].df);

		snprintf(name, sizeof(name), "t for p = %g, %g degrees of freedom", known[i].p, known[i].df);
		if (!ok(fabs(t - known[i].t) < 1e-7 * known[i].t, name))
			printf("# found %.9g, expected %.9g\n", t, known[i].t);
		snprintf(name, sizeof(name), "and back");
		is_number(student_two_sided(t, known[i].df), known[i].p, name);
	}
	ok(fabs(student_critical(0.05, 1e7) - 1.959963985) < 1e-8, "many degrees of freedom: the normal");
	is_number(student_two_sided(0.0, 9), 1.0, "t = 0: certain");
	ok(student_two_sided(-2.0, 9) == student_two_sided(2.0, 9), "the sign does not matter");
	/* exact for 1 and 2 degrees of freedom */
	is_number(student_two_sided(1.0, 1), 0.5, "one degree: 1 - 2 atan(1) / pi");
	is_number(student_two_sided(3.0, 2), 1.0 - 3.0 / sqrt(11.0), "two degrees: 1 - t / sqrt(2 + t^2)");
}

static void
test_blocks(void)
{
	double		values[] = {1.1, NAN, 0.9, 1.0, 1.2, 0.8, 1.0};
	double		before[N(values)];
	double		logs[] = {0.1, 0.2, 0.3, 0.2, 0.1, 0.3};
	const double same[] = {2.0, 2.0, 2.0, 2.0, 2.0, 2.0};
	const double none[] = {NAN, NAN};
	const double zeros[] = {0, 0, 0, 0, 0, 0};
	Estimate	e;
	double		half;

	memcpy(before, values, sizeof(values));
	e = estimate_blocks(values, N(values));

	/* mean 1, variance 0.1 / 5, so the error is sqrt(0.02 / 6) */
	half = 2.57058184 * sqrt(0.02 / 6.0);
	is_number(e.value, 1.0, "mean of the blocks");
	ok(e.nblocks == 6, "blocks without a value do not count");
	ok(fabs(e.low - (1.0 - half)) < 1e-8 && fabs(e.high - (1.0 + half)) < 1e-8, "interval by Student's t");
	ok(memcmp(before, values, sizeof(values)) == 0, "values are left as they were");
	ok(fabs(estimate_precision_percent(&e) - 100.0 * half) < 1e-6, "precision: half the width");

	e = estimate_blocks(values, 6);
	ok(e.nblocks == 5 && isnan(e.low) && isnan(e.high) && !isnan(e.value), "five blocks: a value, no interval");
	ok(!estimate_has_interval(&e) && isnan(estimate_precision_percent(&e)), "and no precision");
	ok(estimate_p_value(values, 6) == 1.0, "and nothing is significant");
	e = estimate_blocks(none, 2);
	ok(isnan(e.value) && e.nblocks == 0, "no value at all");
	e = estimate_blocks(NULL, 0);
	ok(isnan(e.value) && e.nblocks == 0, "no blocks");
	e = estimate_blocks(same, 6);
	ok(e.value == 2.0 && e.low == 2.0 && e.high == 2.0, "no spread: no width");
	ok(estimate_p_value(same, 6) == 0.0 && estimate_p_value(zeros, 6) == 1.0, "and certainty");

	e = estimate_exp(estimate_blocks(logs, 6));
	half = 2.57058184 * sqrt(0.04 / 5.0 / 6.0);
	is_number(e.value, exp(0.2), "logarithms: a ratio");
	ok(fabs(e.low - exp(0.2 - half)) < 1e-8 && fabs(e.high - exp(0.2 + half)) < 1e-8, "and its interval");
	is_number(estimate_p_value(logs, 6), student_two_sided(0.2 / sqrt(0.04 / 5.0 / 6.0), 5), "p of a mean");
}

static void
test_holm(void)
{
	const double p[] = {0.01, 0.04, 0.03, 0.005};
	const double close[] = {0.04, 0.03};
	const double one[] = {0.05};
	bool		rejected[4];

	/* 0.005 <= 0.05 / 4, 0.01 <= 0.05 / 3, 0.03 > 0.05 / 2: and so 0.04 stays too */
	holm(p, 4, rejected);
	ok(rejected[0] && !rejected[1] && !rejected[2] && rejected[3], "Holm's own example");
	holm(close, 2, rejected);
	ok(!rejected[0] && !rejected[1], "one that is not rejected keeps larger ones");
	holm(one, 1, rejected);
	ok(rejected[0], "one alone is held against 5 %");
	holm(NULL, 0, rejected);
}

static void
test_percentiles(void)
{
	double		twenty[20];
	double		even[] = {4.0, 1.0, 3.0, 2.0};
	double		odd[] = {3.0, 1.0, 2.0};
	int64_t		large[] = {INT64_MAX, INT64_MAX - 2, INT64_MAX - 1};
	int64_t		two[] = {7, 3};

	for (int i = 0; i < 20; i++)
		twenty[i] = i + 1;
	ok(percentile_double(twenty, 20, 95.0) == 19.0, "p95 of 20 is the 19th");
	ok(percentile_double(twenty, 20, 99.0) == 20.0, "p99 of 20 is the 20th");
	ok(percentile_double(twenty, 1, 99.0) == 1.0, "of one value each is that");
	ok(median_double(even, 4) == 2.5, "an even number: between the middle two");
	ok(median_double(odd, 3) == 2.0, "an odd number: the middle one");
	ok(isnan(median_double(odd, 0)), "no values: no median");
	ok(median_int64(large, 3) == INT64_MAX - 1, "sizes near 2^63");
	ok(median_int64(two, 2) == 3, "sizes are sizes that there were");
	ok(median_int64(two, 0) == UNKNOWN, "no sizes: no median");
}

static void
test_lines(void)
{
	static const double at[] = {1e6, 2e6, 5e6, 1e7};
	Points		points = {0};
	Points		far = {0};
	Line		line;

	ok(!line_through(&points, &line) && isnan(line.slope) && isnan(line.at_zero), "no point: no line");
	line_add(&points, 0.1, 0.3, 3.0);
	ok(!line_through(&points, &line), "nor through one point");
	line_add(&points, 0.1, 0.7, 0.1);
	ok(!line_through(&points, &line) && isnan(line.at_zero), "nor through two above each other");

	/* by hand: means 2.5 and 5.25; of what is off them xx = 5, xy = 9.5 */
	points = (Points) {0};
	line_add(&points, 1.0, 2.0, 1.0);
	line_add(&points, 2.0, 5.0, 1.0);
	line_add(&points, 3.0, 6.0, 1.0);
	line_add(&points, 4.0, 8.0, 1.0);
	ok(line_through(&points, &line) && points.n == 4, "least squares");
	is_number(line.slope, 1.9, "its slope");
	is_number(line.at_zero, 0.5, "what it is at zero");

	/* a weight of two is the point twice */
	points = (Points) {0};
	line_add(&points, 0.0, 0.0, 1.0);
	line_add(&points, 1.0, 0.0, 1.0);
	line_add(&points, 1.0, 3.0, 2.0);
	ok(line_through(&points, &line), "weights");
	is_number(line.slope, 2.0, "a line through the weighed mean");
	is_number(line.at_zero, 0.0, "and the other point");

	/* sizes around 1 TB: their squares have no digits left for what is between them */
	for (int i = 0; i < N(at); i++)
		line_add(&far, 1e12 + at[i], 3.0 + 2.0 * at[i], 1.0);
	ok(line_through(&far, &line) && fabs(line.slope - 2.0) < 1e-9, "points far from zero and close together");

	line_add(&far, 1e7, NAN, 1.0);
	ok(!line_through(&far, &line) && isnan(line.slope), "a value that is missing: no line");
}

int
main(void)
{
	test_student();
	test_blocks();
	test_holm();
	test_percentiles();
	test_lines();
	return done_testing();
}
