/*
 * full_tables.c
 *	  The tables of one drive and origin: steps, parts, processors, volumes.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

static void
add_step(Table *table, const WorkflowFigures *workflow, const Cell *cell, double previous)
{
	const Summary *time = cell_time(workflow, cell);
	char		payload[FORMAT_BYTES_SIZE];

	table_text(table, format_bytes(cell->payload_bytes, payload, sizeof(payload)));
	table_integer(table, time->n);
	table_number(table, time->median.value);
	table_interval(table, time->median.low, time->median.high);
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
	const WorkflowFigures *multiple = pair->multiple;
	Table	   *table = table_create();
	double		previous = NAN;

	print_heading(out, "%s, ms", multiple->own_round_trips ? "Round trip per step" : "Server's time per step");
	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "n", COLUMN_INTEGER);
	table_column(table, "p50", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	table_column(table, "p95", COLUMN_MS);
	table_column(table, "p99", COLUMN_MS);
	table_column(table, "min", COLUMN_MS);
	table_column(table, "max", COLUMN_MS);
	table_column(table, "mean", COLUMN_MS);
	table_column(table, "stddev", COLUMN_MS);
	table_column(table, "delta", COLUMN_DELTA);
	table_column(table, "failed", COLUMN_INTEGER);
	for (int s = 0; s < multiple->nsteps; s++)
	{
		add_step(table, multiple, &multiple->steps[s], previous);
		previous = cell_time(multiple, &multiple->steps[s])->median.value;
	}
	if (pair->batched != NULL)
	{
		table_rule(table);
		add_step(table, pair->batched, batch_cell(pair->batched), NAN);
	}
	finish_table(table, out);
	print_item(out, "", "delta: p50 against the size before. The last line is the batched step.");
	if (!multiple->own_round_trips)
		print_item(out, "", "The steps share one round trip: what is timed per step is the server.");
}

/* what stands in the columns of the tables below: each step, all steps, the batch */
typedef struct Across
{
	const Pair *pair;
	int			n;
	const Cell **cells;
	char		(*names)[FORMAT_BYTES_SIZE];
} Across;

static void
add_across(Across *across, const Cell *cell, const char *name)
{
	if (name == NULL)
		format_bytes(cell->payload_bytes, across->names[across->n], FORMAT_BYTES_SIZE);
	else
		snprintf(across->names[across->n], FORMAT_BYTES_SIZE, "%s", name);
	across->cells[across->n++] = cell;
}

static Across
make_across(const Pair *pair)
{
	Across		across = {.pair = pair};

	across.cells = xcalloc((size_t) pair->multiple->nsteps + 2, sizeof(Cell *));
	across.names = xcalloc((size_t) pair->multiple->nsteps + 2, sizeof(*across.names));
	for (int s = 0; s < pair->multiple->nsteps; s++)
		add_across(&across, &pair->multiple->steps[s], NULL);
	add_across(&across, &pair->multiple->whole, "all steps");
	if (pair->batched != NULL)
		add_across(&across, batch_cell(pair->batched), "batch");
	return across;
}

static void
free_across(Across *across)
{
	free(across->cells);
	free(across->names);
}

static Table *
across_table(const Across *across, const char *title, int first, int n, ColumnType type)
{
	Table	   *table = table_create();

	table_column(table, title, COLUMN_TEXT);
	for (int c = first; c < first + n; c++)
		table_column(table, across->names[c], type);
	return table;
}

static const char *
metric_title(Metric metric)
{
	return metric == METRIC_ROUND_TRIP ? "round trip" : metric == METRIC_SERVER_TOTAL ? "server total" :
		metric == METRIC_FIRST_BYTE ? "first byte" : metric_names[metric];
}

static void
add_means(Table *table, Metric metric, const Across *across, int first, int n)
{
	table_text(table, metric_title(metric));
	for (int c = first; c < first + n; c++)
		table_number(table, across->cells[c]->time[metric].mean.value);
}

static void
add_medians(Table *table, Metric metric, const Across *across, int first, int n)
{
	table_text(table, metric_title(metric));
	for (int c = first; c < first + n; c++)
		table_number(table, across->cells[c]->time[metric].median.value);
}

static Table *
make_means(const void *context, int first, int n)
{
	const Across *across = context;
	Table	   *table = across_table(across, "ms (mean)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_means(table, m, across, first, n);
	table_rule(table);
	add_means(table, METRIC_ROUND_TRIP, across, first, n);
	add_means(table, METRIC_SERVER_TOTAL, across, first, n);
	return table;
}

static Table *
make_percent(const void *context, int first, int n)
{
	const Across *across = context;
	Table	   *table = across_table(across, "% of mean", first, n, COLUMN_PERCENT);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
	{
		table_text(table, metric_names[m]);
		for (int c = first; c < first + n; c++)
			table_number(table, share_percent(across->cells[c], m));
	}
	return table;
}

static Table *
make_medians(const void *context, int first, int n)
{
	static const Metric behind[] = {METRIC_WAIT, METRIC_SENDING, METRIC_FIRST_BYTE, METRIC_TRANSFER,
	METRIC_ROUND_TRIP, METRIC_SERVER_TOTAL};
	const Across *across = context;
	Table	   *table = across_table(across, "ms (p50)", first, n, COLUMN_MS);

	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_medians(table, m, across, first, n);
	table_rule(table);
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		add_medians(table, behind[i], across, first, n);
	table_rule(table);
	table_text(table, "first call");
	for (int c = first; c < first + n; c++)
		table_number(table, across->cells[c]->first.value);
	return table;
}

void
full_split(const Pair *pair, FILE *out)
{
	Across		across = make_across(pair);

	print_heading(out, "Where the time goes: means, which add up");
	print_in_pages(out, make_means, &across, across.n);
	print_heading(out, "The same in percent of the mean %s",
				  pair->multiple->own_round_trips ? "round trip" : "time");
	print_in_pages(out, make_percent, &across, across.n);
	if (!pair->multiple->own_round_trips)
		print_item(out, "", "The steps share one round trip: each step's column is in percent of its time in the server.");
	print_heading(out, "The same as medians, which do not add up, and what the parts are made from");
	print_in_pages(out, make_medians, &across, across.n);
	print_item(out, "", "wait: first byte sent to last byte read; sending, first byte, transfer: from the first byte sent to the "
			   "last one sent, from there to the first byte read, from it to the last one. network = wait - server total. "
			   "first call: on a fresh connection, in no other figure.");
	if (!has_network(&pair->side->environment))
		print_item(out, "", "network: there is none in between, it holds transport and the waking up of two processes.");
	free_across(&across);
}

static Table *
make_processors(const void *context, int first, int n)
{
	const Across *across = context;
	Table	   *table = across_table(across, "ms (mean)", first, n, COLUMN_MS);

	for (Phase p = 0; p < PHASE_COUNT; p++)
	{
		if (p > 0)
			table_rule(table);
		table_text(table, phase_names[p]);
		for (int c = first; c < first + n; c++)
			table_number(table, across->cells[c]->use[p].n > 0 ? across->cells[c]->use[p].wall_ms : NAN);
		table_text(table, "  computing");
		for (int c = first; c < first + n; c++)
			table_number(table, across->cells[c]->use[p].n > 0 ? across->cells[c]->use[p].cpu_ms : NAN);
		table_text(table, "  waiting for a processor");
		for (int c = first; c < first + n; c++)
			table_number(table, across->cells[c]->use[p].n > 0 ? across->cells[c]->use[p].delay_ms : NAN);
	}
	table_rule(table);
	table_text(table, "iterations");
	for (int c = first; c < first + n; c++)
	{
		int			most = 0;

		for (Phase p = 0; p < PHASE_COUNT; p++)
			most = across->cells[c]->use[p].n > most ? across->cells[c]->use[p].n : most;
		table_integer(table, most);
	}
	return table;
}

void
full_processors(const Pair *pair, FILE *out)
{
	const BackendFigures *backend = &pair->side->backend;
	Across		across = make_across(pair);
	bool		any = false;

	for (int c = 0; c < across.n; c++)
		for (Phase p = 0; p < PHASE_COUNT; p++)
			any = any || across.cells[c]->use[p].n > 0;
	if (any)
	{
		print_heading(out, "Computing and waiting in the server");
		print_in_pages(out, make_processors, &across, across.n);
		print_item(out, "", "Of iterations of their own, with dbos_payload.track_cpu on, that are in no other figure. What is neither "
				   "computing nor waiting for a processor waits for something else.");
	}
	if (isfinite(backend->cpu_share.value))
	{
		char	   *cpu = text_interval(&backend->cpu_share, 3);
		char	   *delay = text_interval(&backend->delay_share, 3);
		char	   *switches = text_interval(&backend->involuntary_per_s, 1);
		char	   *text = NULL;

		text_add(&text, "The backend over the measured time: computing %.3f of it%s", backend->cpu_share.value, cpu);
		if (isfinite(backend->delay_share.value))
			text_add(&text, ", waiting for a processor %.3f%s", backend->delay_share.value, delay);
		if (isfinite(backend->involuntary_per_s.value))
			text_add(&text, ", %.1f involuntary switches a second%s", backend->involuntary_per_s.value, switches);
		text_add(&text, ".");
		print_item(out, "", text);
		free(text);
		free(cpu);
		free(delay);
		free(switches);
	}
	free_across(&across);
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
		{VOLUME_WAL_BYTES, "WAL"},
		{VOLUME_HEAP_BYTES, "heap"},
		{VOLUME_TOAST_BYTES, "TOAST"},
		{VOLUME_WAL_RECORDS, "WAL records"},
		{VOLUME_WAL_FPI, "FPIs"},
		{VOLUME_BLKS_HIT, "hit"},
		{VOLUME_BLKS_READ, "read"},
		{VOLUME_BLKS_DIRTIED, "dirtied"}
	};
	int			ncolumns = (int) (sizeof(columns) / sizeof(columns[0]));
	Across		across = make_across(pair);
	Table	   *table = table_create();

	print_heading(out, "What a step writes and sends");
	table_column(table, "payload", COLUMN_LABEL);
	for (int v = 0; v < ncolumns; v++)
		table_column(table, columns[v].name, COLUMN_INTEGER);
	for (int c = 0; c < across.n; c++)
	{
		if (c == pair->multiple->nsteps)
			table_rule(table);
		table_text(table, across.names[c]);
		for (int v = 0; v < ncolumns; v++)
			table_integer(table, across.cells[c]->volume[columns[v].volume]);
	}
	finish_table(table, out);
	print_item(out, "", "Medians. sent, received: bytes on the wire. WAL, heap, TOAST: bytes. FPIs: full-page images. hit, read, "
			   "dirtied: shared buffers.");
	free_across(&across);
}
