/*
 * test_experiment.c
 *	  What experiments come to: a result that was written is read as it was, and what is
 *	  no such file is refused, with the place named; plots find their series; a plan's
 *	  estimates are of what was measured together.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiment/lab.h"
#include "figures/experiment.h"
#include "figures/result_file.h"
#include "tap.h"
#include "util/memory.h"

/* a table of two labels and a figure, three rows of which two are of the same thing */
static void
make(Experiments *experiments)
{
	ExperimentResult *result;
	ExperimentTable *table;

	memset(experiments, 0, sizeof(*experiments));
	experiments->tool_version = xstrdup("1");
	experiments->started_at = xstrdup("2026-11-25T02:46:18.123Z");
	experiments->run_id = xstrdup("id");
	experiments->environment.transport = "tcp";
	experiments->environment.rtt_ms = NAN;
	experiments->environment.tcp_rtt_ms = NAN;
	experiments->results = xcalloc(1, sizeof(ExperimentResult));
	experiments->nresults = 1;
	result = &experiments->results[0];
	result_begin(result, "made", "What?");
	result->started_at = xstrdup(experiments->started_at);
	result->measured_s = 1.5;
	result_parameter(result, "sizes", "%d", 3);
	result_condition(result, "blocks", "%d", 10);
	table = result_table(result, "cells", "Cells", true);
	result_column(table, "who", "who", UNIT_LABEL, SHOW_BRIEF, "Who.");
	result_column(table, "size", "size", UNIT_BYTES, SHOW_BRIEF, "How much.");
	result_column(table, "time", "time", UNIT_MS, SHOW_INTERVAL, "How long.");
	for (int i = 0; i < 3; i++)
	{
		result_label(table, "%s", i < 2 ? "a" : "b");
		result_exact(table, 10 * (i + 1));
		result_estimate(table, i == 1 ? estimate_unknown() : (Estimate) {1.0 / 3.0 * i, 0.1, 0.7, 10}, i == 1 ? 0 : 30);
	}
	result_plot(result, PLOT_LINES, "time", "Time", "Points.", "cells", "size", "time", "who");
	result_plot_where(result_plot(result, PLOT_BARS, "some", "Some", "Bars.", "cells", "who", "size,time", NULL), "who", "b");
	result_conclude(result, "It takes %d ms.", 1);
	result_caveat(result, "So far.");
	experiments_tidy(experiments);
}

static void
test_file(void)
{
	char		path[] = "/tmp/experiment.XXXXXX";
	Experiments made;
	Experiments read = {0};
	char	   *first;
	char	   *second;
	size_t		length;
	const ExperimentTable *table;

	close(mkstemp(path));
	make(&made);
	ok(experiments_write(&made, path), "written");
	first = result_file_text(path, &length);
	ok(result_file_kind(first, length) == RESULT_EXPERIMENT, "it is of its kind");
	ok(experiments_parse(first, length, path, &read), "read");
	table = result_find_table(&read.results[0], "cells");
	ok(table != NULL && table->nrows == 3 && table->rows[2].cells[2].estimate.value == made.results[0].tables[0].rows[2].cells[2].estimate.value &&
	   isnan(table->rows[1].cells[2].estimate.value) && table->rows[2].cells[2].n == 30 && strcmp(table->rows[2].cells[0].text, "b") == 0,
	   "a table with its figures");
	ok(read.conninfo == NULL && !read.results[0].partial && read.results[0].nconclusions == 1 && read.results[0].ncaveats == 1, "the rest");
	ok(experiments_write(&read, path), "written again");
	second = result_file_text(path, &length);
	ok(strcmp(first, second) == 0, "and it is the same file");
	free(first);
	free(second);
	experiments_free(&made);
	experiments_free(&read);
	unlink(path);
}

/* Is the file refused when this is put in the place of that? */
static bool
refused(const char *text, const char *that, const char *this)
{
	const char *at = strstr(text, that);
	char	   *changed;
	Experiments read;
	bool		good;

	if (at == NULL)
		return false;
	changed = xasprintf("%.*s%s%s", (int) (at - text), text, this, at + strlen(that));
	good = experiments_parse(changed, strlen(changed), "x.json", &read);
	if (good)
		experiments_free(&read);
	free(changed);
	return !good;
}

static void
test_mistakes(void)
{
	char		path[] = "/tmp/experiment.XXXXXX";
	Experiments made;
	char	   *text;
	size_t		length;
	FILE	   *kept = freopen("/dev/null", "w", stderr);

	close(mkstemp(path));
	make(&made);
	ok(kept != NULL && experiments_write(&made, path), "written");
	text = result_file_text(path, &length);
	ok(refused(text, "\"experiment\"", "\"run\""), "another kind is refused");
	ok(refused(text, "\"schema_version\": 1", "\"schema_version\": 2"), "another version is refused");
	ok(refused(text, "\"ms\"", "\"hours\""), "a unit that there is not is refused");
	ok(refused(text, "\"text\": \"b\"", "\"text\": null"), "a label without a text is refused");
	ok(refused(text, "\"x\": \"size\"", "\"x\": \"weight\""), "a plot of a column that is not there is refused");
	ok(refused(text, "\"is\": \"b\"", "\"is\": null"), "a plot of rows that say nothing is refused");
	ok(refused(text, "\"name\": \"some\"", "\"name\": \"../some\""), "a plot that would be drawn elsewhere is refused");
	ok(refused(text, "\"unit\": \"bytes\",", ""), "a key that is not there is refused");
	text[length / 2] = '\0';
	ok(refused(text, "\"kind\"", "\"kind\""), "half a file is refused");
	free(text);
	experiments_free(&made);
	unlink(path);
}

static void
test_series(void)
{
	Experiments made;
	const ExperimentResult *result;
	PlotSeries	series;

	make(&made);
	result = &made.results[0];
	ok(plot_series_at(result, &result->plots[0], 1, &series) && strcmp(series.title, "b") == 0 &&
	   !series_has_row(&series, 0) && series_has_row(&series, 2) && !plot_series_at(result, &result->plots[0], 2, &series),
	   "a series for each text");
	ok(plot_series_at(result, &result->plots[1], 1, &series) && strcmp(series.title, "time") == 0 &&
	   !series_has_row(&series, 0) && series_has_row(&series, 2) && !plot_series_at(result, &result->plots[1], 2, &series),
	   "a series for each column, of the rows that it is of");
	experiments_free(&made);
}

/* Two cells over seven blocks of two iterations; the second takes twice the first, which drifts. */
static void
test_plan(void)
{
	Plan		plan = {.ncells = 2,.nmetrics = 1};
	Estimate	ratio;
	Estimate	difference;
	Estimate	mean;
	double		p;

	plan.nblocks = 7;
	plan.rows = xcalloc(28, sizeof(PlanRow));
	for (int i = 0; i < 28; i++)
	{
		PlanRow    *row = &plan.rows[plan.nvalues++];
		int			turn = i / 2;

		/* their order changes from turn to turn */
		*row = (PlanRow) {turn / 2, turn % 2, (i + turn) % 2, xcalloc(1, sizeof(double))};
		row->values[0] = (turn + 1) * (row->cell == 1 ? 2.0 : 1.0);
	}
	plan.rows[27].values[0] = NAN;
	ratio = plan_ratio(&plan, 1, 0, 0, 0, &p);
	ok(fabs(ratio.value - 2.0) < 1e-9 && fabs(ratio.low - 2.0) < 1e-9 && ratio.nblocks == 7 && p < 1e-6,
	   "a ratio is taken within the turn, where drift is the same to both");
	difference = plan_difference(&plan, 1, 0, 0, 0);
	ok(fabs(difference.value - (1.5 + 3.5 + 5.5 + 7.5 + 9.5 + 11.5 + 13) / 7) < 1e-9, "and so is a difference");
	mean = plan_mean(&plan, 0, 0);
	ok(mean.nblocks == 7 && mean.low < mean.value && mean.high > mean.value && plan_n(&plan, 0, 0) + plan_n(&plan, 1, 0) == 27,
	   "what was not measured counts for nothing");
	plan_free(&plan);
	ok(isnan(plan_ratio(&plan, 1, 0, 0, 0, &p).value) && p == 1.0, "nothing measured: nothing known");
}

int
main(void)
{
	test_file();
	test_series();
	test_plan();
	test_mistakes();
	return done_testing();
}
