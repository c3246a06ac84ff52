/*
 * table.h
 *	  Aligned tables of figures.
 *
 * A column has a type, which says how its cells look: decimal points stand
 * under one another, and what is unknown (NAN, INT64_MIN) is "n/a".  All text is
 * copied.  Only ASCII may go into a cell: width is counted in bytes.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum ColumnType
{
	COLUMN_TEXT,				/* to the left */
	COLUMN_LABEL,				/* to the right */
	COLUMN_INTEGER,
	COLUMN_MS,					/* 3 decimals: microseconds show */
	COLUMN_DELTA,				/* ms with a sign */
	COLUMN_PERCENT,				/* 1 decimal */
	COLUMN_RATIO,				/* 3 decimals */
	COLUMN_INTERVAL				/* low .. high, ms or ratio */
} ColumnType;

typedef struct Table Table;

/* Free with table_free. */
extern Table *table_create(void);
extern void table_free(Table *table);

/* all columns come before the first cell */
extern void table_column(Table *table, const char *name, ColumnType type);

/* cells, from left to right and line by line; any kind may go into any column */
extern void table_text(Table *table, const char *text);
extern void table_number(Table *table, double value);
extern void table_integer(Table *table, int64_t value);

/* behind a column of whole numbers its ends are whole from 1000 on */
extern void table_interval(Table *table, double low, double high);

/* a line across, before the next row */
extern void table_rule(Table *table);

/* columns that it takes, with a gap of two between its own: more than a page has? */
extern int	table_width(const Table *table);

/* what is in it, for whoever shows it otherwise; texts are the table's */
extern int	table_columns_of(const Table *table);
extern int	table_rows_of(const Table *table);
extern const char *table_title_of(const Table *table, int column);
extern bool table_is_text(const Table *table, int column);

/* the cell's text, of an interval "low .. high", malloc'd, the caller's; *rule: a line goes before its row */
extern char *table_cell_text(const Table *table, int row, int column, bool *rule);

/* in lines without blanks at their ends; the gap is one where two do not fit on a page */
extern void table_print(const Table *table, FILE *file);

#endif							/* TABLE_H */
