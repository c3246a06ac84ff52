/*
 * contrast.c
 *	  Moderated t tests on the run-level medians of many cells.
 */
#include <math.h>

#include "contrast.h"
#include "distribution.h"

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

static double
sum_of_squares(const double *x, int n)
{
	double		centre = mean(x, n);
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += (x[i] - centre) * (x[i] - centre);
	return sum;
}

/* the cell's own estimate, variance and degrees of freedom */
static void
solve_alone(Contrast *c, Design design)
{
	double		least = LEAST_NOISE * LEAST_NOISE;

	c->estimate = mean(c->left, c->nleft) - mean(c->right, c->nright);
	if (design == DESIGN_PAIRED)
	{
		double		sum = 0.0;

		for (int i = 0; i < c->nleft; i++)
		{
			double		d = c->left[i] - c->right[i] - c->estimate;

			sum += d * d;
		}
		c->df = c->nleft - 1;
		c->variance = sum / c->df;
		least *= 2.0;
	}
	else if (design == DESIGN_POOLED)
	{
		c->df = c->nleft + c->nright - 2;
		c->variance = (sum_of_squares(c->left, c->nleft)
					   + sum_of_squares(c->right, c->nright)) / c->df;
	}
	else
	{
		c->df = INFINITY;
		c->variance = c->single_variance + 2.0 * ASSUMED_DRIFT * ASSUMED_DRIFT;
	}
	c->variance = fmax(c->variance, least);
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
contrasts_solve(Contrast *contrasts, int n, Design design, double confidence)
{
	double		p = (1.0 - confidence) / (n > 0 ? n : 1);
	double		prior = 0.0;
	double		prior_df = 0.0;
	double		critical = 0.0;
	double		critical_df = -1.0;

	for (int i = 0; i < n; i++)
		solve_alone(&contrasts[i], design);
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
		if (design == DESIGN_PAIRED)
			variance /= c->nleft;
		else if (design == DESIGN_POOLED)
			variance *= 1.0 / c->nleft + 1.0 / c->nright;
		c->error = sqrt(variance);
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
contrasts_choose(Contrast *contrasts, int n, double confidence)
{
	double		widths[2];

	for (int design = DESIGN_PAIRED; design <= DESIGN_POOLED; design++)
	{
		widths[design] = 0.0;
		contrasts_solve(contrasts, n, (Design) design, confidence);
		for (int i = 0; i < n; i++)
			widths[design] += log(contrasts[i].high - contrasts[i].low);
	}
	return widths[DESIGN_PAIRED] < widths[DESIGN_POOLED] ? DESIGN_PAIRED : DESIGN_POOLED;
}
