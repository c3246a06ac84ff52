/*
 * contrast.c
 *	  Moderated t tests on the run-level medians of many cells.
 */
#include <math.h>
#include <stddef.h>

#include "compare/contrast.h"
#include "statistics/distribution.h"

/*
 * What is lent never weighs more than a cell's own degrees of freedom: runs
 * drift as a whole, so the variances of a group resemble each other also where
 * all of them are wrong.
 */
#define PRIOR_CAP 1.0

/*
 * The scatter of a few variances is itself poorly known, and taking it as too
 * small lends too much: take it this many of its standard errors larger.
 */
#define CAUTION 1.0

/* groups smaller than this lend nothing: their scatter of variances cannot be judged */
#define LEAST_GROUP 5

static double
mean(const double *x, int n)
{
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += x[i];
	return sum / n;
}

/* sum of the products of what x and y are away from their means */
static double
sum_of_products(const double *x, const double *y, int n)
{
	double		x_mean = mean(x, n);
	double		y_mean = mean(y, n);
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += (x[i] - x_mean) * (y[i] - y_mean);
	return sum;
}

/* the same of the differences within pairs */
static double
sum_of_paired_products(const double *x_left, const double *x_right,
					   const double *y_left, const double *y_right, int n)
{
	double		x_mean = mean(x_left, n) - mean(x_right, n);
	double		y_mean = mean(y_left, n) - mean(y_right, n);
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += (x_left[i] - x_right[i] - x_mean) * (y_left[i] - y_right[i] - y_mean);
	return sum;
}

static bool
is_paired(Design design)
{
	return design == DESIGN_PAIRED || design == DESIGN_PAIRED_BY_REFERENCE;
}

static bool
is_by_reference(Design design)
{
	return design == DESIGN_PAIRED_BY_REFERENCE || design == DESIGN_POOLED_BY_REFERENCE;
}

/* sums of squares and products of the cell and the reference, as the design sees them */
typedef struct Sums
{
	double		cell;
	double		reference;
	double		both;
} Sums;

static Sums
sums_of(const Contrast *c, bool paired, const ReferenceRuns *reference)
{
	const ReferenceRuns *r = reference;
	Sums		sums = {0};

	if (paired)
	{
		sums.cell = sum_of_paired_products(c->left, c->right, c->left, c->right, c->nleft);
		if (r != NULL)
		{
			sums.reference = sum_of_paired_products(r->left, r->right, r->left, r->right, c->nleft);
			sums.both = sum_of_paired_products(r->left, r->right, c->left, c->right, c->nleft);
		}
		return sums;
	}
	sums.cell = sum_of_products(c->left, c->left, c->nleft)
		+ sum_of_products(c->right, c->right, c->nright);
	if (r != NULL)
	{
		sums.reference = sum_of_products(r->left, r->left, c->nleft)
			+ sum_of_products(r->right, r->right, c->nright);
		sums.both = sum_of_products(r->left, c->left, c->nleft)
			+ sum_of_products(r->right, c->right, c->nright);
	}
	return sums;
}

/* the cell's own estimate, variance and degrees of freedom */
static void
solve_alone(Contrast *c, Design design, const ReferenceRuns *reference)
{
	double		least = LEAST_NOISE * LEAST_NOISE;
	bool		paired = is_paired(design);
	Sums		sums;

	c->estimate = mean(c->left, c->nleft) - mean(c->right, c->nright);
	c->weight = 1.0;
	if (design == DESIGN_SINGLE)
	{
		c->df = INFINITY;
		c->variance = c->single_variance + 2.0 * ASSUMED_DRIFT * ASSUMED_DRIFT;
		return;
	}

	sums = sums_of(c, paired, is_by_reference(design) ? reference : NULL);
	c->df = paired ? c->nleft - 1 : c->nleft + c->nright - 2;
	c->weight = paired ? 1.0 / c->nleft : 1.0 / c->nleft + 1.0 / c->nright;
	if (sums.reference > 0.0)
	{
		double		slope = sums.both / sums.reference;
		double		pace = mean(reference->left, c->nleft) - mean(reference->right, c->nright);

		sums.cell = fmax(sums.cell - slope * sums.both, 0.0);
		c->estimate -= slope * pace;
		c->weight += pace * pace / sums.reference;
		c->df--;
	}
	if (paired)
		least *= 2.0;
	c->variance = fmax(sums.cell / c->df, least);
}

/*
 * What the variances of a group say together: prior variance and prior degrees
 * of freedom (0: nothing).  Method of moments on their logarithms.
 */
static void
group_prior(const Contrast *contrasts, int n, int group, double *variance, double *df)
{
	double		sum = 0.0;
	double		squares = 0.0;
	double		expected = 0.0;
	double		own = 0.0;
	double		excess;
	double		centre;
	double		scatter;
	int			count = 0;

	*variance = 0.0;
	*df = 0.0;
	for (int i = 0; i < n; i++)
	{
		const Contrast *c = &contrasts[i];
		double		e;

		if (c->group != group)
			continue;
		e = log(c->variance) - digamma(c->df / 2.0) + log(c->df / 2.0);
		sum += e;
		squares += e * e;
		expected += trigamma(c->df / 2.0);
		own += c->df;
		count++;
	}
	if (count < LEAST_GROUP)
		return;
	centre = sum / count;
	scatter = (squares - count * centre * centre) / (count - 1);
	scatter *= 1.0 + CAUTION * sqrt(2.0 / (count - 1));
	excess = scatter - expected / count;
	*df = excess > 0.0 ? 2.0 * trigamma_inverse(excess) : INFINITY;
	*variance = exp(centre);
	if (isfinite(*df))
		*variance *= exp(digamma(*df / 2.0) - log(*df / 2.0));
	*df = fmin(*df, PRIOR_CAP * own / count);
}

void
contrasts_solve(Contrast *contrasts, int n, Design design,
				const ReferenceRuns *reference, double confidence)
{
	double		p = (1.0 - confidence) / (n > 0 ? n : 1);
	double		prior = 0.0;
	double		prior_df = 0.0;
	double		critical = 0.0;
	double		critical_df = -1.0;

	for (int i = 0; i < n; i++)
		solve_alone(&contrasts[i], design, reference);
	for (int i = 0; i < n; i++)
	{
		Contrast   *c = &contrasts[i];
		double		variance = c->variance;
		double		half;

		c->error_df = c->df;
		if (design != DESIGN_SINGLE)
		{
			if (i == 0 || contrasts[i - 1].group != c->group)
				group_prior(contrasts, n, c->group, &prior, &prior_df);
			c->error_df = c->df + prior_df;
			/* a noisier cell than its group stays as noisy as its own runs say */
			variance = fmax(variance, (c->df * c->variance + prior_df * prior) / c->error_df);
		}
		c->error = sqrt(variance * c->weight);
		/* mostly that of the cell before */
		if (c->error_df != critical_df)
		{
			critical_df = c->error_df;
			critical = student_critical(p, critical_df);
		}
		half = critical * c->error;
		c->low = c->estimate - half;
		c->high = c->estimate + half;
		c->differs = c->low > 0.0 || c->high < 0.0;
	}
}

Design
contrasts_choose(Contrast *contrasts, int n, bool alternating,
				 const ReferenceRuns *reference, double confidence)
{
	Design		best = DESIGN_POOLED;
	double		best_width = INFINITY;

	for (Design design = DESIGN_PAIRED; design < DESIGN_SINGLE; design++)
	{
		double		width = 0.0;

		if (is_paired(design) && !alternating)
			continue;
		if (is_by_reference(design) && reference == NULL)
			continue;
		contrasts_solve(contrasts, n, design, reference, confidence);
		for (int i = 0; i < n; i++)
			width += log(contrasts[i].high - contrasts[i].low);
		if (width < best_width)
		{
			best_width = width;
			best = design;
		}
	}
	return best;
}

bool
contrasts_reference_differs(const ReferenceRuns *reference, bool alternating, Contrast *found)
{
	found->left = reference->left;
	found->right = reference->right;
	/* 99 %: one comparison in a hundred goes without, for nothing */
	contrasts_solve(found, 1, DESIGN_POOLED, NULL, 0.99);
	if (alternating)
	{
		Contrast	paired = *found;

		contrasts_solve(&paired, 1, DESIGN_PAIRED, NULL, 0.99);
		if (paired.differs || !found->differs)
			*found = paired;
	}
	return found->differs;
}
