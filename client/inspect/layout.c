/*
 * layout.c
 *	  Which of DBOS's tables and columns a schema has.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/layout.h"
#include "inspect/read.h"
#include "util/memory.h"
#include "util/message.h"

const char *const layout_table_names[LAYOUT_TABLES] = {
	"workflow_status", "operation_outputs", "workflow_input", "workflow_output", "notifications",
	"workflow_events", "workflow_events_history", "streams", "dbos_migrations"
};

const PayloadPlace payload_places[] = {
	{TABLE_OPERATION_OUTPUTS, "output"},
	{TABLE_OPERATION_OUTPUTS, "error"},
	{TABLE_WORKFLOW_STATUS, "inputs"},
	{TABLE_WORKFLOW_STATUS, "output"},
	{TABLE_WORKFLOW_STATUS, "error"},
	{TABLE_WORKFLOW_INPUT, "inputs"},
	{TABLE_WORKFLOW_OUTPUT, "output"},
	{TABLE_WORKFLOW_OUTPUT, "error"},
	{TABLE_NOTIFICATIONS, "message"},
	{TABLE_WORKFLOW_EVENTS, "value"},
	{TABLE_WORKFLOW_EVENTS_HISTORY, "value"},
	{TABLE_STREAMS, "value"},
};

const int	npayload_places = (int) (sizeof(payload_places) / sizeof(payload_places[0]));

/* without these it is no schema of DBOS's, or nothing could be said of it */
static const PayloadPlace needed[] = {
	{TABLE_OPERATION_OUTPUTS, "workflow_uuid"},
	{TABLE_OPERATION_OUTPUTS, "function_id"},
	{TABLE_OPERATION_OUTPUTS, "output"},
	{TABLE_WORKFLOW_STATUS, "workflow_uuid"},
	{TABLE_WORKFLOW_STATUS, "status"},
	{TABLE_WORKFLOW_STATUS, "name"},
	{TABLE_WORKFLOW_STATUS, "created_at"},
};

#define NNEEDED ((int) (sizeof(needed) / sizeof(needed[0])))

/* all others that a query names */
static const PayloadPlace wanted[] = {
	{TABLE_OPERATION_OUTPUTS, "function_name"},
	{TABLE_OPERATION_OUTPUTS, "child_workflow_id"},
	{TABLE_OPERATION_OUTPUTS, "started_at_epoch_ms"},
	{TABLE_OPERATION_OUTPUTS, "completed_at_epoch_ms"},
	{TABLE_OPERATION_OUTPUTS, "serialization"},
	{TABLE_OPERATION_OUTPUTS, "retention_timestamp"},
	{TABLE_WORKFLOW_STATUS, "updated_at"},
	{TABLE_WORKFLOW_STATUS, "completed_at"},
	{TABLE_WORKFLOW_INPUT, "workflow_uuid"},
	{TABLE_WORKFLOW_OUTPUT, "workflow_uuid"},
	{TABLE_DBOS_MIGRATIONS, "version"},
};

#define NWANTED ((int) (sizeof(wanted) / sizeof(wanted[0])))

/* PostgreSQL 13 has no methods to choose from */
static const char catalogue_sql[] =
"SELECT c.relname, a.attname, c.relkind, has_column_privilege(c.oid, a.attnum, 'SELECT'),"
" CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END,"
" CASE to_jsonb(a)->>'attcompression' WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,"
" CASE c.relkind WHEN 'r' THEN pg_relation_size(c.oid) / current_setting('block_size')::int4 ELSE 0 END"
" FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid"
" JOIN pg_attribute AS a ON a.attrelid = c.oid"
" WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped";

enum
{
	CATALOGUE_TABLE, CATALOGUE_COLUMN, CATALOGUE_KIND, CATALOGUE_READABLE, CATALOGUE_STORAGE,
	CATALOGUE_COMPRESSION, CATALOGUE_PAGES
};

/* the schemas that look like DBOS's, so that a mistyped name is put right; and those that do not, ten of them */
static const char schemas_sql[] =
"WITH looked AS (SELECT quote_ident(n.nspname) AS name,"
" EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = 'operation_outputs')"
" AND EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = 'workflow_status') AS is_like"
" FROM pg_namespace AS n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
" SELECT string_agg(name, ', ' ORDER BY name) FILTER (WHERE is_like),"
" (SELECT string_agg(name, ', ' ORDER BY name) FROM (SELECT name FROM looked ORDER BY name LIMIT 10) AS few),"
" CASE WHEN count(*) > 10 THEN ' and ' || count(*) - 10 || ' more' END"
" FROM looked";

static int
find_row(const PGresult *catalogue, int table, const char *column)
{
	for (int row = 0; row < PQntuples(catalogue); row++)
		if (strcmp(PQgetvalue(catalogue, row, CATALOGUE_TABLE), layout_table_names[table]) == 0 &&
			strcmp(PQgetvalue(catalogue, row, CATALOGUE_COLUMN), column) == 0)
			return row;
	return -1;
}

/* an identifier as SQL has it; malloc'd */
static char *
quoted(Session *session, const char *name)
{
	PGresult   *result = session_query(session, "SELECT quote_ident($1)", 1, &name);
	char	   *copy = xstrdup(result != NULL ? PQgetvalue(result, 0, 0) : "");

	PQclear(result);
	return copy;
}

/* Which schemas could have been meant? */
static void
hint_at_schemas(Session *session)
{
	PGresult   *result = session_query(session, schemas_sql, 0, NULL);

	if (result != NULL && !PQgetisnull(result, 0, 0))
		print_hint("in this database these look like DBOS's: %s; choose one by --schema", PQgetvalue(result, 0, 0));
	else if (result != NULL && !PQgetisnull(result, 0, 1))
		print_hint("of this database's schemas (%s%s) none has both workflow_status and operation_outputs; is it the right database?",
				   PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 2));
	else
		print_hint("no schema of this database looks like DBOS's; is it the right database?");
	PQclear(result);
}

/* Is it DBOS's?  False with a message. */
static bool
check_needed(Session *session, const char *schema, const PGresult *catalogue)
{
	for (int i = 0; i < NNEEDED; i++)
	{
		const char *table = layout_table_names[needed[i].table];
		int			row = find_row(catalogue, needed[i].table, needed[i].column);

		if (row >= 0 && *PQgetvalue(catalogue, row, CATALOGUE_KIND) == 'r')
			continue;
		if (PQntuples(catalogue) == 0)
			print_error("there is no schema \"%s\" with tables in this database", schema);
		else if (row >= 0)
			print_error("\"%s\".\"%s\" is no plain table, and only those are read", schema, table);
		else
			print_error("the schema \"%s\" is not DBOS's: it has no %s.%s", schema, table, needed[i].column);
		hint_at_schemas(session);
		return false;
	}
	return true;
}

/* May the queries name that column?  *table_there: is there anything of its table? */
static bool
is_readable(const PGresult *catalogue, const PayloadPlace *place, bool *there)
{
	int			row = find_row(catalogue, place->table, place->column);

	*there = row >= 0 && *PQgetvalue(catalogue, row, CATALOGUE_KIND) == 'r';
	return *there && *PQgetvalue(catalogue, row, CATALOGUE_READABLE) == 't';
}

/* Mark the tables of columns that are there and may not be read. */
static void
find_denied(const PGresult *catalogue, const PayloadPlace *places, int n, bool *denied)
{
	for (int i = 0; i < n; i++)
	{
		bool		there;

		if (!is_readable(catalogue, &places[i], &there) && there)
			denied[places[i].table] = true;
	}
}

/* "GRANT USAGE ON SCHEMA s TO r; GRANT SELECT ON s.a, s.b TO r"; malloc'd */
static char *
grants(Session *session, const char *schema, bool usage, const bool *denied)
{
	PGresult   *who = session_query(session, "SELECT quote_ident(current_user)", 0, NULL);
	const char *role = who != NULL ? PQgetvalue(who, 0, 0) : "ROLE";
	char	   *name = quoted(session, schema);
	char	   *text = NULL;
	char	   *tables = NULL;

	for (int t = 0; t < LAYOUT_TABLES; t++)
		if (denied[t])
			text_add(&tables, "%s%s.%s", tables ? ", " : "", name, layout_table_names[t]);
	if (!usage)
		text_add(&text, "GRANT USAGE ON SCHEMA %s TO %s", name, role);
	if (tables != NULL)
		text_add(&text, "%sGRANT SELECT ON %s TO %s", text ? "; " : "", tables, role);
	free(tables);
	free(name);
	PQclear(who);
	return text ? text : xstrdup("");
}

/* What it may not read: false, with the GRANTs, where it cannot do without; else a note. */
static bool
check_privileges(Session *session, const char *schema, const PGresult *catalogue, Inspection *inspection)
{
	const char *values[] = {schema};
	PGresult   *result = session_query(session, "SELECT has_schema_privilege($1, 'USAGE')", 1, values);
	bool		denied[LAYOUT_TABLES] = {false};
	bool		usage = result != NULL && *PQgetvalue(result, 0, 0) == 't';
	bool		any = false;
	char	   *statements;

	PQclear(result);
	find_denied(catalogue, needed, NNEEDED, denied);
	find_denied(catalogue, wanted, NWANTED, denied);
	find_denied(catalogue, payload_places, npayload_places, denied);
	for (int t = 0; t < LAYOUT_TABLES; t++)
		any = any || denied[t];
	if (usage && !any)
		return true;
	statements = grants(session, schema, usage, denied);
	if (!usage || denied[TABLE_WORKFLOW_STATUS] || denied[TABLE_OPERATION_OUTPUTS])
	{
		print_error("this role may not read the tables of schema \"%s\"", schema);
		print_hint("what it takes: %s; (PostgreSQL has no privilege for lengths alone: who has it can read payloads too; nothing here does)",
				   statements);
		free(statements);
		return false;
	}
	inspection_note(inspection, "left out, since this role may not read them: %s", statements);
	free(statements);
	return true;
}

static void
add_column(Layout *layout, const PGresult *catalogue, const PayloadPlace *place)
{
	LayoutTable *table = &layout->tables[place->table];
	int			row = find_row(catalogue, place->table, place->column);
	LayoutColumn *column;

	if (layout_column(layout, place->table, place->column) != NULL)
		return;
	table->columns = xrealloc(table->columns, (size_t) (table->ncolumns + 1) * sizeof(*table->columns));
	column = &table->columns[table->ncolumns++];
	column->name = xstrdup(place->column);
	column->storage = xstrdup(PQgetvalue(catalogue, row, CATALOGUE_STORAGE));
	column->compression = PQgetisnull(catalogue, row, CATALOGUE_COMPRESSION) ? NULL :
		xstrdup(PQgetvalue(catalogue, row, CATALOGUE_COMPRESSION));
	table->pages = strtoll(PQgetvalue(catalogue, row, CATALOGUE_PAGES), NULL, 10);
}

static void
add_columns(Layout *layout, const PGresult *catalogue, const PayloadPlace *places, int n)
{
	for (int i = 0; i < n; i++)
	{
		bool		there;

		if (is_readable(catalogue, &places[i], &there))
			add_column(layout, catalogue, &places[i]);
	}
}

bool
layout_read(Session *session, const char *schema, Layout *layout, Inspection *inspection)
{
	const char *values[] = {schema};
	PGresult   *catalogue;
	char	   *name;
	bool		ok;

	memset(layout, 0, sizeof(*layout));
	catalogue = session_query(session, catalogue_sql, 1, values);
	if (catalogue == NULL)
	{
		inspection_fail(session, "the catalogue");
		return false;
	}
	ok = check_needed(session, schema, catalogue) &&
		check_privileges(session, schema, catalogue, inspection);
	if (ok)
	{
		add_columns(layout, catalogue, needed, NNEEDED);
		add_columns(layout, catalogue, wanted, NWANTED);
		add_columns(layout, catalogue, payload_places, npayload_places);
		name = quoted(session, schema);
		for (int t = 0; t < LAYOUT_TABLES; t++)
			if (layout->tables[t].ncolumns > 0)
				layout->tables[t].quoted = xasprintf("%s.%s", name, layout_table_names[t]);
		free(name);
	}
	PQclear(catalogue);
	return ok;
}

void
layout_free(Layout *layout)
{
	for (int t = 0; t < LAYOUT_TABLES; t++)
	{
		LayoutTable *table = &layout->tables[t];

		for (int c = 0; c < table->ncolumns; c++)
		{
			free(table->columns[c].name);
			free(table->columns[c].storage);
			free(table->columns[c].compression);
		}
		free(table->columns);
		free(table->quoted);
	}
	memset(layout, 0, sizeof(*layout));
}

const LayoutColumn *
layout_column(const Layout *layout, int table, const char *column)
{
	for (int c = 0; c < layout->tables[table].ncolumns; c++)
		if (strcmp(layout->tables[table].columns[c].name, column) == 0)
			return &layout->tables[table].columns[c];
	return NULL;
}

char *
layout_expression(const Layout *layout, int table, const char *alias, const char *column, const char *otherwise)
{
	return layout_column(layout, table, column) ? xasprintf("%s.%s", alias, column) : xstrdup(otherwise);
}

Source
source_make(const Layout *layout, int table, const char *alias, int64_t most_pages)
{
	const LayoutTable *from = &layout->tables[table];
	Source		source = {.factor = 1.0, .pages = from->pages};

	if (from->pages <= most_pages)
		source.from = xasprintf("%s AS %s", from->quoted, alias);
	else
	{
		/* whole pages: rows one by one would take reading all of them */
		source.pages = most_pages;
		source.factor = (double) from->pages / (double) most_pages;
		source.from = xasprintf("%s AS %s TABLESAMPLE SYSTEM (%.9f) REPEATABLE (1)", from->quoted, alias,
								100.0 / source.factor);
	}
	return source;
}
