/*
 * experiment_json.c
 *	  Result files of experiments.  docs/result-file.md says the same in words.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/experiment.h"
#include "figures/field_rows.h"
#include "figures/result_file.h"
#include "util/memory.h"

#define KIND "experiment"
#define SCHEMA_VERSION 1

_Static_assert(sizeof(Unit) == sizeof(int) && sizeof(PlotKind) == sizeof(int), "enums are ints");

static const Fields column = {sizeof(ExperimentColumn), false, (const Field[]) {
	TEXT(ExperimentColumn, "name", name),
	TEXT(ExperimentColumn, "title", title),
	TEXT(ExperimentColumn, "meaning", meaning),
	WORD(ExperimentColumn, "unit", unit, unit_names, UNIT_COUNT_OF_UNITS),
	BOOL(ExperimentColumn, "brief", brief),
	BOOL(ExperimentColumn, "interval", interval),
	END
}};

static const Fields cell = {sizeof(ExperimentCell), false, (const Field[]) {
	TEXT_OR_NULL(ExperimentCell, "text", text),
	ESTIMATE(ExperimentCell, "estimate", estimate),
	INT64(ExperimentCell, "n", n),
	END
}};

static const Fields row = {sizeof(ExperimentRow), false, (const Field[]) {
	LIST(ExperimentRow, "cells", cells, ncells, cell),
	END
}};

static const Fields table = {sizeof(ExperimentTable), false, (const Field[]) {
	TEXT(ExperimentTable, "name", name),
	TEXT(ExperimentTable, "title", title),
	BOOL(ExperimentTable, "brief", brief),
	LIST(ExperimentTable, "columns", columns, ncolumns, column),
	LIST(ExperimentTable, "rows", rows, nrows, row),
	END
}};

static const Fields plot = {sizeof(ExperimentPlot), false, (const Field[]) {
	TEXT(ExperimentPlot, "name", name),
	TEXT(ExperimentPlot, "title", title),
	TEXT(ExperimentPlot, "caption", caption),
	WORD(ExperimentPlot, "kind", kind, plot_kind_names, PLOT_KIND_COUNT),
	TEXT(ExperimentPlot, "table", table),
	TEXT(ExperimentPlot, "x", x),
	TEXT_OR_NULL(ExperimentPlot, "by", by),
	TEXT_OR_NULL(ExperimentPlot, "where", where),
	TEXT_OR_NULL(ExperimentPlot, "is", is),
	TEXTS(ExperimentPlot, "y", y, ny),
	BOOL(ExperimentPlot, "log_x", log_x),
	BOOL(ExperimentPlot, "log_y", log_y),
	END
}};

static const Fields parameter = {sizeof(ExperimentParameter), false, (const Field[]) {
	TEXT(ExperimentParameter, "name", name),
	TEXT(ExperimentParameter, "value", value),
	END
}};

static const Fields result = {sizeof(ExperimentResult), false, (const Field[]) {
	TEXT(ExperimentResult, "name", name),
	TEXT(ExperimentResult, "question", question),
	TEXT(ExperimentResult, "started_at", started_at),
	REAL(ExperimentResult, "measured_s", measured_s),
	BOOL(ExperimentResult, "partial", partial),
	LIST(ExperimentResult, "parameters", parameters, nparameters, parameter),
	LIST(ExperimentResult, "conditions", conditions, nconditions, parameter),
	LIST(ExperimentResult, "tables", tables, ntables, table),
	LIST(ExperimentResult, "plots", plots, nplots, plot),
	TEXTS(ExperimentResult, "conclusions", conclusions, nconclusions),
	TEXTS(ExperimentResult, "caveats", caveats, ncaveats),
	END
}};

static const Fields experiments_fields = {sizeof(Experiments), false, (const Field[]) {
	TEXT(Experiments, "tool_version", tool_version),
	TEXT(Experiments, "started_at", started_at),
	TEXT(Experiments, "run_id", run_id),
	TEXTS(Experiments, "command", command, ncommand),
	TEXT_OR_NULL(Experiments, "conninfo", conninfo),
	STRUCT(Experiments, "environment", environment, environment_fields),
	LIST(Experiments, "experiments", results, nresults, result),
	END
}};

void
experiments_free(Experiments *experiments)
{
	/* what was checked is in no file, and so among no fields */
	environment_free(&experiments->environment);
	fields_free(&experiments_fields, experiments);
}

void
experiments_tidy(Experiments *experiments)
{
	fields_tidy(&experiments_fields, experiments);
}

bool
experiments_write(const Experiments *experiments, const char *path)
{
	return result_file_write(path, json_pack("{s:s, s:i}", "kind", KIND, "schema_version", SCHEMA_VERSION),
							 fields_write(&experiments_fields, experiments), RESULT_DIGITS);
}

/* Names become those of files. */
static bool
is_name(const char *name)
{
	size_t		length = strlen(name);

	return length > 0 && length <= 60 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

/* a plot needs no column where it names none */
static bool
has_column(const ExperimentTable *of, const char *name)
{
	return name == NULL || table_find_column(of, name) >= 0;
}

/* What the keys one by one do not say; NULL, or what is wrong: the caller's. */
static char *
check_result(const ExperimentResult *here)
{
	if (!is_name(here->name))
		return xasprintf("the name of an experiment is not of a-z, 0-9, _ and -");
	if (here->ntables > MAX_EXPERIMENT_TABLES || here->nplots > MAX_EXPERIMENT_PLOTS)
		return xasprintf("experiment \"%s\" has more tables or plots than %d and %d", here->name,
						 MAX_EXPERIMENT_TABLES, MAX_EXPERIMENT_PLOTS);
	for (int t = 0; t < here->ntables; t++)
	{
		const ExperimentTable *of = &here->tables[t];

		if (of->ncolumns > MAX_EXPERIMENT_COLUMNS || (of->ncolumns == 0 && of->nrows > 0))
			return xasprintf("experiment \"%s\", table \"%.60s\" has %d columns, not 1 to %d", here->name, of->name,
							 of->ncolumns, MAX_EXPERIMENT_COLUMNS);
		for (int r = 0; r < of->nrows; r++)
		{
			if (of->rows[r].ncells != of->ncolumns)
				return xasprintf("experiment \"%.60s\", table \"%.60s\": row %d has %d cells, the table %d columns",
								 here->name, of->name, r, of->rows[r].ncells, of->ncolumns);
			for (int c = 0; c < of->ncolumns; c++)
				if ((of->columns[c].unit == UNIT_LABEL) != (of->rows[r].cells[c].text != NULL))
					return xasprintf("experiment \"%.60s\", table \"%.60s\": row %d, column \"%.60s\" is %s",
									 here->name, of->name, r, of->columns[c].name,
									 of->columns[c].unit == UNIT_LABEL ? "no text" : "a text");
		}
	}
	for (int p = 0; p < here->nplots; p++)
	{
		const ExperimentPlot *of = &here->plots[p];
		const ExperimentTable *from = result_find_table(here, of->table);
		bool		good = from != NULL && has_column(from, of->x) && has_column(from, of->by) &&
			has_column(from, of->where) && (of->where != NULL) == (of->is != NULL);

		if (!is_name(of->name))
			return xasprintf("experiment \"%s\": the name of a plot is not of a-z, 0-9, _ and -", here->name);
		for (int y = 0; y < of->ny && good; y++)
			good = has_column(from, of->y[y]);
		if (!good)
			return xasprintf("experiment \"%.60s\", plot \"%.60s\" is of a table or column that is not there",
							 here->name, of->name);
	}
	return NULL;
}

static char *
take_root(const json_t *root, Experiments *experiments)
{
	const json_t *version = json_object_get(root, "schema_version");
	char	   *error;

	if (!json_is_integer(version) || json_integer_value(version) != SCHEMA_VERSION)
		return xasprintf("its schema_version is not %d, which this program reads", SCHEMA_VERSION);
	if (!fields_read(&experiments_fields, root, experiments, &error))
		return error;
	error = NULL;
	for (int i = 0; i < experiments->nresults && error == NULL; i++)
		error = check_result(&experiments->results[i]);
	return error;
}

bool
experiments_parse(const char *text, size_t length, const char *path, Experiments *experiments)
{
	char	   *error;
	json_t	   *root = result_file_parse(text, length, RESULT_EXPERIMENT, &error);

	memset(experiments, 0, sizeof(*experiments));
	if (root != NULL)
		error = take_root(root, experiments);
	json_decref(root);
	if (result_file_is_good(path, error))
		return true;
	experiments_free(experiments);
	return false;
}
