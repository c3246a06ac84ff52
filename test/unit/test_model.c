/*
 * test_model.c
 *	  Lines through known points, break-even against known answers.
 */
#include <stdint.h>
#include <stdlib.h>

#include "statistics/model.h"
#include "tap.h"
#include "util/memory.h"

#define N 7

static const int64_t sizes[N] = {1, 10, 100, 1000, 10000, 100000, 1000000};

/* nine values around floor + slope x bytes at every size; the median is on the line times step */
static void
make_points(int64_t **values, int *count, double floor_ns, double slope_ns_per_byte, double step)
{
	for (int i = 0; i < N; i++)
	{
		values[i] = xcalloc(9, sizeof(int64_t));
		count[i] = 9;
		for (int k = 0; k < 9; k++)
			values[i][k] = (int64_t) ((floor_ns + slope_ns_per_byte * (double) sizes[i])
									  * (sizes[i] >= 10000 ? step : 1.0) * (1.0 + 0.01 * (k - 4)));
	}
}

static void
free_points(int64_t **values)
{
	for (int i = 0; i < N; i++)
		free(values[i]);
}

static void
test_fit(void)
{
	int64_t    *values[N];
	int			count[N];
	Fit			fit;

	make_points(values, count, 150000.0, 5.0, 1.0);
	fit_make(N, sizes, values, count, &fit);
	ok(fit.known && fit.npoints == N, "seven sizes give a fit");
	ok(fabs(fit.floor_ms.estimate - 0.150) < 1e-4, "floor of a line");
	ok(fabs(fit.slope_ms_per_mb.estimate - 5.0) < 1e-3, "slope of a line, per 1,000,000 bytes");
	ok(fit.floor_ms.low <= 0.150 && fit.floor_ms.high >= 0.150 - 1e-9, "the floor's interval holds it");
	ok(fit.slope_ms_per_mb.low <= 5.0 && fit.slope_ms_per_mb.high >= 5.0 - 1e-9, "the slope's interval holds it");
	ok(fit.floor_ms.low < fit.floor_ms.high, "an interval has a width");
	ok(fit.r_squared > 0.9999, "R2 of a line");
	ok(fabs(fit.worst_percent) < 0.1, "a line misses nothing");
	ok(fabs(fit_at(&fit, 500000) - 2.65) < 1e-2, "in between");
	free_points(values);

	make_points(values, count, 150000.0, 5.0, 2.0);
	fit_make(N, sizes, values, count, &fit);
	ok(fabs(fit.worst_percent) > MODEL_POOR_PERCENT, "a step makes the fit poor");
	for (int i = 3; i < N; i++)
		count[i] = 0;
	fit_make(N, sizes, values, count, &fit);
	ok(fit.known && fit.npoints == 3, "sizes without samples are left out");
	count[2] = 0;
	fit_make(N, sizes, values, count, &fit);
	ok(!fit.known && isnan(fit_at(&fit, 1)), "two sizes give no fit");
	fit_make(0, NULL, NULL, NULL, &fit);
	ok(!fit.known, "no size gives no fit");
	free_points(values);

	for (int i = 0; i < N; i++)
	{
		values[i] = xcalloc(1, sizeof(int64_t));
		count[i] = 1;
		values[i][0] = i % 2 ? 0 : -100;
	}
	fit_make(N, sizes, values, count, &fit);
	ok(!fit.known, "medians of 0 and less give no fit");
	free_points(values);
}

static void
test_break_even(void)
{
	double		rtt;

	/* 7 calls of 1 ms and a batch of 6.9 ms at 0.1 ms: 6.9 + d = 0.9 (7 + 7 d) -> d = 0.6 / 5.3 */
	rtt = model_break_even_rtt_ms(7.0, 6.9, 7, 0.1, 0.1);
	is_number(rtt, 0.1 + 0.6 / 5.3, "saves 10 %");
	is_number(1.0 - (6.9 + rtt - 0.1) / (7.0 + 7 * (rtt - 0.1)), 0.1, "and there it does");
	rtt = model_break_even_rtt_ms(7.0, 6.9, 7, 0.1, 0.5);
	is_number(1.0 - (6.9 + rtt - 0.1) / (7.0 + 7 * (rtt - 0.1)), 0.5, "saves half");
	is_number(model_break_even_rtt_ms(7.0, 1.0, 7, 0.1, 0.1), 0.0, "saves 10 % without any network");
	is_number(model_break_even_rtt_ms(7.0, 6.9, 1, 0.1, 0.1), NAN, "one call saves nothing");
	is_number(model_break_even_rtt_ms(7.0, 6.9, 2, 0.1, 0.5), NAN, "two calls never become half");
	is_number(model_break_even_rtt_ms(NAN, 6.9, 7, 0.1, 0.1), NAN, "unknown stays unknown");
}

int
main(void)
{
	test_fit();
	test_break_even();
	return done_testing();
}
