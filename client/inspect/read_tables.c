/*
 * read_tables.c
 *	  Bytes by table, index and TOAST, and the columns that hold payloads.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/read.h"
#include "util/memory.h"

static const char sizes_sql[] =
"SELECT c.relname, c.reltuples::int8, pg_table_size(c.oid) - t.bytes, t.bytes, pg_indexes_size(c.oid),"
" pg_relation_size(c.oid) / current_setting('block_size')::int4"
" FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid"
" CROSS JOIN LATERAL (SELECT CASE c.reltoastrelid WHEN 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END AS bytes) AS t"
" WHERE n.nspname = $1 AND c.relkind = 'r'"
" ORDER BY pg_total_relation_size(c.oid) DESC, c.relname";

static const char indexes_sql[] =
"SELECT c.relname, i.relname, pg_relation_size(i.oid)"
" FROM pg_namespace AS n JOIN pg_class AS c ON c.relnamespace = n.oid"
" JOIN pg_index AS x ON x.indrelid = c.oid JOIN pg_class AS i ON i.oid = x.indexrelid"
" WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY 3 DESC, 2";

static void
add_indexes(TableSize *table, const PGresult *result)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		IndexSize  *index;

		if (strcmp(PQgetvalue(result, row, 0), table->name) != 0)
			continue;
		table->indexes = xrealloc(table->indexes, (size_t) (table->nindexes + 1) * sizeof(IndexSize));
		index = &table->indexes[table->nindexes++];
		index->name = xstrdup(PQgetvalue(result, row, 1));
		index->bytes = read_integer(result, row, 2);
	}
}

bool
read_tables(Reading *reading)
{
	Inspection *inspection = reading->inspection;
	const char *values[] = {inspection->schema};
	PGresult   *sizes = session_query(reading->session, sizes_sql, 1, values);
	PGresult   *indexes = sizes ? session_query(reading->session, indexes_sql, 1, values) : NULL;

	if (indexes == NULL)
	{
		inspection_fail(reading->session, "the sizes of tables");
		PQclear(sizes);
		return false;
	}
	inspection->ntables = PQntuples(sizes);
	inspection->tables = xcalloc((size_t) inspection->ntables, sizeof(TableSize));
	for (int row = 0; row < inspection->ntables; row++)
	{
		TableSize  *table = &inspection->tables[row];

		/* below 0: never analyzed */
		table->name = xstrdup(PQgetvalue(sizes, row, 0));
		table->rows = read_integer(sizes, row, 1) >= 0 ? read_integer(sizes, row, 1) : UNKNOWN;
		table->heap_bytes = read_integer(sizes, row, 2);
		table->toast_bytes = read_integer(sizes, row, 3);
		table->index_bytes = read_integer(sizes, row, 4);
		table->pages = read_integer(sizes, row, 5);
		add_indexes(table, indexes);
	}
	PQclear(sizes);
	PQclear(indexes);
	return true;
}

void
note_read(Reading *reading, int table, int64_t pages, int64_t rows)
{
	Inspection *inspection = reading->inspection;

	for (int i = 0; i < inspection->ntables; i++)
	{
		TableSize  *size = &inspection->tables[i];

		if (strcmp(size->name, layout_table_names[table]) != 0)
			continue;
		size->pages = reading->layout.tables[table].pages;
		size->read_pages = pages;
		size->rows = rows;
	}
}

/* columns of the query per payload column */
enum
{
	VALUE_ROWS, VALUE_TEXT, VALUE_STORED, VALUE_LARGEST, VALUE_OUTSIDE,
	VALUE_PGLZ_ROWS, VALUE_PGLZ_TEXT, VALUE_PGLZ_STORED, VALUE_LZ4_ROWS, VALUE_LZ4_TEXT, VALUE_LZ4_STORED,
	VALUE_COUNT
};

static void
add_values(Reading *reading, char **sql, const char *column)
{
	char	   *value = xasprintf("t.%s", column);
	char	   *method = method_expression(reading, value);
	char	   *outside = outside_expression(reading, value);

	text_add(sql, ", count(%s), sum(octet_length(%s)), sum(pg_column_size(%s)), max(octet_length(%s)),"
			 " count(*) FILTER (WHERE %s)", value, value, value, value, outside);
	for (int lz4 = 0; lz4 <= 1; lz4++)
		text_add(sql, ", count(*) FILTER (WHERE %s = '%s'), sum(octet_length(%s)) FILTER (WHERE %s = '%s'),"
				 " sum(pg_column_size(%s)) FILTER (WHERE %s = '%s')", method, lz4 ? "lz4" : "pglz",
				 value, method, lz4 ? "lz4" : "pglz", value, method, lz4 ? "lz4" : "pglz");
	free(value);
	free(method);
	free(outside);
}

static Amount
amount_at(const PGresult *result, int column, double factor)
{
	return (Amount) {read_scaled(result, 0, column, factor), read_scaled(result, 0, column + 1, factor),
		read_scaled(result, 0, column + 2, factor)};
}

static void
take_values(Inspection *inspection, int table, const LayoutColumn *column, const PGresult *result, int first,
			double factor)
{
	PayloadColumn *new;

	inspection->columns = xrealloc(inspection->columns, (size_t) (inspection->ncolumns + 1) * sizeof(PayloadColumn));
	new = &inspection->columns[inspection->ncolumns++];
	*new = (PayloadColumn) {
		.table = xstrdup(layout_table_names[table]),
		.column = xstrdup(column->name),
		.storage = xstrdup(column->storage),
		.compression = column->compression ? xstrdup(column->compression) : NULL,
		.amount = amount_at(result, first + VALUE_ROWS, factor),
		.outside = read_scaled(result, 0, first + VALUE_OUTSIDE, factor),
		.largest_bytes = read_or_unknown(result, 0, first + VALUE_LARGEST),
		.pglz = amount_at(result, first + VALUE_PGLZ_ROWS, factor),
		.lz4 = amount_at(result, first + VALUE_LZ4_ROWS, factor),
	};
}

/* The payload columns of one table, in one go. */
static bool
read_table_columns(Reading *reading, int table)
{
	Source		source = source_make(&reading->layout, table, "t", reading->whole_pages);
	char	   *sql = xstrdup("SELECT count(*)");
	int			first = 1;
	PGresult   *result;

	for (int i = 0; i < npayload_places; i++)
		if (payload_places[i].table == table && layout_column(&reading->layout, table, payload_places[i].column))
			add_values(reading, &sql, payload_places[i].column);
	text_add(&sql, " FROM %s", source.from);
	result = read_query(reading, layout_table_names[table], sql);
	free(sql);
	free(source.from);
	if (result == NULL)
		return false;
	note_read(reading, table, source.pages, read_scaled(result, 0, 0, source.factor));
	for (int i = 0; i < npayload_places; i++)
	{
		const LayoutColumn *column = payload_places[i].table == table ?
			layout_column(&reading->layout, table, payload_places[i].column) : NULL;

		if (column == NULL)
			continue;
		take_values(reading->inspection, table, column, result, first, source.factor);
		first += VALUE_COUNT;
	}
	PQclear(result);
	return true;
}

bool
read_columns(Reading *reading)
{
	for (int table = 0; table < LAYOUT_TABLES; table++)
	{
		bool		any = false;

		for (int i = 0; i < npayload_places; i++)
			any = any || (payload_places[i].table == table && table != TABLE_OPERATION_OUTPUTS &&
						  layout_column(&reading->layout, table, payload_places[i].column));
		if (any && !read_table_columns(reading, table))
			return false;
	}
	return true;
}
