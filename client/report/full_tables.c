/*
 * full_tables.c
 *	  The tables of one drive and origin: steps, parts, processors, volumes.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

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

/* a figure of a cell: of a metric, or of a phase */
typedef double (*FigureOf) (const Cell *cell, int which);

static double
mean_of(const Cell *cell, int metric)
{
	return cell->time[metric].mean.value;
}

static double
median_of(const Cell *cell, int metric)
{
	return cell->time[metric].median.value;
}

static double
percent_of(const Cell *cell, int metric)
{
	return share_percent(cell, (Metric) metric);
}

static double
first_of(const Cell *cell, int metric)
{
	(void) metric;
	return cell->first.value;
}

static double
wall_of(const Cell *cell, int phase)
{
	return cell->use[phase].n > 0 ? cell->use[phase].wall_ms : NAN;
}

static double
cpu_of(const Cell *cell, int phase)
{
	return cell->use[phase].n > 0 ? cell->use[phase].cpu_ms : NAN;
}

static double
delay_of(const Cell *cell, int phase)
{
	return cell->use[phase].n > 0 ? cell->use[phase].delay_ms : NAN;
}

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
add_across(const Across *across, const char *title, FigureOf figure_of, int which)
{
	bool		known = !across->known_only;

	for (int c = 0; c < across->n; c++)
		known = known || isfinite(figure_of(across->cells[c].cell, which));
	if (!known)
		return;
	table_text(across->table, title);
	for (int c = 0; c < across->n; c++)
		table_number(across->table, figure_of(across->cells[c].cell, which));
}

static Table *
make_means(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "ms (mean)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_across(&across, metric_title(m), mean_of, m);
	table_rule(across.table);
	add_across(&across, metric_title(METRIC_ROUND_TRIP), mean_of, METRIC_ROUND_TRIP);
	add_across(&across, metric_title(METRIC_SERVER_TOTAL), mean_of, METRIC_SERVER_TOTAL);
	return across.table;
}

static Table *
make_percent(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "% of mean", first, n, COLUMN_PERCENT);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_across(&across, metric_title(m), percent_of, m);
	return across.table;
}

static Table *
make_medians(const void *pair, int first, int n)
{
	Across		across = begin_across(pair, "ms (p50)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_across(&across, metric_title(m), median_of, m);
	table_rule(across.table);
	for (Metric m = LAST_PART + 1; m < METRIC_SERVER_TOTAL; m++)
		add_across(&across, metric_title(m), median_of, m);
	add_across(&across, metric_title(METRIC_ROUND_TRIP), median_of, METRIC_ROUND_TRIP);
	add_across(&across, metric_title(METRIC_SERVER_TOTAL), median_of, METRIC_SERVER_TOTAL);
	table_rule(across.table);
	add_across(&across, "first call", first_of, 0);
	return across.table;
}

void
full_split(const Pair *pair, FILE *out)
{
	print_heading(out, "Where the time goes: means, which add up");
	print_in_pages(out, make_means, pair, pair->ncells);
	print_heading(out, "The same in percent of the mean %s", pair->multiple->own_round_trips ? "round trip" : "time");
	print_in_pages(out, make_percent, pair, pair->ncells);
	if (!pair->multiple->own_round_trips)
		print_item(out, "", "The steps share one round trip: each step's column is in percent of its time in the server.");
	print_heading(out, "The same as medians, which do not add up, and what the parts are made from");
	print_in_pages(out, make_medians, pair, pair->ncells);
	print_item(out, "", "wait: first byte sent to last byte read; sending, first byte, transfer: from the first byte sent to the "
			   "last one sent, from there to the first byte read, from it to the last one. network = wait - server total. "
			   "first call: on a fresh connection, in no other figure.");
	if (drive_is_profile(pair->multiple->drive))
		print_item(out, "", "wait holds all round trips of a step, and all that the server does: of statements that are not "
				   "ours its parts are not known.");
	else if (!has_network(&pair->side->environment))
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
		add_across(&across, phase_names[p], wall_of, p);
		add_across(&across, "  computing", cpu_of, p);
		add_across(&across, "  waiting for a processor", delay_of, p);
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

	print_heading(out, "What a step writes and sends");
	table_column(table, "payload", COLUMN_LABEL);
	for (size_t v = 0; v < sizeof(columns) / sizeof(columns[0]); v++)
		table_column(table, columns[v].name, COLUMN_INTEGER);
	for (int c = 0; c < pair->ncells; c++)
	{
		if (c == pair->nsteps)
			table_rule(table);
		table_text(table, pair->cells[c].name);
		for (size_t v = 0; v < sizeof(columns) / sizeof(columns[0]); v++)
			table_integer(table, pair->cells[c].cell->volume[columns[v].volume]);
	}
	finish_table(table, out);
	print_item(out, "", "Medians. sent, received: bytes on the wire. turns: round trips. text: what a profile makes of the payload. WAL, heap, TOAST: bytes. FPIs: full-page images. hit, read, "
			   "dirtied: shared buffers.");
}
