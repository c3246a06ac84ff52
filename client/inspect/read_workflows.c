/*
 * read_workflows.c
 *	  Workflows: how many of each name, their steps, what could be deleted, and
 *	  what is stored twice.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/read.h"
#include "util/memory.h"

#define NAME_CHARACTERS 200
#define MOST_NAMES 5000

/* states in which nothing happens to a workflow any more; all others are taken for unfinished */
#define FINISHED "('SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', 'RETRIES_EXCEEDED')"

/* ended at least so many days ago: the classes of age_expression */
static const int retentions[] = {7, 14, 30, 90, 180, 365};

#define NRETENTIONS ((int) (sizeof(retentions) / sizeof(retentions[0])))

static NamedWorkflows *
find_workflows(Inspection *inspection, const char *name)
{
	NamedWorkflows *new;

	for (int i = inspection->nworkflows - 1; i >= 0; i--)
		if (strcmp(inspection->workflows[i].name, name) == 0)
			return &inspection->workflows[i];
	inspection->workflows = xrealloc(inspection->workflows, (size_t) (inspection->nworkflows + 1) * sizeof(NamedWorkflows));
	new = &inspection->workflows[inspection->nworkflows++];
	*new = (NamedWorkflows) {.name = xstrdup(name), .steps_p50 = UNKNOWN, .steps_p99 = UNKNOWN, .steps_most = UNKNOWN,
		.duration_p50_ms = NAN, .duration_p99_ms = NAN, .in_steps_p50_ms = NAN};
	return new;
}

/* How many of each name, by state. */
static bool
read_counts(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	Source		source = source_make(&reading->layout, TABLE_WORKFLOW_STATUS, "w", reading->whole_pages);
	char	   *sql = xasprintf("SELECT coalesce(left(w.name, %d), ''), count(*), count(*) FILTER (WHERE w.status = 'SUCCESS'),"
								" count(*) FILTER (WHERE w.status IN " FINISHED " AND w.status <> 'SUCCESS'),"
								" count(*) FILTER (WHERE w.created_at > %" PRId64 ")"
								" FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d", NAME_CHARACTERS,
								reading->now_ms - RECENT_DAYS * INT64_C(86400000), source.from, MOST_NAMES + 1);
	PGresult   *result = read_query(reading, "workflows", sql);
	int64_t		all = 0;

	free(sql);
	free(source.from);
	if (result == NULL)
		return false;
	if (PQntuples(result) > MOST_NAMES)
		inspection_note(inspection, "workflows have more than %d names: those of fewest workflows are left out", MOST_NAMES);
	for (int row = 0; row < PQntuples(result) && row < MOST_NAMES; row++)
	{
		NamedWorkflows *named = find_workflows(inspection, PQgetvalue(result, row, 0));

		named->count = read_scaled(result, row, 1, source.factor);
		named->succeeded = read_scaled(result, row, 2, source.factor);
		named->failed = read_scaled(result, row, 3, source.factor);
		named->unfinished = named->count - named->succeeded - named->failed;
		named->recent = read_scaled(result, row, 4, source.factor);
		all += named->count;
	}
	PQclear(result);

	/* the payload columns' query has counted them, where it has any */
	if (!inspection->payloads_in_status)
		note_read(reading, TABLE_WORKFLOW_STATUS, source.pages, all);
	return true;
}

/* SQL: bytes of what a workflow has beside its steps, in text or as stored; malloc'd */
static char *
own_bytes(const Layout *layout, const char *function)
{
	static const PayloadPlace own[] = {
		{TABLE_WORKFLOW_STATUS, "inputs"}, {TABLE_WORKFLOW_STATUS, "output"}, {TABLE_WORKFLOW_STATUS, "error"},
		{TABLE_WORKFLOW_INPUT, "inputs"}, {TABLE_WORKFLOW_OUTPUT, "output"}, {TABLE_WORKFLOW_OUTPUT, "error"},
	};
	char	   *sql = xstrdup("0");

	for (int i = 0; i < (int) (sizeof(own) / sizeof(own[0])); i++)
		if (layout_column(layout, own[i].table, own[i].column))
			text_add(&sql, " + coalesce(%s(%s.%s)::int8, 0)", function,
					 own[i].table == TABLE_WORKFLOW_STATUS ? "w" : own[i].table == TABLE_WORKFLOW_INPUT ? "i" : "r",
					 own[i].column);
	return sql;
}

/*
 * Each workflow with what belongs to it: one row of columns name, age (in days,
 * since it ended; -1: it has not), steps, bytes, stored, own, own_stored, ms and in_steps.
 */
static char *
each_workflow(const Reading *reading, const Source *source, bool by_lookup)
{
	const Layout *layout = &reading->layout;
	char	   *completed = layout_expression(layout, TABLE_WORKFLOW_STATUS, "w", "completed_at", "NULL::int8");
	char	   *updated = layout_expression(layout, TABLE_WORKFLOW_STATUS, "w", "updated_at", "w.created_at");
	char	   *begun = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "started_at_epoch_ms", "NULL::int8");
	char	   *done = layout_expression(layout, TABLE_OPERATION_OUTPUTS, "o", "completed_at_epoch_ms", "NULL::int8");
	char	   *ended = xasprintf("CASE WHEN w.status IN " FINISHED " THEN coalesce(%s, %s) END", completed, updated);
	char	   *age = age_expression(reading, "e.ended");
	char	   *text = own_bytes(layout, "octet_length");
	char	   *stored = own_bytes(layout, "pg_column_size");
	char	   *steps = xasprintf("SELECT %scount(*) AS steps, sum(octet_length(o.output)) AS bytes,"
								  " sum(pg_column_size(o.output)) AS stored, sum(%s - %s) AS ms FROM %s AS o %s",
								  by_lookup ? "" : "o.workflow_uuid, ", done, begun,
								  layout->tables[TABLE_OPERATION_OUTPUTS].quoted,
								  by_lookup ? "WHERE o.workflow_uuid = w.workflow_uuid" : "GROUP BY o.workflow_uuid");
	char	   *sql = xasprintf("SELECT coalesce(left(w.name, %d), '') AS name, %s AS age, coalesce(s.steps, 0) AS steps,"
								" coalesce(s.bytes, 0) AS bytes, coalesce(s.stored, 0) AS stored, %s AS own, %s AS own_stored,"
								" CASE WHEN e.ended >= w.created_at THEN e.ended - w.created_at END AS ms, s.ms AS in_steps"
								" FROM %s CROSS JOIN LATERAL (SELECT %s AS ended) AS e LEFT JOIN %s(%s) AS s ON %s", NAME_CHARACTERS,
								age, text, stored, source->from, ended, by_lookup ? "LATERAL " : "", steps,
								by_lookup ? "true" : "s.workflow_uuid = w.workflow_uuid");

	if (layout->tables[TABLE_WORKFLOW_INPUT].quoted)
		text_add(&sql, " LEFT JOIN %s AS i ON i.workflow_uuid = w.workflow_uuid", layout->tables[TABLE_WORKFLOW_INPUT].quoted);
	if (layout->tables[TABLE_WORKFLOW_OUTPUT].quoted)
		text_add(&sql, " LEFT JOIN %s AS r ON r.workflow_uuid = w.workflow_uuid", layout->tables[TABLE_WORKFLOW_OUTPUT].quoted);
	free(completed);
	free(updated);
	free(begun);
	free(done);
	free(ended);
	free(age);
	free(text);
	free(stored);
	free(steps);
	return sql;
}

/* rows by age, then: those of workflows that ended at least so long ago */
static void
take_deletable(Inspection *inspection, const PGresult *result, int row, double factor)
{
	int			age = (int) read_integer(result, row, 2);

	for (int i = 0; i < inspection->ndeletables; i++)
	{
		Deletable  *deletable = &inspection->deletables[i];

		if (age < deletable->days)
			continue;
		deletable->workflows += read_scaled(result, row, 3, factor);
		amount_add(&deletable->steps, read_scaled(result, row, 4, factor), read_scaled(result, row, 5, factor),
				   read_scaled(result, row, 6, factor));
		deletable->own_text_bytes += read_scaled(result, row, 7, factor);
		deletable->own_stored_bytes += read_scaled(result, row, 8, factor);
	}
}

static void
take_workflow(Inspection *inspection, const PGresult *result, int row)
{
	NamedWorkflows *named = find_workflows(inspection, PQgetvalue(result, row, 1));

	named->steps_p50 = read_or_unknown(result, row, 9);
	named->steps_p99 = read_or_unknown(result, row, 10);
	named->steps_most = read_or_unknown(result, row, 11);
	named->duration_p50_ms = read_real(result, row, 12);
	named->duration_p99_ms = read_real(result, row, 13);
	named->in_steps_p50_ms = read_real(result, row, 14);
}

/*
 * Joins: as they come where the tables are read whole; else each row looks up
 * what belongs to it, which takes time for the sample alone and not for the table.
 */
static bool
join_by_lookup(Reading *reading, bool by_lookup)
{
	if (session_do(reading->session, by_lookup ? "SET LOCAL enable_hashjoin = off" : "SET LOCAL enable_hashjoin = on", 0, NULL))
		return true;
	inspection_fail(reading->session, "workflows");
	return false;
}

/* Are both tables small enough to be read whole and joined? */
static bool
joins_whole(const Reading *reading)
{
	return reading->layout.tables[TABLE_OPERATION_OUTPUTS].pages <= reading->join_pages &&
		reading->layout.tables[TABLE_WORKFLOW_STATUS].pages <= reading->join_pages;
}

/* Steps per workflow, times, and what could be deleted. */
static bool
read_each_workflow(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	bool		by_lookup = !joins_whole(reading);
	Source		source = source_make(&reading->layout, TABLE_WORKFLOW_STATUS, "w",
									 by_lookup ? reading->lookup_pages : reading->join_pages);
	char	   *each = each_workflow(reading, &source, by_lookup);
	char	   *sql = xasprintf("SELECT grouping(name), name, age, count(*), sum(steps), sum(bytes), sum(stored), sum(own), sum(own_stored),"
								" percentile_disc(0.5) WITHIN GROUP (ORDER BY steps), percentile_disc(0.99) WITHIN GROUP (ORDER BY steps),"
								" max(steps), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY ms),"
								" percentile_disc(0.5) WITHIN GROUP (ORDER BY in_steps)"
								" FROM (%s) AS x GROUP BY GROUPING SETS ((name), (age)) ORDER BY 1 DESC LIMIT %d", each, MOST_NAMES);
	PGresult   *result = join_by_lookup(reading, by_lookup) ? read_query(reading, "workflows", sql) : NULL;

	inspection->workflows_sampled = by_lookup;
	free(sql);
	free(each);
	free(source.from);
	if (result == NULL)
		return false;
	inspection->ndeletables = NRETENTIONS;
	inspection->deletables = xcalloc(NRETENTIONS, sizeof(Deletable));
	for (int i = 0; i < NRETENTIONS; i++)
		inspection->deletables[i].days = retentions[i];
	for (int row = 0; row < PQntuples(result); row++)
	{
		if (read_integer(result, row, 0) == 0)
			take_workflow(inspection, result, row);
		else
			take_deletable(inspection, result, row, source.factor);
	}
	PQclear(result);
	return true;
}

/*
 * A step that holds its child's result beside the child's own output.  That they
 * are the same is taken from their lengths: payloads are not read.
 */
static bool
read_duplicates(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	const Layout *layout = &reading->layout;
	bool		by_lookup = !joins_whole(reading);
	bool		in_status = layout_column(layout, TABLE_WORKFLOW_STATUS, "output") != NULL;
	bool		in_table = layout_column(layout, TABLE_WORKFLOW_OUTPUT, "output") != NULL;
	Source		source;
	PGresult   *result;
	char	   *sql;

	if (!layout_column(layout, TABLE_OPERATION_OUTPUTS, "child_workflow_id") || (!in_status && !in_table))
		return true;
	source = source_make(layout, TABLE_OPERATION_OUTPUTS, "o", by_lookup ? reading->part_pages : reading->join_pages);
	sql = xasprintf("SELECT count(*), sum(bytes), sum(stored), count(*) FILTER (WHERE bytes = childs),"
					" sum(bytes) FILTER (WHERE bytes = childs), sum(stored) FILTER (WHERE bytes = childs)"
					" FROM (SELECT octet_length(o.output) AS bytes, pg_column_size(o.output) AS stored,"
					" coalesce(%s%s%s) AS childs FROM %s", in_table ? "octet_length(r.output)" : "",
					in_table && in_status ? ", " : "", in_status ? "octet_length(w.output)" : "", source.from);
	if (in_table)
		text_add(&sql, " LEFT JOIN %s AS r ON r.workflow_uuid = o.child_workflow_id", layout->tables[TABLE_WORKFLOW_OUTPUT].quoted);
	if (in_status)
		text_add(&sql, " LEFT JOIN %s AS w ON w.workflow_uuid = o.child_workflow_id", layout->tables[TABLE_WORKFLOW_STATUS].quoted);
	text_add(&sql, " WHERE o.child_workflow_id IS NOT NULL AND o.output IS NOT NULL) AS x");
	result = join_by_lookup(reading, by_lookup) ? read_query(reading, "children's results", sql) : NULL;
	free(sql);
	free(source.from);
	if (result == NULL)
		return false;
	inspection->duplicates.results = (Amount) {read_scaled(result, 0, 0, source.factor),
		read_scaled(result, 0, 1, source.factor), read_scaled(result, 0, 2, source.factor)};
	inspection->duplicates.same_length = (Amount) {read_scaled(result, 0, 3, source.factor),
		read_scaled(result, 0, 4, source.factor), read_scaled(result, 0, 5, source.factor)};
	PQclear(result);
	return true;
}

bool
read_workflows(Reading *reading)
{
	return read_counts(reading) && read_each_workflow(reading) && read_duplicates(reading);
}
