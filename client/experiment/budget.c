/*
 * budget.c
 *	  The experiment budget: how large may a payload be, so that 95 % of the steps stay
 *	  within a time?
 *
 * First the size is bracketed by the median, by doubling and bisection of its logarithm.
 * Then sizes around it are measured in blocks, all ways in turns, and each block says at
 * which size its p95 is the budget.  What is found is the lower end of their interval,
 * which is measured again in blocks of its own; where it does not hold, a smaller one is.
 */
#include <math.h>
#include <stdlib.h>

#include "experiment/budget.h"
#include "experiment/list.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

#define DEFAULT_BUDGET_NS (10 * NS_PER_MS)
#define DEFAULT_LARGEST INT64_C(16000000)

/* of the experiment's time: until when bracketing, sizes around and the first confirming last */
#define BRACKET_UNTIL 0.12
#define AROUND_UNTIL 0.6
#define CONFIRM_UNTIL 0.85

#define CONFIRM_ROUNDS 4
#define SMALLER 0.8				/* than what did not hold */

#define BRACKET_FIRST 1000
#define BRACKET_FACTOR 4
#define BRACKET_WORKFLOWS 3
#define BISECTIONS 4

/* what is written at most, on disk and in WAL, before vacuum and checkpoints give it back */
#define MOST_WRITTEN 6e9

/* sizes that a block compares, against its centre */
static const double around[] = {0.6, 1.0, 1.5};

#define NAROUND ((int) (sizeof(around) / sizeof(around[0])))

static int64_t
clamp_size(const Budget *b, double size)
{
	return size >= (double) b->largest ? b->largest : budget_round(size);
}

/* ------------------------------------------------------------------------
 * Where to look
 * ------------------------------------------------------------------------
 */

static bool
bracket_at(Lab *lab, Budget *b, Session *session, int way, int64_t size, int probe, double *median)
{
	TurnFilter	filter = {way, BUDGET_BRACKET, -1, probe, size};
	double	   *values;

	for (int i = 0; i < BRACKET_WORKFLOWS; i++)
		if (!budget_workflow(lab, b, session, way, size, BUDGET_BRACKET, 0, probe, true))
			return false;
	values = xcalloc((size_t) b->nturns, sizeof(double));
	*median = median_double(values, budget_times(b, &filter, values));
	free(values);
	return !isnan(*median);
}

/* The size whose steps take about as long as the budget, by bisection of its logarithm. */
static bool
bracket(Lab *lab, Budget *b, Session *session, int way)
{
	BudgetWay  *w = &b->ways[way];
	double		low = LEAST_SIZE;	/* within the budget, or the least */
	double		high = NAN;		/* above it */
	double		median = 0.0;
	int			probe = 0;

	for (double size = BRACKET_FIRST;; size *= BRACKET_FACTOR)
	{
		int64_t		bytes = clamp_size(b, size);

		if (!bracket_at(lab, b, session, way, bytes, probe++, &median))
			return false;
		if (median > b->ms)
			high = (double) bytes;
		else
			low = (double) bytes;
		if (median > b->ms || bytes == b->largest)
			break;
	}
	for (int i = 0; i < BISECTIONS && !isnan(high) && lab_is_alive(lab); i++)
	{
		int64_t		bytes = clamp_size(b, sqrt(low * high));

		if (!bracket_at(lab, b, session, way, bytes, probe++, &median))
			return false;
		if (median > b->ms)
			high = (double) bytes;
		else
			low = (double) bytes;
	}
	w->centre = clamp_size(b, isnan(high) ? low : sqrt(low * high));
	budget_fit(b, way, BUDGET_BRACKET, &w->line);
	return true;
}

static bool
bracket_all(Lab *lab, Budget *b)
{
	Session		session = {0};
	bool		good = lab_connect(lab, &session);

	for (int way = 0; way < b->nways && good && lab_is_alive(lab); way++)
	{
		/* its plans, and pages that are there */
		good = budget_workflow(lab, b, &session, way, LEAST_SIZE, BUDGET_BRACKET, 0, 0, false) &&
			bracket(lab, b, &session, way);
		lab_progress(lab, "bracketing", BRACKET_UNTIL * (way + 1) / b->nways);
	}
	session_close(&session);
	return good;
}

/* ------------------------------------------------------------------------
 * Blocks, in which all ways take turns
 * ------------------------------------------------------------------------
 */

/* one thing that a block measures again and again */
typedef struct Task
{
	int			way;
	int64_t		size;
} Task;

/* Its tasks in turns on a connection of its own, all once at least, until the time is over. */
static bool
run_block(Lab *lab, Budget *b, Task *tasks, int ntasks, BudgetPhase phase, int round, int block, int64_t until)
{
	Session		session = {0};
	bool		good = lab_connect(lab, &session);
	bool		warm = false;

	while (good && ntasks > 0)
	{
		bool		first = warm;

		random_shuffle(&lab->random, tasks, (size_t) ntasks, sizeof(Task));
		for (int i = 0; i < ntasks && good; i++)
		{
			/* a first pass that does not count, and one that does */
			good = lab_is_alive(lab) &&
				budget_workflow(lab, b, &session, tasks[i].way, tasks[i].size, phase, round, block, warm);
			lab_progress(lab, phase == BUDGET_AROUND ? "measuring" : "measuring again", 1.0 - lab_seconds_left(lab) / lab->seconds);
		}
		if (first && now_ns() >= until)
			break;
		warm = true;
	}
	session_close(&session);
	return good;
}

static int64_t
time_at(const Lab *lab, double share)
{
	return lab->began + (int64_t) (share * lab->seconds * (double) NS_PER_S);
}

static int
blocks_of(const Lab *lab)
{
	return lab->options->quick ? LEAST_INTERVAL_BLOCKS : PLAN_BLOCKS;
}

/* What the blocks so far say, for the next one and at the end. */
static void
look_again(Budget *b, int way)
{
	BudgetWay  *w = &b->ways[way];

	/* sizes that make no difference leave the line that there was */
	budget_fit(b, way, BUDGET_AROUND, &w->line);
	if (!w->line.known)
		return;
	w->edge = budget_edge(b, way);
	if (!isnan(w->edge.value))
		w->centre = clamp_size(b, w->edge.value);
}

/*
 * The largest of a block's sizes takes well above the budget: where most of the time
 * is not the payload's, sizes near each other would say nothing of what a byte costs.
 */
static int
make_tasks(const Budget *b, Task *tasks)
{
	int			n = 0;

	for (int way = 0; way < b->nways; way++)
	{
		const BudgetWay *w = &b->ways[way];
		double		beyond = w->line.known ? (1.3 * b->ms - w->line.base) / w->line.slope : 0.0;
		int64_t		last = 0;

		for (int i = 0; i < NAROUND; i++)
		{
			double		size = around[i] * (double) w->centre;
			int64_t		bytes = clamp_size(b, i == NAROUND - 1 ? fmax(size, beyond) : size);

			if (bytes != last)
				tasks[n++] = (Task) {way, bytes};
			last = bytes;
		}
	}
	return n;
}

static bool
measure_around(Lab *lab, Budget *b)
{
	int			blocks = blocks_of(lab);
	Task		tasks[MOST_WAYS * NAROUND];
	bool		good = true;

	for (int block = 0; block < blocks && good && (block == 0 ? lab_is_alive(lab) : lab_goes_on(lab)); block++)
	{
		int64_t		now = now_ns();
		int64_t		left = time_at(lab, AROUND_UNTIL) - now;

		/* what cannot be had in its time is had in fewer blocks */
		if (left <= 0 && block >= LEAST_INTERVAL_BLOCKS)
			break;
		good = run_block(lab, b, tasks, make_tasks(b, tasks), BUDGET_AROUND, 0, block, now + left / (blocks - block));
		b->naround += good;
		for (int way = 0; way < b->nways && good; way++)
		{
			b->ways[way].sought = true;
			look_again(b, way);
		}
	}
	return good;
}

/* ------------------------------------------------------------------------
 * The size found, measured again
 * ------------------------------------------------------------------------
 */

static void
choose_found(Budget *b, int way)
{
	BudgetWay  *w = &b->ways[way];
	double		low = estimate_has_interval(&w->edge) ? w->edge.low : SMALLER * w->edge.value;

	/* where no size makes a difference the median alone says on which side all of them are */
	if (isnan(w->edge.value))
		w->found = w->centre;
	else
		/* of a wide interval not the end: whether it holds is then measured, and smaller ones if not */
		w->found = clamp_size(b, fmax(low, w->edge.value / 2));
}

static bool
holds(const Budget *b, int way)
{
	int64_t		n;
	Estimate	p95 = budget_confirmed_p95(b, way, &n);

	return n > 0 && p95.value <= b->ms;
}

/* Those that are still to be confirmed, in blocks of a round. */
static bool
confirm_round(Lab *lab, Budget *b, int round, bool *open)
{
	int			blocks = LEAST_INTERVAL_BLOCKS;
	int64_t		end = time_at(lab, CONFIRM_UNTIL + (1.0 - CONFIRM_UNTIL) * round / (CONFIRM_ROUNDS - 1));
	bool		good = true;

	for (int block = 0; block < blocks && good && (round == 0 && block == 0 ? lab_is_alive(lab) : lab_goes_on(lab)); block++)
	{
		Task		tasks[MOST_WAYS];
		int			n = 0;
		int64_t		now = now_ns();

		for (int way = 0; way < b->nways; way++)
		{
			if (!open[way])
				continue;
			tasks[n++] = (Task) {way, b->ways[way].found};
			b->ways[way].rounds = round + 1;
		}
		good = run_block(lab, b, tasks, n, BUDGET_CONFIRM, round, block, now + (end - now) / (blocks - block));
	}
	return good;
}

static bool
confirm(Lab *lab, Budget *b)
{
	bool		open[MOST_WAYS];
	bool		any = true;
	bool		good = true;

	for (int way = 0; way < b->nways; way++)
	{
		open[way] = true;
		choose_found(b, way);
	}
	for (int round = 0; round < CONFIRM_ROUNDS && any && good && (round == 0 ? lab_is_alive(lab) : lab_goes_on(lab)); round++)
	{
		good = confirm_round(lab, b, round, open);
		any = false;
		for (int way = 0; way < b->nways && good; way++)
		{
			BudgetWay  *w = &b->ways[way];

			if (!open[way])
				continue;
			open[way] = !holds(b, way) && w->found > LEAST_SIZE;
			if (open[way] && round + 1 < CONFIRM_ROUNDS && lab_goes_on(lab))
			{
				w->found = budget_round(SMALLER * (double) w->found);
				any = true;
			}
		}
	}
	for (int way = 0; way < b->nways; way++)
	{
		BudgetWay  *w = &b->ways[way];

		w->too_slow = w->rounds > 0 && w->found <= LEAST_SIZE && !holds(b, way);
		w->all_fit = w->rounds > 0 && w->found == b->largest && holds(b, way);
	}
	return good;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static int64_t
largest_size(const Lab *lab)
{
	const Parameters *run = lab->options->run;
	int64_t		largest = 0;

	if (!lab->options->sizes_given)
		return DEFAULT_LARGEST;
	for (int s = 0; s < run->nsizes; s++)
		if (run->sizes[s] > largest)
			largest = run->sizes[s];
	return largest;
}

/* All drives and origins, unless some were asked for; a quick one what an SDK does. */
static void
choose_ways(const Lab *lab, Budget *b)
{
	const LabOptions *options = lab->options;

	for (Drive drive = 0; drive < OWN_DRIVES; drive++)
		for (Origin origin = 0; origin < ORIGIN_COUNT; origin++)
		{
			bool		has_origin = options->origins_given ? options->run->origins[origin] :
				!options->quick || origin == ORIGIN_CLIENT;

			if (has_origin && (!options->drives_given || options->run->drives[drive]) &&
				(drive != DRIVE_PIPELINE || HAS_PIPELINE))
				b->ways[b->nways++] = (BudgetWay) {.drive = drive,.origin = origin,.edge = estimate_unknown()};
		}
}

static bool
run_budget(Lab *lab, ExperimentResult *result)
{
	Budget		b = {.ms = (double) (lab->options->budget_ns > 0 ? lab->options->budget_ns : DEFAULT_BUDGET_NS) / (double) NS_PER_MS};
	bool		good;

	b.largest = largest_size(lab);
	choose_ways(lab, &b);
	good = bracket_all(lab, &b) && measure_around(lab, &b) && confirm(lab, &b);
	budget_result(lab, &b, result);
	free(b.turns);
	return good || !lab->failed;
}

static bool
allowed(Lab *lab)
{
	int64_t		largest = largest_size(lab);
	double		most = lab_number(lab, "SELECT setting::pg_catalog.float8 * CASE unit WHEN 'kB' THEN 1024 WHEN 'MB' THEN 1048576 ELSE 1 END"
								  " FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'dbos_payload.max_payload_bytes'");

	if (largest < 1)
	{
		print_error("budget: the largest of --sizes is the most that is tried; it has a byte at least");
		return false;
	}

	/* a call of a procedure or a pipeline holds all of its steps */
	if ((double) largest * BUDGET_STEPS > most)
	{
		print_error("budget: %d steps of %lld bytes are tried, and dbos_payload.max_payload_bytes is %.0f. Take a smaller --sizes.",
					BUDGET_STEPS, (long long) largest, most);
		return false;
	}
	return lab_has_room(lab, MOST_WRITTEN);
}

const Experiment experiment_budget = {
	.name = "budget",
	.summary = "the largest payload that stays within a time",
	.question = "How large may a payload be so that 95 % of the steps stay within a time, and what takes that time?",
	.needs = "it writes up to 4 GB into dbos_payload's own tables, as fast as the server takes it, and deletes those rows again; vacuum gives their room back",
	.seconds = 80,
	.quick_seconds = 14,
	.uses = USES_SIZES | USES_DRIVES | USES_ORIGINS | USES_BUDGET,
	.needs_extension = true,
	.allowed = allowed,
	.run = run_budget,
};
