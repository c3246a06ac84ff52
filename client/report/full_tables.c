/*
 * full_tables.c
 *	  The tables of one drive and origin: steps, parts, processors, volumes, the
 *	  model, the two approaches.
 */
#include <math.h>
#include <stddef.h>

#include "report/full.h"

static void
add_step(Table *table, const Cell *cell, double previous)
{
	const Summary *time = main_time(cell);

	table_text(table, words_bytes(cell->payload_bytes));
	table_integer(table, time->n);
	table_estimate(table, &time->median);
	table_number(table, time->p95);
	table_number(table, time->p99);
	table_number(table, time->min);
	table_number(table, time->max);
	table_number(table, time->mean.value);
	table_number(table, time->stddev);
	if (isnan(previous))
		table_text(table, "-");
	else
		table_number(table, time->median.value - previous);
	table_integer(table, cell->failed);
}

void
full_steps(const Pair *pair, FILE *out)
{
	bool		own = pair->multiple->own_round_trips;
	Table	   *table = table_create();
	double		previous = NAN;

	print_heading(out, "%s, ms", own ? "Round trip per step" : "Server's time per step");
	table_columns(table, "payload", COLUMN_LABEL, "n", COLUMN_INTEGER, "p50", COLUMN_MS,
				  "95 % interval", COLUMN_INTERVAL, "p95", COLUMN_MS, "p99", COLUMN_MS, "min", COLUMN_MS,
				  "max", COLUMN_MS, "mean", COLUMN_MS, "stddev", COLUMN_MS, "delta", COLUMN_DELTA,
				  "failed", COLUMN_INTEGER, NULL);
	for (int i = 0; i < pair->nsteps; i++)
	{
		add_step(table, pair->cells[i].cell, previous);
		previous = main_time(pair->cells[i].cell)->median.value;
	}
	if (pair->batched != NULL)
	{
		table_rule(table);
		add_step(table, batch_cell(pair->batched), NAN);
	}
	finish_table(table, out);
	print_item(out, "", "delta: p50 against the size before. The last line is the batched step.");
	if (!own)
		print_item(out, "", "The steps share one round trip: what is timed per step is the server, of the batch the round trip.");
}

/* where in a cell a figure is */
#define MEAN(metric) (offsetof(Cell, time) + (size_t) (metric) * sizeof(Summary) + offsetof(Summary, mean.value))
#define MEDIAN(metric) (offsetof(Cell, time) + (size_t) (metric) * sizeof(Summary) + offsetof(Summary, median.value))
#define USE(phase, figure) (offsetof(Cell, use) + (size_t) (phase) * sizeof(PhaseUse) + offsetof(PhaseUse, figure))

/* a table whose columns are n of a pair's cells, from first on */
typedef struct Across
{
	Table	   *table;
	const NamedCell *cells;
	int			n;
	bool		known_only;		/* no row without any figure: of a profile most parts are not known */
} Across;

static Across
begin_across(const Pair *pair, const char *title, int first, int n, ColumnType type)
{
	Across		across = {table_create(), pair->cells + first, n, drive_is_profile(pair->multiple->drive)};

	table_column(across.table, title, COLUMN_TEXT);
	for (int c = 0; c < n; c++)
		table_column(across.table, across.cells[c].name, type);
	return across;
}

static void
put_across(const Across *across, const char *title, size_t place, bool known_only)
{
	bool		known = !known_only;

	for (int c = 0; c < across->n; c++)
		known = known || isfinite(*(const double *) ((const char *) across->cells[c].cell + place));
	if (!known)
		return;
	table_text(across->table, title);
	for (int c = 0; c < across->n; c++)
		table_number(across->table, *(const double *) ((const char *) across->cells[c].cell + place));
}

static void
add_across(const Across *across, const char *title, size_t place)
{
	put_across(across, title, place, across->known_only);
}

/* of commit, where it waits for standbys */
static void
add_standby(const Across *across, size_t flush, size_t standby)
{
	put_across(across, "  flush", flush, true);
	put_across(across, "  standby", standby, true);
}

static Table *
make_means(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "ms (mean)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
	{
		add_across(&across, metric_title(m), MEAN(m));
		if (m == METRIC_COMMIT)
			add_standby(&across, MEAN(METRIC_FLUSH), MEAN(METRIC_STANDBY));
	}
	table_rule(across.table);
	add_across(&across, metric_title(METRIC_ROUND_TRIP), MEAN(METRIC_ROUND_TRIP));
	add_across(&across, metric_title(METRIC_SERVER_TOTAL), MEAN(METRIC_SERVER_TOTAL));
	return across.table;
}

static Table *
make_percent(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "% of mean", first, n, COLUMN_PERCENT);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
	{
		table_text(across.table, metric_title(m));
		for (int c = 0; c < n; c++)
			table_number(across.table, share_percent(across.cells[c].cell, m));
	}
	return across.table;
}

static Table *
make_medians(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "ms (p50)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
	{
		add_across(&across, metric_title(m), MEDIAN(m));
		if (m == METRIC_COMMIT)
			add_standby(&across, MEDIAN(METRIC_FLUSH), MEDIAN(METRIC_STANDBY));
	}
	table_rule(across.table);
	for (Metric m = LAST_PART + 1; m < METRIC_SERVER_TOTAL; m++)
		add_across(&across, metric_title(m), MEDIAN(m));
	add_across(&across, metric_title(METRIC_ROUND_TRIP), MEDIAN(METRIC_ROUND_TRIP));
	add_across(&across, metric_title(METRIC_SERVER_TOTAL), MEDIAN(METRIC_SERVER_TOTAL));
	if (((const Pair *) pair)->figures->parameters.split_commit)
	{
		add_across(&across, metric_title(METRIC_COMMIT_WAIT), MEDIAN(METRIC_COMMIT_WAIT));
		add_across(&across, metric_title(METRIC_CLIENT_COMMIT), MEDIAN(METRIC_CLIENT_COMMIT));
	}
	table_rule(across.table);
	add_across(&across, "first call", offsetof(Cell, first.value));
	return across.table;
}

void
full_split(const Pair *pair, FILE *out)
{
	print_heading(out, "Where the time goes: means%s", some_parts_missing(pair) ? " of the calls whose parts are known" :
				  environment_tells_others_times(&pair->side->environment) ? ", of which network is n/a" : ", which add up");
	print_in_pages(out, make_means, pair, pair->ncells);
	if (!some_parts_missing(pair))
	{
		print_heading(out, "The same in percent of the mean %s", pair->multiple->own_round_trips ? "round trip" : "time");
		print_in_pages(out, make_percent, pair, pair->ncells);
	}
	if (!pair->multiple->own_round_trips && !some_parts_missing(pair))
		print_item(out, "", "The steps share one round trip: each step's column is in percent of its time in the server.");
	print_heading(out, "The same as medians, which do not add up, and what the parts are made from");
	print_in_pages(out, make_medians, pair, pair->ncells);
	print_item(out, "", "wait: first byte sent to last byte read; sending, first byte, transfer: from the first byte sent to the "
			   "last one sent, from there to the first byte read, from it to the last one. network = wait - server total. "
			   "first call: on a fresh connection, in no other figure.");
	if (drive_is_profile(pair->multiple->drive))
		print_item(out, "", "wait holds all round trips of a step, and all that the server does: of statements that are not "
				   "ours its parts are not known.");
	else if (environment_server_is_here(&pair->side->environment))
		print_item(out, "", "network: there is none in between, it holds transport and the waking up of two processes.");
}

static int
cpu_calls(const Cell *cell)
{
	int			most = 0;

	for (Phase p = 0; p < PHASE_COUNT; p++)
		most = cell->use[p].n > most ? cell->use[p].n : most;
	return most;
}

static Table *
make_processors(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "ms (mean)", first, n, COLUMN_MS);

	for (Phase p = 0; p < PHASE_COUNT; p++)
	{
		add_across(&across, phase_names[p], USE(p, wall_ms));
		add_across(&across, "  computing", USE(p, cpu_ms));
		add_across(&across, "  waiting for a processor", USE(p, delay_ms));
		table_rule(across.table);
	}
	table_text(across.table, "iterations");
	for (int c = 0; c < n; c++)
		table_integer(across.table, cpu_calls(across.cells[c].cell));
	return across.table;
}

void
full_processors(const Pair *pair, FILE *out)
{
	bool		any = false;

	for (int c = 0; c < pair->ncells; c++)
		any = any || cpu_calls(pair->cells[c].cell) > 0;
	if (!any)
		return;
	print_heading(out, "Computing and waiting in the server");
	print_in_pages(out, make_processors, pair, pair->ncells);
	print_item(out, "", "Of iterations of their own, with dbos_payload.track_cpu on, that are in no other figure. What is neither "
			   "computing nor waiting for a processor waits for something else.");
}

/* are WAL and buffers known of some calls, and not of all whose times are? */
static bool
usage_partly_known(const Pair *pair)
{
	bool		known = false;
	bool		missing = false;

	for (int c = 0; c < pair->ncells; c++)
	{
		const Cell *cell = pair->cells[c].cell;

		known = known || cell->usage_n > 0;
		missing = missing || cell->usage_n < cell->time[METRIC_SERVER_TOTAL].n;
	}
	return known && missing;
}

void
full_volumes(const Pair *pair, FILE *out)
{
	static const struct
	{
		Volume		volume;
		const char *name;
	}			columns[] = {
		{VOLUME_WIRE_SENT, "sent"},
		{VOLUME_WIRE_RECEIVED, "received"},
		{VOLUME_TURNS, "turns"},
		{VOLUME_TEXT_BYTES, "text"},
		{VOLUME_WAL_BYTES, "WAL"},
		{VOLUME_HEAP_BYTES, "heap"},
		{VOLUME_TOAST_BYTES, "TOAST"},
		{VOLUME_WAL_RECORDS, "WAL records"},
		{VOLUME_WAL_FPI, "FPIs"},
		{VOLUME_BLKS_HIT, "hit"},
		{VOLUME_BLKS_READ, "read"},
		{VOLUME_BLKS_DIRTIED, "dirtied"}
	};
	Table	   *table = table_create();
	bool		with_n = usage_partly_known(pair);

	print_heading(out, "What a step writes and sends");
	table_column(table, "payload", COLUMN_LABEL);
	for (size_t v = 0; v < sizeof(columns) / sizeof(columns[0]); v++)
		table_column(table, columns[v].name, COLUMN_INTEGER);
	if (with_n)
		table_column(table, "of n", COLUMN_INTEGER);
	for (int c = 0; c < pair->ncells; c++)
	{
		if (c == pair->nsteps)
			table_rule(table);
		table_text(table, pair->cells[c].name);
		for (size_t v = 0; v < sizeof(columns) / sizeof(columns[0]); v++)
			table_integer(table, pair->cells[c].cell->volume[columns[v].volume]);
		if (with_n)
			table_integer(table, pair->cells[c].cell->usage_n);
	}
	finish_table(table, out);
	if (with_n)
		print_item(out, "", "of n: WAL, FPIs and buffers are of these calls alone, whose workflows this server keeps.");
	print_item(out, "", "Medians. sent, received: bytes on the wire. turns: round trips. text: what a profile makes of the payload. WAL, heap, TOAST: bytes. FPIs: full-page images. hit, read, "
			   "dirtied: shared buffers.");
}

/* the fits time = floor + slope x bytes, and what they miss */
void
full_model(const Pair *pair, FILE *out)
{
	Table	   *table;
	bool		any = false;
	bool		poor = false;

	if (pair->model == NULL)
		return;
	for (Metric m = 0; m < METRIC_COUNT; m++)
		any = any || pair->model->fits[m].known;
	if (!any)
		return;
	table = table_create();
	table_columns(table, "part", COLUMN_TEXT, "floor ms", COLUMN_MS, "95 %", COLUMN_INTERVAL,
				  "ms per MB", COLUMN_MS, "95 %", COLUMN_INTERVAL, "worst miss %", COLUMN_PERCENT,
				  "at", COLUMN_LABEL, "", COLUMN_TEXT, NULL);
	for (Metric m = 0; m < METRIC_COUNT; m++)
	{
		const Fit  *fit = &pair->model->fits[m];

		if (!fit->known)
			continue;
		table_text(table, metric_title(m));
		if (fit->poor)
		{
			/* a line that is not one has no floor and no slope */
			poor = true;
			for (int c = 0; c < 4; c++)
				table_text(table, "-");
		}
		else
		{
			table_estimate(table, &fit->floor_ms);
			table_estimate(table, &fit->slope_ms_per_mb);
		}
		table_number(table, fit->worst_percent);
		table_text(table, words_bytes(fit->worst_bytes));
		table_text(table, fit->poor ? "no line" : "");
		if (m == METRIC_ROUND_TRIP)
			table_rule(table);
	}
	print_heading(out, "The model, time = floor + slope x bytes");
	finish_table(table, out);
	print_item(out, "", "Fitted in each block on its medians. An interval says how well the line is known, not that a line is right.");
	if (poor)
		fprintf(out, "no line: the best one misses a median by more than %.0f %%; read the measured table there.\n",
				MODEL_POOR_PERCENT);
}

static void
add_approach(Table *table, const char *name, const WorkflowFigures *workflow, double overhead)
{
	const Summary *time = &workflow->whole.time[METRIC_ROUND_TRIP];

	table_text(table, name);
	table_integer(table, workflow->nsteps);
	table_text(table, words_bytes(workflow->whole.payload_bytes));
	table_integer(table, time->n);
	table_estimate(table, &time->median);
	table_number(table, workflow->whole.first.value);
	table_number(table, time->median.value / workflow->nsteps);
	if (isnan(overhead))
		table_text(table, "-");
	else
		table_number(table, overhead);
}

void
full_approaches(const Pair *pair, FILE *out)
{
	static const struct
	{
		const char *name;
		size_t		estimate;	/* where in Approaches */
	}			rows[] = {
		{"ratio multiple / batched", offsetof(Approaches, ratio)},
		{"saved, ms", offsetof(Approaches, saved_ms)},
		{"floor, ms", offsetof(Approaches, floor_ms)},
		{"(steps - 1) x floor, ms", offsetof(Approaches, expected_saving_ms)},
		{"saved beyond that, ms", offsetof(Approaches, shortfall_ms)},
		{"saves 10 % from a round-trip time of, ms", offsetof(Approaches, break_even_rtt_ms)}
	};
	const Approaches *a = pair->approaches;
	Table	   *table;

	if (a == NULL || pair->batched == NULL)
		return;
	print_heading(out, "The two approaches, ms");
	table = table_create();
	table_columns(table, "approach", COLUMN_TEXT, "steps", COLUMN_INTEGER, "payload", COLUMN_LABEL,
				  "n", COLUMN_INTEGER, "total p50", COLUMN_MS, "95 % interval", COLUMN_INTERVAL,
				  "first", COLUMN_MS, "per step", COLUMN_MS, "overhead/step", COLUMN_MS, NULL);
	add_approach(table, "multiple steps", pair->multiple,
				 a->nsteps > 1 ? a->saved_ms.value / (a->nsteps - 1) : NAN);
	add_approach(table, "one batched step", pair->batched, NAN);
	finish_table(table, out);
	fputc('\n', out);
	table = table_create();
	table_columns(table, "multiple against batched", COLUMN_TEXT, "", COLUMN_MS,
				  "95 % interval", COLUMN_INTERVAL, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		table_text(table, rows[i].name);
		table_estimate(table, (const Estimate *) ((const char *) a + rows[i].estimate));
	}
	finish_table(table, out);
	print_item(out, "", "Each per iteration and then by block. floor: the smallest step's time. overhead/step: what each step more than "
			   "one cost, saved / (steps - 1).");
}
