/*
 * answer.c
 *	  The answer on one screen, and the same with every table.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "report/full.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

/* a part has a column of its own where it is this much of any row's mean */
#define LEAST_COLUMN_PERCENT 3.0

/* the text is taken over */
static void
add_fact(RunFacts *facts, const char *name, char *text)
{
	facts->names[facts->n] = name;
	facts->texts[facts->n++] = text;
}

/* "drive calls, pipeline" */
static void
add_chosen(char **text, const char *what, const char *const *names, const bool *chosen, int n)
{
	const char *before = " ";

	text_add(text, "%s", what);
	for (int i = 0; i < n; i++)
	{
		if (!chosen[i])
			continue;
		text_add(text, "%s%s", before, names[i]);
		before = ", ";
	}
}

static void
add_what(const Figures *figures, RunFacts *facts)
{
	const Parameters *p = &figures->parameters;
	char	   *text = NULL;
	Pair		pair;

	if (!pair_at(figures, 0, &pair))
		text_add(&text, "nothing");
	else if (pair.nsteps == 1)
		text_add(&text, "a step of %s", pair.cells[0].name);
	else
		text_add(&text, "%d steps, %s to %s", pair.nsteps, pair.cells[0].name, pair.cells[pair.nsteps - 1].name);
	if (figures->napproaches > 0)
		text_add(&text, ", and one batched step");
	if (has_own_drives(p))
		add_chosen(&text, "; drive", drive_names, p->drives, OWN_DRIVES);
	if (has_profiles(p))
		add_chosen(&text, "; profile", drive_names + FIRST_PROFILE, p->drives + FIRST_PROFILE, PROFILES);
	add_chosen(&text, ", origin", origin_names, p->origins, ORIGIN_COUNT);
	text_add(&text, "; %s, %s", protocol_names[figures->sides[0].protocol], p->binary ? "binary" : "text");
	if (p->compressible > 0)
		text_add(&text, ", %d %% compressible", p->compressible);
	if (p->think_ns > 0)
		text_add(&text, "; %s%g ms of thinking before each step", p->think_exponential ? "on average " : "",
				 (double) p->think_ns / 1e6);
	add_fact(facts, "Measured", text);
}

static void
add_side(const Figures *figures, const Side *side, RunFacts *facts)
{
	const char *name = figures->nsides == 1 ? "Server" : side == figures->sides ? "Side A" : "Side B";
	char	   *text = NULL;

	if (figures->nsides > 1)
		text_add(&text, "%s: ", side->label);
	text_add(&text, "%s", words_server(&side->environment));
	if (isfinite(side->environment.rtt_ms))
		text_add(&text, "; empty query %.3f ms", side->environment.rtt_ms);
	add_fact(facts, name, text);
}

static void
add_host(const Figures *figures, RunFacts *facts)
{
	const Environment *e = &figures->sides[0].environment;
	char	   *text = NULL;

	text_add(&text, "%s, %s cores%s; version %s, %s", setting_or_na(e, "cpu"), setting_or_na(e, "cores"),
			 strcmp(setting_or_na(e, "virtual"), "yes") == 0 ? " (virtual)" : "", figures->tool_version,
			 figures->started_at);
	add_fact(facts, "Client", text);
}

static void
add_how_long(const Figures *figures, RunFacts *facts)
{
	static const char *const reasons[] = {
		[STOPPED_BY_PRECISION] = "until each p50 was known",
		[STOPPED_BY_TIME] = "until the time was over",
		[STOPPED_BY_BLOCKS] = "as many as were asked for",
		[STOPPED_BY_INTERRUPT] = "it was interrupted",
		[STOPPED_BY_FAILURE] = "it gave up",
		[STOPPED_BY_MEMORY] = "memory was out",
	};
	int			per_block = figures->parameters.iterations;
	char	   *text = NULL;

	if ((int64_t) figures->nblocks * per_block == figures->niterations)
		text_add(&text, "%d block%s x %d iteration%s", figures->nblocks, plural(figures->nblocks), per_block,
				 plural(per_block));
	else
		text_add(&text, "%d iteration%s in %d block%s", figures->niterations, plural(figures->niterations),
				 figures->nblocks, plural(figures->nblocks));
	text_add(&text, " on new connections each, %.1f s: ", figures->measured_s);
	if (figures->stopped == STOPPED_BY_TIME && figures->parameters.time_limit_s == 0 && figures->nblocks == LEAST_BLOCKS)
		text_add(&text, "as long as the least %d took", LEAST_BLOCKS);
	else
		text_add(&text, "%s", reasons[figures->stopped]);
	if (isfinite(figures->worst_precision_percent))
		text_add(&text, "%s to within %.1f %%", figures->stopped == STOPPED_BY_PRECISION ? "" : "; each p50 is known",
				 figures->worst_precision_percent);
	add_fact(facts, "How long", text);
}

void
run_facts(const Figures *figures, RunFacts *facts)
{
	facts->n = 0;
	add_what(figures, facts);
	for (int s = 0; s < figures->nsides; s++)
		add_side(figures, &figures->sides[s], facts);
	add_host(figures, facts);
	add_how_long(figures, facts);
}

void
run_facts_free(RunFacts *facts)
{
	for (int i = 0; i < facts->n; i++)
		free(facts->texts[i]);
}

void
report_beginning(const Figures *figures, FILE *out)
{
	RunFacts		facts;

	run_facts(figures, &facts);
	for (int i = 0; i < facts.n; i++)
	{
		char	   *mark = xasprintf("%-10s", facts.names[i]);

		print_item(out, mark, facts.texts[i]);
		free(mark);
	}
	run_facts_free(&facts);
}

/* the largest share that a part has of any step's mean, in percent */
static double
largest_share(const Pair *pair, Metric part)
{
	double		share = 0.0;

	for (int i = 0; i < pair->nsteps; i++)
		share = fmax(share, share_percent(pair->cells[i].cell, part));
	return share;
}

static void
add_row(Table *table, const Cell *cell, const Metric *parts, int nparts, bool with_n)
{
	const Summary *time = main_time(cell);
	double		rest = time->mean.value;

	table_text(table, words_bytes(cell->payload_bytes));
	table_estimate(table, &time->median);
	table_number(table, time->p95);
	table_number(table, time->mean.value);
	for (int p = 0; p < nparts; p++)
	{
		table_number(table, cell->time[parts[p]].mean.value);
		if (isfinite(cell->time[parts[p]].mean.value))
			rest -= cell->time[parts[p]].mean.value;
	}
	if (with_n)
		table_integer(table, cell->time[METRIC_SERVER_TOTAL].n);
	else
		table_number(table, rest);
}

static Table *
answer_table(const Pair *pair, const Metric *parts, int nparts)
{
	Table	   *table = table_create();
	bool		with_n = some_parts_missing(pair);

	table_columns(table, "payload", COLUMN_LABEL, "p50", COLUMN_MS, "95 % interval", COLUMN_INTERVAL,
				  "p95", COLUMN_MS, "mean", COLUMN_MS, NULL);
	for (int p = 0; p < nparts; p++)
		table_column(table, metric_names[parts[p]], COLUMN_MS);
	/* what is of other calls than the mean leaves no rest of it */
	table_column(table, with_n ? "of n" : "rest", with_n ? COLUMN_INTEGER : COLUMN_MS);
	for (int s = 0; s < pair->nsteps; s++)
		add_row(table, pair->cells[s].cell, parts, nparts, with_n);
	if (pair->batched != NULL)
	{
		table_rule(table);
		add_row(table, batch_cell(pair->batched), parts, nparts, with_n);
	}
	return table;
}

/* sizes as rows, and as many parts as fit, in the order in which they happen: the smallest join the rest */
static void
print_answer_table(const Pair *pair, FILE *out)
{
	Metric		parts[METRIC_COUNT];
	int			nparts = 0;
	Table	   *table;
	char	   *text = NULL;

	for (Metric m = FIRST_PART; m < METRIC_UNATTRIBUTED; m++)
		if (largest_share(pair, m) >= LEAST_COLUMN_PERCENT)
			parts[nparts++] = m;
	table = answer_table(pair, parts, nparts);
	while (nparts > 0 && table_width(table) > REPORT_WIDTH)
	{
		int			least = 0;

		for (int p = 1; p < nparts; p++)
			if (largest_share(pair, parts[p]) < largest_share(pair, parts[least]))
				least = p;
		memmove(&parts[least], &parts[least + 1], (size_t) (nparts - least - 1) * sizeof(parts[0]));
		table_free(table);
		table = answer_table(pair, parts, --nparts);
	}
	fprintf(out, "\n%s in ms (%s)\n", pair->multiple->own_round_trips ? "A step's round trip" :
			"A step's time in the server", words_way(pair->multiple->drive, pair->multiple->origin));
	finish_table(table, out);
	text_add(&text, "%s%s p95 is of %lld iteration%s.",
			 some_parts_missing(pair) ? "The parts are means of n calls." :
			 "The parts are means and with the rest add up to the mean.",
			 pair->batched != NULL ? " Last line: the batched step." : "", (long long) main_time(pair->cells[0].cell)->n,
			 plural(main_time(pair->cells[0].cell)->n));
	if (pair->figures->nblocks >= LEAST_INTERVAL_BLOCKS)
		text_add(&text, " (a .. b) is a 95 %% interval: Student's t over the %d blocks.", pair->figures->nblocks);
	print_item(out, "", text);
	free(text);
}

void
report_side_by_side(const Figures *figures, FILE *out)
{
	Table	   *table = table_create();

	print_heading(out, "Drives and origins side by side: all steps and the batch, ms");
	if (figures->nsides > 1)
		table_column(table, "side", COLUMN_TEXT);
	table_columns(table, "drive", COLUMN_TEXT, "origin", COLUMN_TEXT,
				  "multiple", COLUMN_MS, "95 %", COLUMN_INTERVAL, "batched", COLUMN_MS,
				  "95 %", COLUMN_INTERVAL, "ratio", COLUMN_RATIO, "95 %", COLUMN_INTERVAL, NULL);
	for (int i = 0; i < figures->napproaches; i++)
	{
		const Approaches *here = &figures->approaches[i];

		if (drive_is_plain(here->drive))
			continue;
		if (figures->nsides > 1)
			table_text(table, here->side == 0 ? "A" : "B");
		table_text(table, drive_names[here->drive]);
		table_text(table, origin_names[here->origin]);
		table_estimate(table, &here->multiple_ms);
		table_estimate(table, &here->batched_ms);
		table_estimate(table, &here->ratio);
	}
	finish_table(table, out);
}

void
report_pair_findings(const Pair *pair, FILE *out)
{
	Findings	findings = {0};
	char	   *of = has_many_pairs(pair->figures) ? xasprintf(" (%s)", words_whose(pair->figures, pair->multiple)) :
		xstrdup("");

	findings_of_pair(pair, &findings);
	findings_print(&findings, of, out);
	findings_free(&findings);
	free(of);
}

void
report_findings(const Figures *figures, FILE *out)
{
	Findings	findings = {0};
	Pair		pair;

	if (figures->nsides == 1 && pair_at(figures, 0, &pair))
		report_pair_findings(&pair, out);
	findings_of_sides(figures, &findings);
	findings_of_run(figures, &findings);
	findings_print(&findings, "", out);
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
		report_profiles(figures, 0, out);
	}
	print_item(out, "", "\nMore: --full (every table), --plot DIR, --json FILE (for report and compare), --csv, --samples FILE.");
}

void
report_show(const Figures *figures, bool in_full)
{
	if (figures->niterations == 0)
		print_warning("nothing was measured");
	else if (in_full)
		report_full(figures, stdout);
	else
		report_answer(figures, stdout);
	fflush(stdout);
}
