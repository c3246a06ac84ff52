/*
 * test_compare.c
 *	  The statistics of compare: distributions against known answers, and
 *	  simulated comparisons, for what matters is that identical sides are not
 *	  told apart (all cells together: 5 %) and that a store made 5 % slower is
 *	  found.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compare/contrast.h"
#include "statistics/distribution.h"
#include "tap.h"

#define MAX_CELLS 100
#define MAX_RUNS 40

static uint64_t state = 42;

static double
uniform(void)
{
	uint64_t	z = (state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	z ^= z >> 31;
	return ((double) (z >> 11) + 0.5) / 9007199254740992.0;
}

static double
normal(void)
{
	double		radius = sqrt(-2.0 * log(uniform()));

	return radius * cos(6.283185307179586 * uniform());
}

static bool
close_to(double found, double expected, double tolerance, const char *name)
{
	bool		good = fabs(found - expected) <= tolerance * fabs(expected);

	if (!ok(good, name))
		printf("# found %.12g, expected %.12g\n", found, expected);
	return good;
}

static void
test_distributions(void)
{
	/* tables of Student's t */
	close_to(student_critical(0.05, 1), 12.7062047362, 1e-8, "t quantile, 1 degree of freedom");
	close_to(student_critical(0.05, 4), 2.7764451052, 1e-8, "t quantile, 4");
	close_to(student_critical(0.01, 8), 3.3553873313, 1e-8, "t quantile, 8");
	close_to(student_critical(0.001, 8), 5.0413054334, 1e-8, "t quantile, 8, far out");
	close_to(student_critical(0.05, 30), 2.0422724563, 1e-8, "t quantile, 30");
	close_to(student_critical(0.05, INFINITY), 1.9599639845, 1e-8, "t quantile, normal");
	close_to(student_critical(0.05, 1e7), 1.9599639845, 1e-5, "t quantile, nearly normal");
	close_to(student_critical(0.05, 9.5), 2.2440, 1e-4, "t quantile between whole degrees");
	/* closed forms: 1 degree of freedom is Cauchy, I_x(1, b) = 1 - (1 - x)^b */
	close_to(student_two_sided(1.0, 1), 0.5, 1e-12, "t tail, Cauchy");
	close_to(student_two_sided(2.0, 2), 1.0 - 2.0 / sqrt(6.0), 1e-12, "t tail, 2");
	close_to(incomplete_beta(1, 3, 0.2), 1 - 0.8 * 0.8 * 0.8, 1e-12, "incomplete beta, closed form");
	close_to(incomplete_beta(2, 2, 0.5), 0.5, 1e-12, "incomplete beta, symmetric");
	is_number(incomplete_beta(2, 3, 0.0), 0.0, "incomplete beta at 0");
	is_number(incomplete_beta(2, 3, 1.0), 1.0, "incomplete beta at 1");
	close_to(digamma(1.0), -0.5772156649015329, 1e-10, "digamma(1)");
	close_to(digamma(0.5), -1.9635100260214235, 1e-10, "digamma(1/2)");
	close_to(trigamma(1.0), 1.6449340668482264, 1e-10, "trigamma(1)");
	close_to(trigamma(4.0), 0.2838229557371153, 1e-10, "trigamma(4)");
	close_to(trigamma_inverse(trigamma(3.7)), 3.7, 1e-6, "trigamma inverse");
}

static void
test_known_contrast(void)
{
	/* Student's t on {1 2 3 4 5} and {2 3 4 5 6}: estimate -1, error 1, 8 degrees of freedom */
	double		left[] = {1, 2, 3, 4, 5};
	double		right[] = {2, 3, 4, 5, 6};
	double		paired[] = {1.9, 3.1, 4.0, 5.2, 5.8};
	Contrast	c = {.nleft = 5,.nright = 5,.left = left,.right = right};

	contrasts_solve(&c, 1, DESIGN_POOLED, NULL, 0.95);
	is_number(c.estimate, -1.0, "pooled: estimate");
	is_number(c.error, 1.0, "pooled: standard error");
	is_number(c.error_df, 8.0, "pooled: degrees of freedom");
	close_to(c.low, -3.3060041352, 1e-8, "pooled: low end");
	ok(!c.differs, "pooled: no difference shown");

	c.right = paired;
	contrasts_solve(&c, 1, DESIGN_PAIRED, NULL, 0.95);
	is_number(c.estimate, -1.0, "paired: estimate");
	close_to(c.error, sqrt(0.025 / 5.0), 1e-9, "paired: standard error");
	is_number(c.error_df, 4.0, "paired: degrees of freedom");
	ok(c.differs, "paired: differs");
	ok(contrasts_choose(&c, 1, true, NULL, 0.95) == DESIGN_PAIRED, "pairs that agree are paired");
	c.right = right;
	c.left = left;

	/* identical runs are not infinitely certain */
	for (int i = 0; i < 5; i++)
		left[i] = right[i] = 1.0;
	right[0] = 1.0;
	contrasts_solve(&c, 1, DESIGN_POOLED, NULL, 0.95);
	ok(c.high > 0.0005 && !c.differs, "runs without scatter keep a least noise");

	c.nleft = c.nright = 1;
	left[0] = log(1.30);
	right[0] = 0.0;
	c.single_variance = 0.0001;
	contrasts_solve(&c, 1, DESIGN_SINGLE, NULL, 0.95);
	ok(c.differs, "single runs: 30 % shows");
	left[0] = log(1.10);
	contrasts_solve(&c, 1, DESIGN_SINGLE, NULL, 0.95);
	ok(!c.differs, "single runs: 10 % does not");
}

/* how runs scatter: all standard deviations of logarithms */
typedef struct Noise
{
	const char *name;
	int			parts;
	int			sizes;
	double		whole;			/* of a run as a whole */
	double		part;			/* of a part in a run, at all sizes */
	double		own;			/* of a cell in a run */
	double		unlike;			/* of how far cells' own noise differs */
	double		walk;			/* of the drift from one run to the next */
	double		pace;			/* of the machine's pace in a run, which cells follow more or less */
	double		reference;		/* of the reference work beyond the pace; 0: no reference */
} Noise;

/* compare identical sides, but for part 0 of the left one; what is found there, and elsewhere */
static void
simulate(const Noise *noise, int runs, Design design, bool choose, double slower, int times,
		 double *found, double *found_largest, double *found_elsewhere)
{
	static double left[MAX_CELLS][MAX_RUNS];
	static double right[MAX_CELLS][MAX_RUNS];
	static double reference_left[MAX_RUNS];
	static double reference_right[MAX_RUNS];
	ReferenceRuns reference = {reference_left, reference_right};
	Contrast	contrasts[MAX_CELLS];
	int			n = noise->parts * noise->sizes;
	int			any = 0;
	int			largest = 0;
	int			elsewhere = 0;

	for (int t = 0; t < times; t++)
	{
		double		own[MAX_CELLS];
		double		follows[MAX_CELLS];
		double		drift = 0.0;
		bool		here = false;
		bool		other = false;

		for (int c = 0; c < n; c++)
		{
			own[c] = noise->own * exp(noise->unlike * normal());
			follows[c] = noise->pace > 0.0 ? 0.3 + uniform() : 0.0;
		}
		for (int r = 0; r < 2 * runs; r++)
		{
			bool		is_left = (r % 2) ^ ((r / 2) % 2);
			double		of_run;
			double		of_part = 0.0;
			double		pace = noise->pace > 0.0 ? noise->pace * normal() : 0.0;

			drift += noise->walk * normal();
			of_run = drift + noise->whole * normal();
			if (noise->reference > 0.0)
				(is_left ? reference_left : reference_right)[r / 2] = pace + noise->reference * normal();
			for (int c = 0; c < n; c++)
			{
				double		value;

				if (c % noise->sizes == 0)
					of_part = noise->part * normal();
				value = of_run + of_part + follows[c] * pace + own[c] * normal();
				if (is_left)
					left[c][r / 2] = value + (c < noise->sizes ? log1p(slower) : 0.0);
				else
					right[c][r / 2] = value;
			}
		}
		memset(contrasts, 0, sizeof(contrasts));
		for (int c = 0; c < n; c++)
		{
			contrasts[c].group = c / noise->sizes;
			contrasts[c].nleft = contrasts[c].nright = runs;
			contrasts[c].left = left[c];
			contrasts[c].right = right[c];
			contrasts[c].single_variance = 2.0 * noise->own * noise->own;
		}
		if (choose)
		{
			Contrast	found_pace = {.nleft = runs,.nright = runs};
			bool		usable = noise->reference > 0.0 && runs >= REFERENCE_RUNS &&
				!contrasts_reference_differs(&reference, true, &found_pace);

			design = contrasts_choose(contrasts, n, true, usable ? &reference : NULL, 0.95);
		}
		contrasts_solve(contrasts, n, design, &reference, 0.95);
		for (int c = 0; c < n; c++)
		{
			if (c < noise->sizes)
				here = here || contrasts[c].differs;
			else
				other = other || contrasts[c].differs;
		}
		any += here;
		largest += contrasts[0].differs;
		elsewhere += here || other;
	}
	*found = (double) any / times;
	*found_largest = (double) largest / times;
	*found_elsewhere = (double) elsewhere / times;
}

static const Noise noises[] = {
	{"cells on their own", 7, 8, 0, 0, 0.015, 0, 0, 0, 0},
	{"cells that scatter differently", 7, 8, 0, 0, 0.015, 0.5, 0, 0, 0},
	{"cells that scatter very differently", 7, 8, 0, 0, 0.015, 1, 0, 0, 0},
	{"runs that drift as a whole", 7, 8, 0.012, 0, 0.009, 0.3, 0, 0, 0},
	{"parts that drift", 7, 8, 0, 0.012, 0.009, 0.3, 0, 0, 0},
	{"a slow drift", 7, 8, 0, 0, 0.015, 0.3, 0.01, 0, 0},
	{"a strong drift", 7, 8, 0, 0.005, 0.01, 0.5, 0.03, 0, 0},
	{"few cells", 7, 2, 0, 0, 0.015, 0.3, 0, 0, 0},
	{"few sizes", 7, 4, 0, 0.01, 0.011, 0.5, 0, 0, 0},
	{"a changing pace", 7, 8, 0, 0, 0.015, 0.3, 0, 0.1, 0.015},
	{"a changing pace and parts that drift", 7, 3, 0, 0.02, 0.02, 0.3, 0, 0.15, 0.02},
	{"a reference that says nothing", 7, 8, 0.012, 0, 0.009, 0.3, 0, 0, 0.02},
};

/* 600 comparisons a time; 5 % and three standard errors */
static void
test_identical_sides(void)
{
	int			times = 600;
	double		bound = 0.05 + 3.0 * sqrt(0.05 * 0.95 / times);

	for (size_t i = 0; i < sizeof(noises) / sizeof(noises[0]); i++)
	{
		double		found, largest, any;
		char		name[120];

		simulate(&noises[i], 5, DESIGN_POOLED, false, 0.0, times, &found, &largest, &any);
		snprintf(name, sizeof(name), "identical sides, 5 runs each, not paired, %s: %.3f false", noises[i].name, any);
		ok(any <= bound, name);
		simulate(&noises[i], 5, DESIGN_POOLED, true, 0.0, times, &found, &largest, &any);
		snprintf(name, sizeof(name), "identical sides, 5 runs each, in turn, %s: %.3f false", noises[i].name, any);
		ok(any <= bound, name);
	}
	for (int runs = 3; runs <= 8; runs += 5)
	{
		double		found, largest, any;
		char		name[120];

		simulate(&noises[3], runs, DESIGN_POOLED, true, 0.0, times, &found, &largest, &any);
		snprintf(name, sizeof(name), "identical sides, %d runs each, %s: %.3f false", runs, noises[3].name, any);
		ok(any <= bound, name);
	}
}

/* two cells, one that follows the reference and one that does not, solved by hand */
static void
test_known_reference(void)
{
	double		pace_left[] = {0.0, 0.1, 0.2, 0.3, 0.4};
	double		pace_right[] = {0.1, 0.2, 0.3, 0.4, 0.5};
	double		follows_left[] = {1.0, 1.2, 1.4, 1.6, 1.8};
	double		follows_right[] = {1.2, 1.4, 1.6, 1.8, 2.0};
	double		aside_left[] = {1, 2, 3, 2, 1};
	double		aside_right[] = {2, 3, 4, 3, 2};
	ReferenceRuns reference = {pace_left, pace_right};
	Contrast	pace = {.nleft = 5,.nright = 5};
	Contrast	c = {.nleft = 5,.nright = 5,.left = follows_left,.right = follows_right};

	contrasts_solve(&c, 1, DESIGN_POOLED, NULL, 0.95);
	close_to(c.estimate, -0.2, 1e-12, "not by reference: what the pace did is in the difference");
	contrasts_solve(&c, 1, DESIGN_POOLED_BY_REFERENCE, &reference, 0.95);
	ok(fabs(c.estimate) < 1e-12, "by reference: a cell that follows the pace twice over does not differ");
	is_number(c.error_df, 7.0, "by reference: a degree of freedom less");
	/* reference: sum of squares 0.2, apart by 0.1; cell: sum of squares 5.6, of products 0 */
	c.left = aside_left;
	c.right = aside_right;
	contrasts_solve(&c, 1, DESIGN_POOLED_BY_REFERENCE, &reference, 0.95);
	close_to(c.estimate, -1.0, 1e-12, "by reference: a cell that does not follow it keeps its difference");
	close_to(c.error, sqrt(5.6 / 7.0 * (0.4 + 0.01 / 0.2)), 1e-12, "by reference: the uncertainty of the share is in the error");
	ok(!contrasts_reference_differs(&reference, false, &pace), "a reference that scatters more than it differs");
	ok(contrasts_reference_differs(&reference, true, &pace) && pace.high < 0.0, "in pairs it differs");
	close_to(pace.estimate, -0.1, 1e-12, "by so much");
}

static void
test_single_runs(void)
{
	static const Noise single[] = {
		{"3 % drift", 7, 8, 0.03, 0.01, 0.01, 0, 0, 0, 0},
		{"5 % drift", 7, 8, 0.05, 0, 0.01, 0, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
	{
		double		found, largest, any;
		char		name[120];

		simulate(&single[i], 1, DESIGN_SINGLE, false, 0.0, 600, &found, &largest, &any);
		snprintf(name, sizeof(name), "identical sides, one run each, %s: %.3f false", single[i].name, any);
		ok(any <= 0.05, name);
	}
}

static void
test_power(void)
{
	static const Noise usual = {"noise 1.5 %", 7, 8, 0.010, 0.006, 0.0095, 0.2, 0, 0, 0};
	static const Noise drifting = {"drift of 3 % a run", 7, 8, 0, 0.003, 0.007, 0.2, 0.03, 0, 0};
	static const Noise changing = {"a pace that changes by 10 %", 6, 3, 0, 0.01, 0.03, 0.2, 0, 0.1, 0.015};
	Noise		unknown = changing;
	double		found, largest, any;
	char		name[120];

	simulate(&changing, 30, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "a 5 %% slower store at one size, 30 runs each, %s: found in %.3f", changing.name, largest);
	ok(largest >= 0.9, name);
	unknown.reference = 0.0;
	simulate(&unknown, 30, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "the same without reference work: found in %.3f", largest);
	ok(largest <= 0.5, name);
	simulate(&usual, 5, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "a 5 %% slower store, 5 runs each, %s: found in %.3f", usual.name, found);
	ok(found >= 0.9, name);
	simulate(&usual, 6, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "a 5 %% slower store at one size, 6 runs each, %s: found in %.3f", usual.name, largest);
	ok(largest >= 0.8, name);
	simulate(&usual, 8, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "a 5 %% slower store at one size, 8 runs each, %s: found in %.3f", usual.name, largest);
	ok(largest >= 0.9, name);
	simulate(&drifting, 8, DESIGN_POOLED, true, 0.05, 400, &found, &largest, &any);
	snprintf(name, sizeof(name), "a 5 %% slower store, 8 runs each in turn, %s: found in %.3f", drifting.name, found);
	ok(found >= 0.6, name);
}

int
main(void)
{
	test_distributions();
	test_known_contrast();
	test_known_reference();
	test_identical_sides();
	test_single_runs();
	test_power();
	return done_testing();
}
