/*
 * experiment_json.c
 *	  Result files of experiments.  docs/result-file.md says the same in words.
 */
#include <stdlib.h>
#include <string.h>

#include "figures/experiment.h"
#include "figures/field_rows.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/output.h"

#define KIND "experiment"
#define SCHEMA_VERSION 1

/* the figures have 12 digits: with three more each is read as it was written */
#define DUMP_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(15))

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
	FIELD(FIELD_TEXT, ExperimentPlot, "y", y, .shape = SHAPE_LIST, .count = offsetof(ExperimentPlot, ny)),
	BOOL(ExperimentPlot, "log_x", log_x),
	BOOL(ExperimentPlot, "log_y", log_y),
	END
}};

static const Fields parameter = {sizeof(ExperimentParameter), false, (const Field[]) {
	TEXT(ExperimentParameter, "name", name),
	TEXT(ExperimentParameter, "value", value),
	END
}};

#define TEXTS(in, name, member, number) \
	FIELD(FIELD_TEXT, in, name, member, .shape = SHAPE_LIST, .count = offsetof(in, number))

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
	Output		output;
	json_t	   *root;
	json_t	   *body;
	bool		good;

	if (!output_open(path, &output))
		return false;
	root = json_object();
	json_object_set_new(root, "kind", json_string(KIND));
	json_object_set_new(root, "schema_version", json_integer(SCHEMA_VERSION));
	body = fields_write(&experiments_fields, experiments);
	json_object_update(root, body);
	json_decref(body);
	good = json_dumpf(root, output.file, DUMP_FLAGS) == 0;
	good = putc('\n', output.file) != EOF && good;
	json_decref(root);
	return output_close(path, &output, good);
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
	const char *kind = json_string_value(json_object_get(root, "kind"));
	const json_t *version = json_object_get(root, "schema_version");
	char	   *error;

	if (kind == NULL || strcmp(kind, KIND) != 0)
		return xasprintf("this is no result file of experiments: its \"kind\" is not \"" KIND "\"");
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
experiments_is_kind(const char *text, size_t length)
{
	json_t	   *root = json_loadb(text, length, JSON_DECODE_ANY, NULL);
	const char *kind = json_string_value(json_object_get(root, "kind"));
	bool		is = kind != NULL && strcmp(kind, KIND) == 0;

	json_decref(root);
	return is;
}

bool
experiments_parse(const char *text, size_t length, const char *path, Experiments *experiments)
{
	json_error_t parse_error;
	json_t	   *root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &parse_error);
	char	   *error;

	memset(experiments, 0, sizeof(*experiments));
	if (root == NULL)
		error = xasprintf("line %d: this is not JSON, or not all of it: %s", parse_error.line, parse_error.text);
	else
		error = take_root(root, experiments);
	json_decref(root);
	if (error == NULL)
		return true;
	print_error("result file \"%s\": %s", path, error);
	free(error);
	experiments_free(experiments);
	return false;
}
