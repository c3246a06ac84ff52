/*
 * cells.c
 *	  What is compared, in random order, in blocks on fresh connections.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/lab.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/memory.h"

/* of a block's time, at most, for one pass that is not counted */
#define WARMUP_SHARE 5

/* one block under way */
typedef struct BlockRun
{
	Plan	   *plan;
	Session    *session;
	int			ngroups;
	int64_t		until;			/* when the block's time is over */
	int64_t		group_ns;		/* of it, what a group may use before the others have had theirs */
	int64_t    *used;			/* [ngroups] */
	int		   *iterations;		/* [ngroups] */
	int		   *order;			/* [ngroups], of groups */
	int		   *cells;			/* [ncells], of a group's cells */
} BlockRun;

static int
group_of(const Plan *plan, int cell)
{
	return plan->groups != NULL ? plan->groups[cell] : 0;
}

static int
count_groups(const Plan *plan)
{
	int			n = 1;

	for (int cell = 0; cell < plan->ncells; cell++)
		if (group_of(plan, cell) >= n)
			n = group_of(plan, cell) + 1;
	return n;
}

static PlanRow *
add_row(Plan *plan)
{
	PlanRow    *row;

	if (plan->nvalues == plan->capacity)
	{
		plan->capacity = plan->capacity > 0 ? 2 * plan->capacity : 1024;
		plan->rows = xrealloc(plan->rows, (size_t) plan->capacity * sizeof(PlanRow));
	}
	row = &plan->rows[plan->nvalues++];
	row->values = xcalloc((size_t) plan->nmetrics, sizeof(double));
	for (int m = 0; m < plan->nmetrics; m++)
		row->values[m] = NAN;
	return row;
}

/* the last row was none */
static void
drop_row(Plan *plan)
{
	free(plan->rows[--plan->nvalues].values);
}

/* All cells of a group, once each. */
static bool
run_group(Lab *lab, BlockRun *block, int group, bool counts)
{
	Plan	   *plan = block->plan;
	int64_t		began = now_ns();
	int			n = 0;

	for (int cell = 0; cell < plan->ncells; cell++)
		if (group_of(plan, cell) == group)
			block->cells[n++] = cell;
	random_shuffle(&lab->random, block->cells, (size_t) n, sizeof(int));
	for (int i = 0; i < n && lab_is_alive(lab); i++)
	{
		PlanRow    *row = add_row(plan);

		*row = (PlanRow) {plan->nblocks - 1, block->iterations[group], block->cells[i], row->values};
		if (!plan->run(lab, block->session, block->cells[i], row->values, plan->context) || !lab_is_alive(lab))
		{
			drop_row(plan);
			return false;
		}
		if (!counts)
			drop_row(plan);
	}
	if (counts)
	{
		block->iterations[group]++;
		block->used[group] += now_ns() - began;
	}
	return lab_is_alive(lab);
}

/* Every group that has some of its time left, once; are there any? */
static bool
run_pass(Lab *lab, BlockRun *block, bool counts, double done, double more)
{
	bool		any = false;

	random_shuffle(&lab->random, block->order, (size_t) block->ngroups, sizeof(int));
	for (int i = 0; i < block->ngroups; i++)
	{
		int			group = block->order[i];
		bool		must = counts && block->plan->nblocks == 1 && block->iterations[group] == 0;

		/* one that had no turn gets one, and is late */
		if (!must && (block->used[group] >= block->group_ns ||
					  (counts && block->plan->iterations > 0 && block->iterations[group] >= block->plan->iterations) ||
					  (now_ns() >= block->until && (!counts || block->iterations[group] > 0))))
			continue;
		/* the first block has everything once, however slow it is, so that there is an answer */
		if (!(must ? lab_is_alive(lab) : lab_goes_on(lab)) || !run_group(lab, block, group, counts))
			return false;
		lab_progress(lab, counts ? "measuring" : "warm-up", done + more * (i + 1) / block->ngroups);
		any = true;
	}
	return any;
}

static void
run_block(Lab *lab, Plan *plan, Session *session, int64_t block_ns, double done, double more)
{
	int			ngroups = count_groups(plan);
	int64_t		began = now_ns();
	BlockRun	block = {
		.plan = plan,.session = session,.ngroups = ngroups,
		.group_ns = block_ns / ngroups,
		.used = xcalloc((size_t) ngroups, sizeof(int64_t)),
		.iterations = xcalloc((size_t) ngroups, sizeof(int)),
		.order = xcalloc((size_t) ngroups, sizeof(int)),
		.cells = xcalloc((size_t) plan->ncells, sizeof(int)),
	};

	for (int g = 0; g < ngroups; g++)
		block.order[g] = g;
	/* what is large must not spend its time on warming up */
	block.until = began + block_ns / WARMUP_SHARE;
	if (!plan->no_warmup)
		run_pass(lab, &block, false, done, 0.0);
	block.until = began + block_ns;
	while (run_pass(lab, &block, true, done, more))
		;
	free(block.used);
	free(block.iterations);
	free(block.order);
	free(block.cells);
}

bool
plan_measure(Lab *lab, Plan *plan)
{
	int			blocks = plan->blocks > 0 ? plan->blocks : PLAN_BLOCKS;
	double		seconds = lab_seconds_left(lab);
	int64_t		began = now_ns();
	int64_t		until;

	if (plan->seconds > 0)
		seconds = fmin(seconds, plan->seconds);
	until = began + (int64_t) (seconds * (double) NS_PER_S);
	for (int b = 0; b == 0 ? lab_is_alive(lab) : b < blocks && lab_goes_on(lab) && now_ns() < until; b++)
	{
		Session		session = {0};
		bool		ready = lab_connect(lab, &session);

		plan->nblocks++;
		if (ready && (plan->open == NULL || plan->open(lab, &session, plan->context)))
		{
			int64_t		left = until - now_ns();

			run_block(lab, plan, &session, left / (blocks - b), (double) b / blocks, 1.0 / blocks);
			if (plan->close != NULL && !session.lost)
				plan->close(lab, &session, plan->context);
		}
		session_close(&session);
	}
	lab_progress_end(lab);
	return !lab->failed;
}

void
plan_free(Plan *plan)
{
	for (int i = 0; i < plan->nvalues; i++)
		free(plan->rows[i].values);
	free(plan->rows);
	plan->rows = NULL;
	plan->nvalues = plan->capacity = plan->nblocks = 0;
}

int64_t
plan_n(const Plan *plan, int cell, int metric)
{
	int64_t		n = 0;

	for (int i = 0; i < plan->nvalues; i++)
		n += plan->rows[i].cell == cell && !isnan(plan->rows[i].values[metric]);
	return n;
}

/* what is made of a block's values, which may be put into another order; n >= 1 */
typedef double (*Digest) (double *values, int n, double p);

static double
digest_median(double *values, int n, double p)
{
	(void) p;
	return median_double(values, n);
}

static double
digest_mean(double *values, int n, double p)
{
	double		sum = 0.0;

	(void) p;
	for (int i = 0; i < n; i++)
		sum += values[i];
	return sum / n;
}

static double
digest_percentile(double *values, int n, double p)
{
	sort_doubles(values, n);
	return percentile_double(values, n, p);
}

/* what is taken of a row: a metric, or it against another cell's */
typedef struct Sampling
{
	const Plan *plan;
	int			left;
	int			left_metric;
	int			right;			/* -1: none */
	int			right_metric;
	bool		ratio;			/* the logarithm of it, else the difference */
} Sampling;

/* The value of the row of a cell in the same iteration as another's; NAN: it has none. */
static double
partner(const Plan *plan, int at, int cell, int metric)
{
	const PlanRow *row = &plan->rows[at];
	int			nearby = plan->ncells;	/* rows of an iteration stand together */

	for (int i = at - nearby > 0 ? at - nearby : 0; i < plan->nvalues && i <= at + nearby; i++)
	{
		const PlanRow *other = &plan->rows[i];

		if (other->cell == cell && other->block == row->block && other->iteration == row->iteration)
			return other->values[metric];
	}
	return NAN;
}

static double
sample_at(const Sampling *sampling, int at)
{
	const PlanRow *row = &sampling->plan->rows[at];
	double		left = row->values[sampling->left_metric];
	double		right;

	if (row->cell != sampling->left)
		return NAN;
	if (sampling->right < 0)
		return left;
	right = partner(sampling->plan, at, sampling->right, sampling->right_metric);
	if (!sampling->ratio)
		return left - right;
	return left > 0 && right > 0 ? log(left / right) : NAN;
}

/* Over one value for each block. */
static Estimate
estimate_of(const Sampling *sampling, Digest digest, double p, double *probability)
{
	const Plan *plan = sampling->plan;
	double	   *blocks = xcalloc((size_t) plan->nblocks + 1, sizeof(double));
	double	   *values = xcalloc((size_t) plan->nvalues + 1, sizeof(double));
	Estimate	estimate;

	for (int b = 0, at = 0; b < plan->nblocks; b++)
	{
		int			n = 0;

		for (; at < plan->nvalues && plan->rows[at].block == b; at++)
		{
			double		value = sample_at(sampling, at);

			if (!isnan(value))
				values[n++] = value;
		}
		blocks[b] = n > 0 ? digest(values, n, p) : NAN;
	}
	estimate = estimate_blocks(blocks, plan->nblocks);
	if (sampling->right >= 0 && sampling->ratio)
		estimate = estimate_exp(estimate);
	if (probability != NULL)
		*probability = estimate_p_value(blocks, plan->nblocks);
	free(blocks);
	free(values);
	return estimate;
}

Estimate
plan_median(const Plan *plan, int cell, int metric)
{
	Sampling	sampling = {plan, cell, metric, -1, 0, false};

	return estimate_of(&sampling, digest_median, 0.0, NULL);
}

Estimate
plan_mean(const Plan *plan, int cell, int metric)
{
	Sampling	sampling = {plan, cell, metric, -1, 0, false};

	return estimate_of(&sampling, digest_mean, 0.0, NULL);
}

Estimate
plan_percentile(const Plan *plan, int cell, int metric, double p)
{
	Sampling	sampling = {plan, cell, metric, -1, 0, false};

	return estimate_of(&sampling, digest_percentile, p, NULL);
}

Estimate
plan_ratio(const Plan *plan, int left, int left_metric, int right, int right_metric, double *p)
{
	Sampling	sampling = {plan, left, left_metric, right, right_metric, true};

	return estimate_of(&sampling, digest_median, 0.0, p);
}

Estimate
plan_difference(const Plan *plan, int left, int left_metric, int right, int right_metric)
{
	Sampling	sampling = {plan, left, left_metric, right, right_metric, false};

	return estimate_of(&sampling, digest_median, 0.0, NULL);
}
