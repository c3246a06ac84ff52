/*
 * concurrency_result.c
 *	  What the experiment concurrency came to.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/concurrency.h"
#include "report/experiment.h"
#include "report/text.h"
#include "util/memory.h"

/* a level that gets no more than this above the one below it adds nothing worth having */
#define GROWS_BY 1.05

/* processors that are busier than this leave no room */
#define BUSY_PERCENT 85.0

/* of the time of a backend, for a wait to be named */
#define MUCH_PERCENT 20.0

/* more of the steps than this are not done in the time in which they are due: the rate is not reached */
#define SHORT_SHARE 0.03

typedef struct Findings
{
	Lab		   *lab;
	const Concurrency *c;
	const Plan *closed;
	const Plan *open;
} Findings;

/* "calls, server, 1 B"; valid for a while, as words are */
static const char *
work_words(const LoadWork *work)
{
	static char texts[8][120];
	static int	next = 0;
	char	   *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%s, %s, %s", drive_names[work->drive], origin_names[work->origin], words_bytes(work->size));
	return text;
}

/* The wait that a cell's connections were seen in most often, from that place on; its share in percent. */
static double
wait_share(const Concurrency *c, int cell, int wait)
{
	return c->watched[cell] > 0 ? 100.0 * (double) c->waits[wait].counts[cell] / (double) c->watched[cell] : NAN;
}

static int
most_frequent(const Concurrency *c, int cell, bool server_alone)
{
	int			most = -1;

	for (int w = 0; w < c->nwaits; w++)
	{
		const char *name = c->waits[w].name;

		/* the server has nothing to do then, or does it */
		if (server_alone && (strcmp(name, "Client:ClientRead") == 0 || strcmp(name, "none") == 0))
			continue;
		if (most < 0 || c->waits[w].counts[cell] > c->waits[most].counts[cell])
			most = w;
	}
	return most >= 0 && c->waits[most].counts[cell] > 0 ? most : -1;
}

static void
put(ExperimentTable *table, const Plan *plan, int cell, LoadMetric metric)
{
	result_estimate(table, plan_median(plan, cell, metric), plan_n(plan, cell, metric));
}

/* A metric that is a count, summed over all slots of a cell. */
static double
sum_of(const Plan *plan, int cell, LoadMetric metric)
{
	double		sum = 0;

	for (int i = 0; i < plan->nvalues; i++)
		if (plan->rows[i].cell == cell && plan->rows[i].values[metric] > 0)
			sum += plan->rows[i].values[metric];
	return sum;
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

static const struct
{
	LoadMetric	metric;
	const char *name;
	const char *title;
	Unit		unit;
	Show		show;
	const char *meaning;
}			columns[] = {
	{L_STEPS, "steps", "steps", UNIT_PER_S, SHOW_INTERVAL, "Steps that were answered, a second: the blocks' median."},
	{L_MB, "mb", "payload", UNIT_MB_PER_S, SHOW_FULL, "Their payloads."},
	{L_P50, "p50", "p50", UNIT_MS, SHOW_BRIEF, "From sending a turn to its answer; a turn is one step, of pipeline and procedure ten."},
	{L_P95, "p95", "p95", UNIT_MS, SHOW_FULL, "Likewise: 95 of 100 take no longer."},
	{L_P99, "p99", "p99", UNIT_MS, SHOW_BRIEF, "Likewise: 99 of 100."},
	{L_MAX, "max", "max", UNIT_MS, SHOW_FULL, "Likewise: the longest of a slot."},
	{L_FLUSHES, "flushes", "flushes", UNIT_RATIO, SHOW_FULL, "Flushes of WAL by the whole server for each step, which is one commit: below 1 commits share them. From PostgreSQL 14 on."},
	{L_CLIENT_CPU, "client_cpu", "client CPU", UNIT_MS, SHOW_FULL, "Processor time of this program for each step, sampling the waits and all."},
	{L_SERVER_CPU, "server_cpu", "server CPU", UNIT_MS, SHOW_FULL, "Processor time of the sessions' backends for each step, by backend_usage()."},
	{L_BUSY, "busy", "CPU busy", UNIT_PERCENT, SHOW_FULL, "Of all processors of this host, whoever used them; where the server is here."},
};

#define NCOLUMNS ((int) (sizeof(columns) / sizeof(columns[0])))

static void
add_levels(const Findings *f, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	ExperimentTable *table = result_table(result, "levels", "Closed loop: each client sends its next step when the last one is answered", true);

	result_column(table, "work", "steps", UNIT_LABEL, SHOW_BRIEF, "Drive, origin and size.");
	result_column(table, "clients", "clients", UNIT_COUNT, SHOW_BRIEF, "Connections, each with a workflow of its own.");
	for (int i = 0; i < NCOLUMNS; i++)
		result_column(table, columns[i].name, columns[i].title, columns[i].unit, columns[i].show, columns[i].meaning);
	result_column(table, "more", "vs 1 client", UNIT_RATIO, SHOW_FULL, "Steps a second against one client's, in the same block.");
	result_column(table, "wait", "most seen", UNIT_LABEL, SHOW_BRIEF, "What the connections were seen in most often; none: running, or waiting for a processor.");
	result_column(table, "turns", "turns", UNIT_COUNT, SHOW_FULL, "Turns that were measured.");
	for (int cell = 0; cell < c->ncells && c->cells[cell].work < c->nplain; cell++)
	{
		int			wait = most_frequent(c, cell, false);

		if (plan_n(f->closed, cell, L_STEPS) == 0)
			continue;
		result_label(table, "%s", work_words(&c->works[c->cells[cell].work]));
		result_exact(table, c->cells[cell].clients);
		for (int i = 0; i < NCOLUMNS; i++)
			put(table, f->closed, cell, columns[i].metric);
		result_estimate(table, c->cells[cell].clients == 1 ? estimate_exact(1.0) :
						plan_ratio(f->closed, cell, L_STEPS, find_cell(c, c->cells[cell].work, 1), L_STEPS, NULL),
						plan_n(f->closed, cell, L_STEPS));
		if (wait >= 0)
			result_label(table, "%s %.0f %%", c->waits[wait].name, wait_share(c, cell, wait));
		else
			result_label(table, "n/a");
		result_exact(table, sum_of(f->closed, cell, L_TURNS));
	}
}

static const char *
parallel_words(const LoadWork *work)
{
	return work->row_lock ? "with the row lock" : "record";
}

static void
add_parallel(const Findings *f, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	ExperimentTable *table;

	if (c->nworks == c->nplain)
		return;
	table = result_table(result, "parallel", "Steps of one workflow in parallel, by our record and under the row lock that SDKs take", true);
	result_column(table, "way", "way", UNIT_LABEL, SHOW_BRIEF, "record: payload_step or record_step as it is, which locks the workflow's row for other steps to share; row lock: after SELECT ... FOR NO KEY UPDATE of that row, in the same transaction.");
	result_column(table, "workflows", "workflows", UNIT_COUNT, SHOW_BRIEF, "1: all clients record steps of the same one.");
	result_column(table, "clients", "clients", UNIT_COUNT, SHOW_FULL, "Connections.");
	result_column(table, "steps", "steps", UNIT_PER_S, SHOW_BRIEF, "Steps that were answered, a second.");
	result_column(table, "p50", "p50", UNIT_MS, SHOW_BRIEF, "From sending a step to its answer.");
	result_column(table, "p99", "p99", UNIT_MS, SHOW_BRIEF, "Likewise: 99 of 100 take no longer.");
	result_column(table, "flushes", "flushes", UNIT_RATIO, SHOW_BRIEF, "Flushes of WAL for each step.");
	result_column(table, "against", "vs record, own", UNIT_RATIO, SHOW_INTERVAL, "Steps a second against record with a workflow for each client, in the same block.");
	for (int cell = 0; cell < c->ncells; cell++)
	{
		const LoadWork *work = &c->works[c->cells[cell].work];

		if (c->cells[cell].clients != c->clients || (c->cells[cell].work > 0 && c->cells[cell].work < c->nplain) ||
			plan_n(f->closed, cell, L_STEPS) == 0)
			continue;
		result_label(table, "%s", parallel_words(work));
		result_exact(table, work->one_workflow ? 1 : c->clients);
		result_exact(table, c->clients);
		put(table, f->closed, cell, L_STEPS);
		put(table, f->closed, cell, L_P50);
		put(table, f->closed, cell, L_P99);
		put(table, f->closed, cell, L_FLUSHES);
		result_estimate(table, c->cells[cell].work == 0 ? estimate_exact(1.0) :
						plan_ratio(f->closed, cell, L_STEPS, find_cell(c, 0, c->clients), L_STEPS, NULL),
						plan_n(f->closed, cell, L_STEPS));
	}
}

static void
add_open(const Findings *f, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	ExperimentTable *table;

	if (f->open->nvalues == 0)
		return;
	table = result_table(result, "open", "Open loop: steps are due at a rate, and their time begins when they are due", true);
	result_column(table, "work", "steps", UNIT_LABEL, SHOW_BRIEF, "Drive, origin and size.");
	result_column(table, "clients", "clients", UNIT_COUNT, SHOW_FULL, "Connections.");
	result_column(table, "rate", "due", UNIT_PER_S, SHOW_BRIEF, "Steps that are due a second, the times between them drawn from an exponential distribution.");
	result_column(table, "steps", "done", UNIT_PER_S, SHOW_BRIEF, "Steps that were answered, a second.");
	result_column(table, "p50", "p50", UNIT_MS, SHOW_BRIEF, "From when a turn was due to its answer, waiting for a free connection and all.");
	result_column(table, "p95", "p95", UNIT_MS, SHOW_BRIEF, "Likewise.");
	result_column(table, "p99", "p99", UNIT_MS, SHOW_INTERVAL, "Likewise.");
	result_column(table, "max", "max", UNIT_MS, SHOW_FULL, "Likewise: the longest of a slot.");
	result_column(table, "sent_p50", "p50 from sent", UNIT_MS, SHOW_FULL, "From when it was sent, as a closed loop counts it.");
	result_column(table, "sent_p95", "p95 from sent", UNIT_MS, SHOW_FULL, "Likewise.");
	result_column(table, "sent_p99", "from sent", UNIT_MS, SHOW_BRIEF, "p99 from when it was sent, as a closed loop counts it.");
	result_column(table, "unsent", "unsent", UNIT_PERCENT, SHOW_FULL, "Steps that were due and for which no connection was free before twice the slot was over; they are in no time.");
	result_column(table, "turns", "turns", UNIT_COUNT, SHOW_FULL, "Turns that were measured.");
	for (int work = 0; work < c->nplain; work++)
	{
		static const LoadMetric metrics[] = {L_STEPS, L_P50, L_P95, L_P99, L_MAX, L_SENT_P50, L_SENT_P95, L_SENT_P99, L_UNSENT};

		if (plan_n(f->open, work, L_STEPS) == 0)
			continue;
		result_label(table, "%s", work_words(&c->works[work]));
		result_exact(table, c->clients);
		result_exact(table, c->rates[work] * work_steps(&c->works[work]));
		for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++)
			put(table, f->open, work, metrics[m]);
		result_exact(table, sum_of(f->open, work, L_TURNS));
	}
}

static void
add_waits(const Findings *f, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	ExperimentTable *table = result_table(result, "waits", "What the connections were seen in", false);

	result_column(table, "work", "steps", UNIT_LABEL, SHOW_FULL, "Drive, origin and size.");
	result_column(table, "way", "way", UNIT_LABEL, SHOW_FULL, "As in the table of parallel steps.");
	result_column(table, "workflows", "workflows", UNIT_COUNT, SHOW_FULL, "1: all clients record steps of the same one.");
	result_column(table, "clients", "clients", UNIT_COUNT, SHOW_FULL, "Connections.");
	result_column(table, "wait", "wait event", UNIT_LABEL, SHOW_FULL, "Of pg_stat_activity; Client:ClientRead: for the client; none: running, or waiting for a processor.");
	result_column(table, "share", "share", UNIT_PERCENT, SHOW_FULL, "Of the times that a connection was looked at, every 40 ms.");
	for (int cell = 0; cell < c->ncells; cell++)
	{
		const LoadCell *at = &c->cells[cell];

		for (int w = 0; w < c->nwaits; w++)
		{
			if (c->waits[w].counts[cell] == 0 || plan_n(f->closed, cell, L_STEPS) == 0)
				continue;
			result_label(table, "%s", work_words(&c->works[at->work]));
			result_label(table, "%s", parallel_words(&c->works[at->work]));
			result_exact(table, c->works[at->work].one_workflow ? 1 : at->clients);
			result_exact(table, at->clients);
			result_label(table, "%s", c->waits[w].name);
			result_estimate(table, estimate_exact(wait_share(c, cell, w)), c->watched[cell]);
		}
	}
}

static void
add_plots(ExperimentResult *result, bool has_open)
{
	result_plot_log(result_plot(result, PLOT_LINES, "steps", "Steps a second by how many clients there are", "Points: the blocks' medians, 95 % interval; a closed loop.",
								"levels", "clients", "steps", "work"), true, false);
	result_plot_log(result_plot(result, PLOT_LINES, "p99", "What the slowest step in a hundred takes, by how many clients there are", "Points: p99 from sent to answered, 95 % interval; a closed loop.",
								"levels", "clients", "p99", "work"), true, true);
	result_plot_log(result_plot(result, PLOT_LINES, "cpu", "Processor time of a step, by how many clients there are", "Points: of the backends and of this program, for each step.",
								"levels", "clients", "client_cpu,server_cpu", "work"), true, false);
	if (has_open)
		result_plot_log(result_plot(result, PLOT_BARS, "open", "An open loop: p99 from when a step was due, and from when it was sent", "Bars: what is between the two is waiting for a free connection.",
									"open", "work", "p99,sent_p99", NULL), false, true);
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

/* The first level above which none is shown to get more done; an index. */
static int
last_growing_level(const Findings *f, int work)
{
	const Concurrency *c = f->c;
	int			last = 0;

	for (int l = 1; l < c->nlevels; l++)
	{
		Estimate	more = plan_ratio(f->closed, find_cell(c, work, c->levels[l]), L_STEPS,
									  find_cell(c, work, c->levels[last]), L_STEPS, NULL);

		if (more.low > 1.0 && more.value > GROWS_BY)
			last = l;
	}
	return last;
}

/* On what it stops: what was measured at the most clients. */
static char *
limit_words(const Findings *f, int cell)
{
	const Concurrency *c = f->c;
	Estimate	busy = plan_median(f->closed, cell, L_BUSY);
	Estimate	client = plan_median(f->closed, cell, L_CLIENT_CPU);
	Estimate	server = plan_median(f->closed, cell, L_SERVER_CPU);
	Estimate	flushes = plan_median(f->closed, cell, L_FLUSHES);
	int			wait = most_frequent(c, cell, true);
	char	   *text = NULL;

	if (busy.value >= BUSY_PERCENT)
		text_add(&text, "the processors of this host are %.0f %% busy, a step taking %.3f ms of them in the server's backends and %.3f ms here",
				 busy.value, server.value, client.value);
	if (wait >= 0 && wait_share(c, cell, wait) >= MUCH_PERCENT)
	{
		text_add(&text, "%sa backend is seen waiting for %s %.0f %% of the time", text != NULL ? ", and " : "",
				 c->waits[wait].name, wait_share(c, cell, wait));
		if (flushes.value > 0)
			text_add(&text, " (%.2f flushes a step)", flushes.value);
	}
	if (text == NULL)
		text = xstrdup("neither the processors nor any one wait of the server is seen to be what it stops on");
	return text;
}

static void
conclude_growth(const Findings *f, int work, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	int			last = last_growing_level(f, work);
	int			top = find_cell(c, work, c->clients);
	int			at = find_cell(c, work, c->levels[last]);
	Estimate	steps = plan_median(f->closed, at, L_STEPS);
	Estimate	more = plan_ratio(f->closed, at, L_STEPS, find_cell(c, work, 1), L_STEPS, NULL);
	char	   *limit;

	if (!(steps.value > 0) || !estimate_has_interval(&steps))
		return;
	limit = limit_words(f, top);
	if (c->clients == 1)
		result_conclude(result, "%s: one client gets %s done.", work_words(&c->works[work]), words_figure(&steps, UNIT_PER_S));
	else if (last == 0)
		result_conclude(result, "%s: more clients than one are not shown to get more done than %s. At %d %s.", work_words(&c->works[work]),
						words_figure(&steps, UNIT_PER_S), c->clients, limit);
	else if (last == c->nlevels - 1)
		result_conclude(result, "%s: steps grow up to %d clients, the most that were tried: %s, %s as many as one client gets. There %s.",
						work_words(&c->works[work]), c->clients, words_figure(&steps, UNIT_PER_S), words_figure(&more, UNIT_RATIO), limit);
	else
		result_conclude(result, "%s: steps grow up to %d clients: %s, %s as many as one client gets; more are not shown to add %.0f %%. At %d clients %s.",
						work_words(&c->works[work]), c->levels[last], words_figure(&steps, UNIT_PER_S), words_figure(&more, UNIT_RATIO),
						100.0 * (GROWS_BY - 1.0), c->clients, limit);
	free(limit);
}

static const char *
ratio_sentence(const Estimate *ratio)
{
	if (!estimate_has_interval(ratio))
		return "too few blocks for an interval";
	if (ratio->low <= 1.0 && ratio->high >= 1.0)
		return "no difference shown";
	return ratio->value < 1.0 ? "fewer" : "more";
}

static void
conclude_parallel(const Findings *f, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	int			own = find_cell(c, 0, c->clients);
	int			shared = find_cell(c, c->nplain, c->clients);
	bool		lockable = c->nworks > c->nplain + 1;
	Estimate	record;
	Estimate	locked;

	if (c->nworks == c->nplain)
		return;
	record = plan_ratio(f->closed, shared, L_STEPS, own, L_STEPS, NULL);
	if (!lockable && isfinite(record.value))
		result_conclude(result, "Steps of one workflow by %d clients at once, a second, against a workflow for each: by our record %s (%s). Under a lock of the workflow's row none could be measured: Citus lets no function record beside one.",
						c->clients, words_figure(&record, UNIT_RATIO), ratio_sentence(&record));
	if (!lockable)
		return;
	locked = plan_ratio(f->closed, find_cell(c, c->nplain + 2, c->clients), L_STEPS,
						find_cell(c, c->nplain + 1, c->clients), L_STEPS, NULL);
	if (!isfinite(record.value) || !isfinite(locked.value))
		return;
	result_conclude(result, "Steps of one workflow by %d clients at once, a second, against a workflow for each: by our record %s (%s); under the row lock that three of DBOS's four SDKs take %s (%s).",
					c->clients, words_figure(&record, UNIT_RATIO), ratio_sentence(&record),
					words_figure(&locked, UNIT_RATIO), ratio_sentence(&locked));
}

static void
conclude_open(const Findings *f, int work, ExperimentResult *result)
{
	const Concurrency *c = f->c;
	double		rate;
	Estimate	done;
	Estimate	due;
	Estimate	sent;

	if (f->open->nvalues == 0)
		return;
	rate = c->rates[work] * work_steps(&c->works[work]);
	done = plan_median(f->open, work, L_STEPS);
	due = plan_median(f->open, work, L_P99);
	sent = plan_median(f->open, work, L_SENT_P99);
	if (!isfinite(done.value))
		return;
	if (sum_of(f->open, work, L_SHORT) > SHORT_SHARE * sum_of(f->open, work, L_DUE))
	{
		result_conclude(result, "%s: a rate of %.0f steps a second could not be reached by %d clients: %s were done, and steps wait ever longer: p99 from when they were due is %s, and grows with the time that is measured.",
						work_words(&c->works[work]), rate, c->clients, words_figure(&done, UNIT_PER_S), words_figure(&due, UNIT_MS));
		return;
	}
	result_conclude(result, "%s, in an open loop at %.0f steps a second%s: p99 is %s from when a step was due, %s from when it was sent.",
					work_words(&c->works[work]), rate, f->lab->options->rate > 0 ? "" : ", 80 % of the most that was measured",
					words_figure(&due, UNIT_MS), words_figure(&sent, UNIT_MS));
}

static void
add_caveats(const Findings *f, ExperimentResult *result)
{
	if (f->closed->nvalues > 0 && f->closed->nblocks < LEAST_INTERVAL_BLOCKS)
		result_caveat(result, "Only %d blocks were measured: there are no intervals, and nothing is concluded from them. More time (-T), fewer --sizes or fewer --clients would give them.", f->closed->nblocks);
	if (environment_server_is_here(f->lab->environment))
		result_caveat(result, "Clients and server share this host's processors: elsewhere the server would have those that this program used.");
	result_caveat(result, "Workflows are started before the time that is measured, at once, so that their rows lie side by side.");
	if (f->c->nworks > f->c->nplain)
		result_caveat(result, "Here the row lock is taken and given back in one round trip; SDKs send BEGIN, the lock, the INSERT and COMMIT one after another, and hold it for as long as that takes.");
	if (f->lab->environment->server_version_num < 140000)
		result_caveat(result, "Flushes are counted from PostgreSQL 14 on.");
}

void
concurrency_result(Lab *lab, const Concurrency *c, const Plan *closed, const Plan *open, ExperimentResult *result)
{
	Findings	f = {lab, c, closed, open};
	char	   *works = NULL;

	for (int work = 0; work < c->nplain; work++)
		text_add(&works, "%s%s", work > 0 ? "; " : "", work_words(&c->works[work]));
	result_parameter(result, "steps", "%s", works);
	result_parameter(result, "clients", "1 to %d", c->clients);
	result_parameter(result, "protocol", "%s", protocol_names[lab->options->settings->protocol]);
	if (lab->options->rate > 0)
		result_parameter(result, "rate", "%.0f steps a second", lab->options->rate);
	else
		result_parameter(result, "rate", "%d %% of the most that was measured", OPEN_PERCENT);
	result_condition(result, "blocks", "%d", closed->nblocks);
	free(works);

	for (int work = 0; work < c->nplain; work++)
		conclude_growth(&f, work, result);
	conclude_parallel(&f, result);
	for (int work = 0; work < c->nplain; work++)
		conclude_open(&f, work, result);
	add_levels(&f, result);
	add_parallel(&f, result);
	add_open(&f, result);
	add_waits(&f, result);
	add_plots(result, open->nvalues > 0);
	add_caveats(&f, result);
}
