/*
 * read_steps.c
 *	  Steps: by name, size, format and day.
 *
 * One query counts all rows by everything that is asked for, and the client adds
 * up what it needs: so a table is read once for all of it.  What takes sorting has
 * a query of its own, and fewer rows.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/read.h"
#include "util/memory.h"

/* groups that the one query may come to: more would fill the client's memory */
#define MOST_GROUPS 50000

/* and names: each is looked for among all others */
#define MOST_NAMES 5000

/* names are shown and sorted: longer ones are cut */
#define NAME_CHARACTERS 200

#define LARGEST 5

/* columns of the one query */
enum
{
	GROUP_NAME, GROUP_FORMAT, GROUP_METHOD, GROUP_DIGITS, GROUP_AGE, GROUP_ROWS, GROUP_OUTPUTS, GROUP_TEXT,
	GROUP_STORED, GROUP_LARGEST, GROUP_OUTSIDE, GROUP_ERRORS, GROUP_ERROR_TEXT, GROUP_ERROR_STORED,
	GROUP_ERROR_LARGEST, GROUP_CHILDREN
};

/* expressions of SQL over a row o of operation_outputs */
typedef struct Expressions
{
	char	   *name;
	char	   *format;
	char	   *error;
	char	   *child;
	char	   *started;
	char	   *completed;
	char	   *recorded;		/* when: whichever time there is */
	char	   *digits;			/* of bytes, 0 for none, -1 for NULL */
} Expressions;

static Expressions
expressions_make(const Reading *reading, bool with_names)
{
	const Layout *layout = &reading->layout;
	Expressions e;
	char	   *retention = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "retention_timestamp", "NULL::int8");
	char	   *name = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "function_name", "''");

	/* sorted by its bytes, which is quicker than by any language */
	e.name = with_names ? xasprintf("(%s COLLATE \"C\")", name) : xstrdup("''::text");
	e.format = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "serialization", "NULL::text");
	e.error = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "error", "NULL::text");
	e.child = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "child_workflow_id", "NULL::text");
	e.started = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "started_at_epoch_ms", "NULL::int8");
	e.completed = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "completed_at_epoch_ms", "NULL::int8");
	e.recorded = xasprintf("coalesce(%s, %s, %s)", e.completed, e.started, retention);
	e.digits = xstrdup("CASE WHEN bytes IS NULL THEN -1");
	for (int digits = 0; digits < SIZE_CLASSES - 1; digits++)
		text_add(&e.digits, " WHEN bytes < %.0f THEN %d", pow(10.0, digits), digits);
	text_add(&e.digits, " ELSE %d END", SIZE_CLASSES - 1);
	free(retention);
	free(name);
	return e;
}

static void
expressions_free(Expressions *e)
{
	free(e->name);
	free(e->format);
	free(e->error);
	free(e->child);
	free(e->started);
	free(e->completed);
	free(e->recorded);
	free(e->digits);
}

static PGresult *
query_groups(Reading *reading, const Source *source, bool with_names)
{
	Expressions e = expressions_make(reading, with_names);
	char	   *age = age_expression(reading, "x.recorded");
	char	   *method = method_expression(reading, "o.output");
	char	   *outside = outside_expression(reading, "o.output");

	/* OFFSET 0: each value is looked at once and not in every place that names it */
	char	   *sql = xasprintf("SELECT left(x.name, %d), x.format, x.method, x.digits, x.age, count(*), count(x.bytes), sum(x.bytes),"
								" sum(x.stored), max(x.bytes), count(*) FILTER (WHERE x.outside), count(x.error), sum(x.error),"
								" sum(x.error_stored), max(x.error), count(x.child)"
								" FROM (SELECT x.*, %s AS age, %s AS digits"
								" FROM (SELECT %s AS name, %s AS format, %s AS method, octet_length(o.output) AS bytes,"
								" pg_column_size(o.output) AS stored, %s AS outside, octet_length(%s) AS error,"
								" pg_column_size(%s) AS error_stored, %s AS child, %s AS recorded FROM %s OFFSET 0) AS x) AS x"
								" GROUP BY x.name, 2, 3, 4, 5 ORDER BY x.name LIMIT %d",
								NAME_CHARACTERS, age, e.digits, e.name, e.format, method, outside, e.error, e.error, e.child,
								e.recorded, source->from, MOST_GROUPS + 1);
	PGresult   *result = read_query(reading, "steps", sql);

	expressions_free(&e);
	free(age);
	free(method);
	free(outside);
	free(sql);
	return result;
}

/* The steps of that name, made where there are none yet. */
static NamedSteps *
find_name(Inspection *inspection, const char *name)
{
	NamedSteps *new;

	/* groups come name by name */
	for (int i = inspection->nnames - 1; i >= 0; i--)
		if (strcmp(inspection->names[i].name, name) == 0)
			return &inspection->names[i];
	inspection->names = xrealloc(inspection->names, (size_t) (inspection->nnames + 1) * sizeof(NamedSteps));
	new = &inspection->names[inspection->nnames++];
	*new = (NamedSteps) {.name = xstrdup(name), .largest_bytes = UNKNOWN, .p50_bytes = UNKNOWN, .p99_bytes = UNKNOWN,
		.duration_p50_ms = NAN, .duration_p99_ms = NAN};
	return new;
}

static FormatAmount *
find_format(Inspection *inspection, const char *format)
{
	FormatAmount *new;

	for (int i = 0; i < inspection->nformats; i++)
	{
		const char *known = inspection->formats[i].format;

		if (known == NULL ? format == NULL : format != NULL && strcmp(known, format) == 0)
			return &inspection->formats[i];
	}
	inspection->formats = xrealloc(inspection->formats, (size_t) (inspection->nformats + 1) * sizeof(FormatAmount));
	new = &inspection->formats[inspection->nformats++];
	*new = (FormatAmount) {.format = format ? xstrdup(format) : NULL};
	return new;
}

static void
take_output(PayloadColumn *output, PayloadColumn *error, const PGresult *result, int row, double factor)
{
	const char *method = PQgetvalue(result, row, GROUP_METHOD);
	int64_t		rows = read_scaled(result, row, GROUP_OUTPUTS, factor);
	int64_t		text = read_scaled(result, row, GROUP_TEXT, factor);
	int64_t		stored = read_scaled(result, row, GROUP_STORED, factor);
	int64_t		largest = read_or_unknown(result, row, GROUP_LARGEST);
	int64_t		error_largest = read_or_unknown(result, row, GROUP_ERROR_LARGEST);

	amount_add(&output->amount, rows, text, stored);
	if (*method != '\0')
		amount_add(strcmp(method, "lz4") == 0 ? &output->lz4 : &output->pglz, rows, text, stored);
	output->outside += read_scaled(result, row, GROUP_OUTSIDE, factor);
	if (largest > output->largest_bytes)
		output->largest_bytes = largest;
	amount_add(&error->amount, read_scaled(result, row, GROUP_ERRORS, factor),
			   read_scaled(result, row, GROUP_ERROR_TEXT, factor), read_scaled(result, row, GROUP_ERROR_STORED, factor));
	if (error_largest > error->largest_bytes)
		error->largest_bytes = error_largest;
}

/* One group of rows, into everything that it is part of. */
static void
take_group(Inspection *inspection, PayloadColumn *output, PayloadColumn *error, const PGresult *result, int row,
		   double factor)
{
	int			digits = (int) read_integer(result, row, GROUP_DIGITS);
	int			age = (int) read_integer(result, row, GROUP_AGE);
	bool		recent = age >= 0 && age < RECENT_DAYS;
	int64_t		rows = read_scaled(result, row, GROUP_ROWS, factor);
	int64_t		outputs = read_scaled(result, row, GROUP_OUTPUTS, factor);
	int64_t		text = read_scaled(result, row, GROUP_TEXT, factor);
	int64_t		stored = read_scaled(result, row, GROUP_STORED, factor);
	int64_t		largest = read_or_unknown(result, row, GROUP_LARGEST);
	NamedSteps *named = find_name(inspection, PQgetvalue(result, row, GROUP_NAME));

	amount_add(&inspection->steps, rows, text, stored);
	amount_add(&named->amount, rows, text, stored);
	named->outputs += outputs;
	named->errors += read_scaled(result, row, GROUP_ERRORS, factor);
	named->children += read_scaled(result, row, GROUP_CHILDREN, factor);
	if (largest > named->largest_bytes)
		named->largest_bytes = largest;
	if (recent)
		amount_add(&named->recent, rows, text, stored);
	if (digits >= 0 && digits < SIZE_CLASSES)
	{
		FormatAmount *format = find_format(inspection, PQgetisnull(result, row, GROUP_FORMAT) ? NULL :
										   PQgetvalue(result, row, GROUP_FORMAT));

		named->sizes[digits] += outputs;
		amount_add(&inspection->sizes[digits].amount, outputs, text, stored);
		amount_add(&format->amount, outputs, text, stored);
		if (recent)
		{
			amount_add(&inspection->sizes[digits].recent, outputs, text, stored);
			amount_add(&format->recent, outputs, text, stored);
		}
	}
	if (age >= 0 && age < DAYS)
		amount_add(&inspection->days[age].amount, rows, text, stored);
	if (age + 1 > inspection->recent_days)
		inspection->recent_days = age + 1 < RECENT_DAYS ? age + 1 : RECENT_DAYS;
	take_output(output, error, result, row, factor);
}

/* a column of the steps, before its rows are added up */
static PayloadColumn *
begin_column(Reading *reading, PayloadColumn *column, const char *name)
{
	const LayoutColumn *known = layout_column(&reading->layout, TABLE_OPERATION_OUTPUTS, name);

	*column = (PayloadColumn) {
		.table = xstrdup(layout_table_names[TABLE_OPERATION_OUTPUTS]),
		.column = xstrdup(name),
		.storage = known ? xstrdup(known->storage) : xstrdup(""),
		.compression = known && known->compression ? xstrdup(known->compression) : NULL,
		.largest_bytes = UNKNOWN,
	};
	return column;
}

/* Make the lists whose lengths are known; the steps' own columns come first. */
static void
make_room(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	PayloadColumn *columns = xcalloc((size_t) inspection->ncolumns + 2, sizeof(PayloadColumn));

	if (inspection->ncolumns > 0)
		memcpy(columns + 2, inspection->columns, (size_t) inspection->ncolumns * sizeof(PayloadColumn));
	free(inspection->columns);
	inspection->columns = columns;
	inspection->ncolumns += 2;
	begin_column(reading, &columns[0], "output");
	begin_column(reading, &columns[1], "error")->outside = UNKNOWN;
	columns[1].pglz = columns[1].lz4 = (Amount) {UNKNOWN, UNKNOWN, UNKNOWN};

	inspection->nsizes = SIZE_CLASSES;
	inspection->sizes = xcalloc(SIZE_CLASSES, sizeof(SizeClass));
	for (int i = 0; i < SIZE_CLASSES; i++)
	{
		inspection->sizes[i].from_bytes = i == 0 ? 0 : (int64_t) (pow(10.0, i - 1) + 0.5);
		inspection->sizes[i].duration_p50_ms = inspection->sizes[i].duration_p99_ms = NAN;
	}
	inspection->ndays = DAYS;
	inspection->days = xcalloc(DAYS, sizeof(DayAmount));
	for (int i = 0; i < DAYS; i++)
		inspection->days[i].days_ago = i;
}

/*
 * A group has a row of its largest length: so the LARGEST rows of all are no
 * shorter than the LARGEST groups' largest.  That leaves few rows to be sorted.
 */
static void
keep_largest(int64_t *least, int64_t largest)
{
	for (int i = 0; i < LARGEST; i++)
		if (largest > least[i])
		{
			int64_t		smaller = least[i];

			least[i] = largest;
			largest = smaller;
		}
}

/* Are they more than can be told apart? */
static bool
are_too_many(const PGresult *result)
{
	int			names = 0;

	for (int row = 0; row < PQntuples(result); row++)
		names += row == 0 || strcmp(PQgetvalue(result, row, GROUP_NAME), PQgetvalue(result, row - 1, GROUP_NAME)) != 0;
	return PQntuples(result) > MOST_GROUPS || names > MOST_NAMES;
}

static bool
read_groups(Reading *reading, bool with_names, int64_t *largest)
{
	Inspection *inspection = reading->inspection;
	Source		source = source_make(&reading->layout, TABLE_OPERATION_OUTPUTS, "o", reading->whole_pages);
	PGresult   *result = query_groups(reading, &source, with_names);

	free(source.from);
	if (result == NULL)
		return false;
	if (with_names && are_too_many(result))
	{
		PQclear(result);
		inspection->names_left_out = true;
		inspection_note(inspection, "steps have too many names to be told apart by them (ids in names?)");
		return read_groups(reading, false, largest);
	}
	for (int row = 0; row < PQntuples(result); row++)
	{
		take_group(inspection, &inspection->columns[0], &inspection->columns[1], result, row, source.factor);
		keep_largest(largest, read_integer(result, row, GROUP_LARGEST));
	}
	PQclear(result);
	note_read(reading, TABLE_OPERATION_OUTPUTS, source.pages, inspection->steps.rows);
	return true;
}

/* What takes sorting: percentiles, by name and by size. */
static bool
read_percentiles(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	Source		source = source_make(&reading->layout, TABLE_OPERATION_OUTPUTS, "o", reading->part_pages);
	Expressions e = expressions_make(reading, !inspection->names_left_out);
	char	   *sql = xasprintf("SELECT grouping(name), left(name, %d), digits, percentile_disc(0.5) WITHIN GROUP (ORDER BY bytes),"
								" percentile_disc(0.99) WITHIN GROUP (ORDER BY bytes), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms),"
								" percentile_disc(0.99) WITHIN GROUP (ORDER BY ms)"
								" FROM (SELECT *, %s AS digits FROM (SELECT %s AS name, octet_length(o.output) AS bytes,"
								" CASE WHEN %s >= %s THEN %s - %s END AS ms FROM %s) AS s) AS s GROUP BY GROUPING SETS ((name), (digits))",
								NAME_CHARACTERS, e.digits, e.name, e.completed, e.started, e.completed, e.started, source.from);
	PGresult   *result = read_query(reading, "steps", sql);

	inspection->percentiles_sampled = source.factor > 1.0;
	expressions_free(&e);
	free(sql);
	free(source.from);
	if (result == NULL)
		return false;
	for (int row = 0; row < PQntuples(result); row++)
	{
		int			digits = (int) read_integer(result, row, 2);

		if (read_integer(result, row, 0) == 0)
		{
			NamedSteps *named = find_name(inspection, PQgetvalue(result, row, 1));

			named->p50_bytes = read_or_unknown(result, row, 3);
			named->p99_bytes = read_or_unknown(result, row, 4);
			named->duration_p50_ms = read_real(result, row, 5);
			named->duration_p99_ms = read_real(result, row, 6);
		}
		else if (digits >= 0 && digits < SIZE_CLASSES)
		{
			inspection->sizes[digits].duration_p50_ms = read_real(result, row, 5);
			inspection->sizes[digits].duration_p99_ms = read_real(result, row, 6);
		}
	}
	PQclear(result);
	return true;
}

static bool
read_largest(Reading *reading, int64_t least)
{
	Inspection *inspection = reading->inspection;
	Source		source = source_make(&reading->layout, TABLE_OPERATION_OUTPUTS, "o", reading->whole_pages);
	Expressions e = expressions_make(reading, true);
	char	   *sql = xasprintf("SELECT o.workflow_uuid, o.function_id, left(%s, %d), octet_length(o.output), pg_column_size(o.output)"
								" FROM %s WHERE octet_length(o.output) >= %" PRId64 " ORDER BY 4 DESC, 1, 2 LIMIT %d", e.name, NAME_CHARACTERS,
								source.from, least, LARGEST);
	PGresult   *result = read_query(reading, "the largest outputs", sql);

	expressions_free(&e);
	free(sql);
	free(source.from);
	if (result == NULL)
		return false;
	inspection->nlargest = PQntuples(result);
	inspection->largest = xcalloc((size_t) inspection->nlargest + 1, sizeof(LargeOutput));
	for (int row = 0; row < inspection->nlargest; row++)
		inspection->largest[row] = (LargeOutput) {
			.workflow_uuid = xstrdup(PQgetvalue(result, row, 0)),
			.function_id = (int) read_integer(result, row, 1),
			.name = xstrdup(PQgetvalue(result, row, 2)),
			.text_bytes = read_integer(result, row, 3),
			.stored_bytes = read_integer(result, row, 4),
		};
	PQclear(result);
	return true;
}

/* qsort: most bytes first */
static int
compare_names(const void *left, const void *right)
{
	const NamedSteps *a = left;
	const NamedSteps *b = right;

	if (a->amount.text_bytes != b->amount.text_bytes)
		return a->amount.text_bytes > b->amount.text_bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int
compare_formats(const void *left, const void *right)
{
	const Amount *a = &((const FormatAmount *) left)->amount;
	const Amount *b = &((const FormatAmount *) right)->amount;

	return (a->text_bytes < b->text_bytes) - (a->text_bytes > b->text_bytes);
}

bool
read_steps(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	int64_t		largest[LARGEST] = {0};

	make_room(reading);
	if (!read_groups(reading, true, largest) || !read_percentiles(reading) || !read_largest(reading, largest[LARGEST - 1]))
		return false;
	if (inspection->nnames > 0)
		qsort(inspection->names, (size_t) inspection->nnames, sizeof(NamedSteps), compare_names);
	if (inspection->nformats > 0)
		qsort(inspection->formats, (size_t) inspection->nformats, sizeof(FormatAmount), compare_formats);
	return true;
}
