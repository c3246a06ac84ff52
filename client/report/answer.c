/*
 * answer.c
 *	  The answer on one screen, and the same with every table.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/full.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/numbers.h"

/* a part has a column of its own where it is this much of any row's mean */
#define LEAST_COLUMN_PERCENT 3.0

/* "1 B to 1 MB" */
static char *
sizes_words(const Parameters *parameters)
{
	int64_t		least = parameters->nsizes > 0 ? parameters->sizes[0] : 0;
	int64_t		most = least;
	char		low[FORMAT_BYTES_SIZE];
	char		high[FORMAT_BYTES_SIZE];

	for (int i = 1; i < parameters->nsizes; i++)
	{
		least = parameters->sizes[i] < least ? parameters->sizes[i] : least;
		most = parameters->sizes[i] > most ? parameters->sizes[i] : most;
	}
	format_bytes(least, low, sizeof(low));
	format_bytes(most, high, sizeof(high));
	if (parameters->nsizes == 1)
		return xasprintf("a step of %s", low);
	return xasprintf("%d steps, %s to %s", parameters->nsizes, low, high);
}

/* "calls, pipeline" */
static void
add_chosen(char **text, const char *what, const char *const *names, const bool *chosen, int n)
{
	bool		any = false;

	text_add(text, "%s ", what);
	for (int i = 0; i < n; i++)
	{
		if (!chosen[i])
			continue;
		text_add(text, "%s%s", any ? ", " : "", names[i]);
		any = true;
	}
}

static void
print_what(const Figures *figures, FILE *out)
{
	const Parameters *p = &figures->parameters;
	char	   *sizes = sizes_words(p);
	char	   *text = NULL;
	bool		batched = false;

	for (int w = 0; w < figures->nworkflows; w++)
		batched = batched || figures->workflows[w].kind == WORKFLOW_BATCHED;
	text_add(&text, "%s%s; ", sizes, batched ? ", and one batched step" : "");
	add_chosen(&text, "drive", drive_names, p->drives, DRIVE_COUNT);
	add_chosen(&text, ", origin", origin_names, p->origins, ORIGIN_COUNT);
	text_add(&text, "; %s, %s", protocol_names[figures->sides[0].protocol], p->binary ? "binary" : "text");
	if (p->compressible > 0)
		text_add(&text, ", %d %% compressible", p->compressible);
	if (p->think_ns > 0)
		text_add(&text, "; %s%g ms of thinking between steps", p->think_exponential ? "on average " : "",
				 (double) p->think_ns / 1e6);
	print_item(out, "Measured  ", text);
	free(text);
	free(sizes);
}

static void
print_side(const Figures *figures, const Side *side, FILE *out)
{
	const Environment *e = &side->environment;
	char	   *text = NULL;
	char	   *mark;

	if (figures->nsides > 1)
		text_add(&text, "%s: ", side->label);
	/* "15.20 (Debian 15.20-0+deb12u1)": the packager's part is in the full report */
	text_add(&text, "PostgreSQL %.*s; fsync %s, synchronous_commit %s; %s%s", (int) strcspn(e->server_version, " "),
			 e->server_version, setting_or_na(e, "fsync"), setting_or_na(e, "synchronous_commit"), e->transport,
			 e->ssl ? " with TLS" : "");
	if (isfinite(e->rtt_ms))
		text_add(&text, ", empty query %.3f ms", e->rtt_ms);
	mark = xasprintf("%-10s", figures->nsides == 1 ? "Server" : side == figures->sides ? "Side A" : "Side B");
	print_item(out, mark, text);
	free(mark);
	free(text);
}

static void
print_host(const Figures *figures, FILE *out)
{
	const Environment *e = &figures->sides[0].environment;
	char	   *text = NULL;

	text_add(&text, "%s, %s cores%s; version %s, %s", setting_or_na(e, "cpu"), setting_or_na(e, "cores"),
			 strcmp(setting_or_na(e, "virtual"), "yes") == 0 ? " (virtual)" : "", figures->tool_version,
			 figures->started_at);
	print_item(out, "Client    ", text);
	free(text);
}

static void
print_how_long(const Figures *figures, FILE *out)
{
	char	   *text = NULL;
	double		precision = figures->worst_precision_percent;
	int			per_block = figures->parameters.iterations;

	if (figures->nblocks * per_block == figures->niterations)
		text_add(&text, "%d block%s x %d iteration%s", figures->nblocks, plural(figures->nblocks), per_block,
				 plural(per_block));
	else
		text_add(&text, "%d iteration%s in %d block%s", figures->niterations, plural(figures->niterations),
				 figures->nblocks, plural(figures->nblocks));
	text_add(&text, " on new connections each, %.1f s: ", figures->measured_s);
	switch (figures->stopped)
	{
		case STOPPED_BY_PRECISION:
			text_add(&text, "until each p50 was known to within %.1f %%", isfinite(precision) ? precision :
					 DEFAULT_PRECISION_PERCENT);
			break;
		case STOPPED_BY_TIME:
			if (figures->parameters.time_limit_s == 0 && figures->nblocks == LEAST_BLOCKS)
				text_add(&text, "as long as the least %d took", LEAST_BLOCKS);
			else
				text_add(&text, "until the time was over");
			break;
		case STOPPED_BY_BLOCKS:
			text_add(&text, "as many as were asked for");
			break;
		case STOPPED_BY_INTERRUPT:
			text_add(&text, "it was interrupted");
			break;
		case STOPPED_BY_FAILURE:
			text_add(&text, "it gave up");
			break;
		case STOPPED_BY_MEMORY:
			text_add(&text, "memory was out");
			break;
	}
	if (figures->stopped != STOPPED_BY_PRECISION && isfinite(precision))
		text_add(&text, "; each p50 is known to within %.1f %%", precision);
	print_item(out, "How long  ", text);
	free(text);
}

void
report_beginning(const Figures *figures, FILE *out)
{
	print_what(figures, out);
	for (int s = 0; s < figures->nsides; s++)
		print_side(figures, &figures->sides[s], out);
	print_host(figures, out);
	print_how_long(figures, out);
}

/* the parts that have a column of their own, in the order in which they happen */
static int
choose_parts(const Cell *const *cells, int n, Metric *parts)
{
	int			nparts = 0;

	for (Metric m = FIRST_PART; m < METRIC_UNATTRIBUTED; m++)
	{
		bool		large = false;

		for (int i = 0; i < n; i++)
			large = large || share_percent(cells[i], m) >= LEAST_COLUMN_PERCENT;
		if (large)
			parts[nparts++] = m;
	}
	return nparts;
}

static void
add_row(Table *table, const WorkflowFigures *workflow, const Cell *cell, const Metric *parts, int nparts)
{
	const Summary *time = cell_time(workflow, cell);
	double		rest = time->mean.value;
	char		size[FORMAT_BYTES_SIZE];

	table_text(table, format_bytes(cell->payload_bytes, size, sizeof(size)));
	table_number(table, time->median.value);
	table_interval(table, time->median.low, time->median.high);
	table_number(table, time->p95);
	table_number(table, time->mean.value);
	for (int p = 0; p < nparts; p++)
	{
		table_number(table, cell->time[parts[p]].mean.value);
		if (isfinite(cell->time[parts[p]].mean.value))
			rest -= cell->time[parts[p]].mean.value;
	}
	table_number(table, rest);
}

static Table *
answer_table(const Pair *pair, const Cell *const *cells, const Metric *parts, int nparts)
{
	Table	   *table = table_create();

	table_column(table, "payload", COLUMN_LABEL);
	table_column(table, "p50", COLUMN_MS);
	table_column(table, "95 % interval", COLUMN_INTERVAL);
	table_column(table, "p95", COLUMN_MS);
	table_column(table, "mean", COLUMN_MS);
	for (int p = 0; p < nparts; p++)
		table_column(table, metric_names[parts[p]], COLUMN_MS);
	table_column(table, "rest", COLUMN_MS);
	for (int s = 0; s < pair->multiple->nsteps; s++)
		add_row(table, pair->multiple, cells[s], parts, nparts);
	if (pair->batched != NULL)
	{
		table_rule(table);
		add_row(table, pair->batched, batch_cell(pair->batched), parts, nparts);
	}
	return table;
}

/* sizes as rows, and as many parts as fit: the smallest join the rest */
static void
print_answer_table(const Pair *pair, FILE *out)
{
	const Cell **cells = cells_by_size(pair->multiple);
	Metric		parts[METRIC_COUNT];
	int			nparts = choose_parts(cells, pair->multiple->nsteps, parts);
	Table	   *table = answer_table(pair, cells, parts, nparts);
	char	   *way = text_way(pair->multiple->drive, pair->multiple->origin);
	int64_t		n = cell_time(pair->multiple, cells[0])->n;
	char	   *text = NULL;

	while (nparts > 0 && table_width(table) > REPORT_WIDTH)
	{
		int			least = 0;
		double		share[METRIC_COUNT] = {0.0};

		for (int p = 0; p < nparts; p++)
		{
			for (int s = 0; s < pair->multiple->nsteps; s++)
				share[p] = fmax(share[p], share_percent(cells[s], parts[p]));
			if (share[p] < share[least])
				least = p;
		}
		memmove(&parts[least], &parts[least + 1], (size_t) (nparts - least - 1) * sizeof(parts[0]));
		table_free(table);
		table = answer_table(pair, cells, parts, --nparts);
	}
	fprintf(out, "\n%s in ms (%s)\n", pair->multiple->own_round_trips ? "A step's round trip" :
				  "A step's time in the server", way);
	finish_table(table, out);
	text_add(&text, "The parts are means and with the rest add up to the mean.%s p95 is of %lld iterations.",
			 pair->batched != NULL ? " Last line: the batched step." : "", (long long) n);
	if (pair->figures->nblocks >= LEAST_INTERVAL_BLOCKS)
		text_add(&text, " (a .. b) is a 95 %% interval: Student's t over the %d blocks.", pair->figures->nblocks);
	print_item(out, "", text);
	free(text);
	free(way);
	free(cells);
}

void
report_side_by_side(const Figures *figures, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Drives and origins side by side: all steps and the batch, ms");
	if (figures->nsides > 1)
		table_column(table, "side", COLUMN_TEXT);
	table_column(table, "drive", COLUMN_TEXT);
	table_column(table, "origin", COLUMN_TEXT);
	table_column(table, "multiple", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "batched", COLUMN_MS);
	table_column(table, "95 %", COLUMN_INTERVAL);
	table_column(table, "ratio", COLUMN_RATIO);
	table_column(table, "95 %", COLUMN_INTERVAL);
	for (int i = 0; i < figures->napproaches; i++)
	{
		const Approaches *here = &figures->approaches[i];

		if (figures->nsides > 1)
			table_text(table, here->side == 0 ? "A" : "B");
		table_text(table, drive_names[here->drive]);
		table_text(table, origin_names[here->origin]);
		table_number(table, here->multiple_ms.value);
		table_interval(table, here->multiple_ms.low, here->multiple_ms.high);
		table_number(table, here->batched_ms.value);
		table_interval(table, here->batched_ms.low, here->batched_ms.high);
		table_number(table, here->ratio.value);
		table_interval(table, here->ratio.low, here->ratio.high);
	}
	finish_table(table, out);
}

void
report_findings(const Figures *figures, FILE *out)
{
	static const struct
	{
		Topic		topic;
		const char *heading;
	}			topics[] = {
		{TOPIC_COST, "What a checkpoint costs"},
		{TOPIC_BATCHING, "One step per size, or one for all"},
		{TOPIC_WHERE, "Where the time goes"},
		{TOPIC_REMEDY, "What could be done about it"},
		{TOPIC_CAVEAT, "What to keep in mind"},
	};
	Findings	findings;
	Pair		pair;

	memset(&findings, 0, sizeof(findings));
	if (figures->nsides > 1)
	{
		findings_of_sides(figures, &findings);
		for (int i = 0; pair_at(figures, i, &pair); i++)
			findings_caveats_of_side(&pair, &findings);
	}
	else if (pair_at(figures, 0, &pair))
		findings_of_pair(&pair, &findings);
	findings_of_run(figures, &findings);
	for (size_t t = 0; t < sizeof(topics) / sizeof(topics[0]); t++)
	{
		bool		any = false;

		for (int i = 0; i < findings.n; i++)
			any = any || findings.items[i].topic == topics[t].topic;
		if (!any)
			continue;
		fprintf(out, "\n%s\n", topics[t].topic == TOPIC_COST && figures->nsides > 1 ?
				"What differs" : topics[t].heading);
		findings_print(&findings, topics[t].topic, out);
	}
	findings_free(&findings);
}

void
report_answer(const Figures *figures, FILE *out)
{
	Pair		pair;

	report_beginning(figures, out);
	report_findings(figures, out);
	if (figures->nsides > 1)
		report_differences(figures, false, out);
	else
	{
		if (pair_at(figures, 0, &pair))
			print_answer_table(&pair, out);
		if (figures->napproaches > 1)
			report_side_by_side(figures, out);
	}
	print_item(out, "", "\nMore: --full (every table), --plot DIR, --json FILE (for report and compare), --csv, --samples FILE.");
}
