/*
 * table.c
 *	  Aligned tables of figures.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"
#include "util/table.h"

#define MAX_COLUMNS 128
#define PAGE_WIDTH 100
#define GAP 2
#define INTERVAL_DOTS " .. "

/* what stands for no number; samples call it UNKNOWN */
#define UNKNOWN_INTEGER INT64_MIN

typedef struct Column
{
	char	   *name;
	ColumnType	type;
	int			width;
	int			low_width;		/* of the widest lower and upper end */
	int			high_width;
} Column;

typedef struct Cell
{
	char	   *text;
	char	   *high;			/* upper end of an interval, else NULL */
	bool		rule;			/* a line goes before this row (first cell) */
} Cell;

struct Table
{
	int			ncolumns;
	Column		columns[MAX_COLUMNS];
	int			ncells;
	int			capacity;
	Cell	   *cells;
	bool		rule;			/* before the next row */
};

Table *
table_create(void)
{
	return xcalloc(1, sizeof(Table));
}

void
table_free(Table *table)
{
	for (int i = 0; i < table->ncolumns; i++)
		free(table->columns[i].name);
	for (int i = 0; i < table->ncells; i++)
	{
		free(table->cells[i].text);
		free(table->cells[i].high);
	}
	free(table->cells);
	free(table);
}

void
table_column(Table *table, const char *name, ColumnType type)
{
	Column	   *column;

	if (table->ncolumns == MAX_COLUMNS)
		abort();
	column = &table->columns[table->ncolumns++];
	column->name = xstrdup(name);
	column->type = type;
	column->width = (int) strlen(name);
}

/* Take over a cell's text, both malloc'd. */
static void
add_cell(Table *table, char *text, char *high)
{
	Column	   *column = &table->columns[table->ncells % table->ncolumns];
	Cell	   *cell;
	int			width = (int) strlen(text);

	if (table->ncells == table->capacity)
	{
		table->capacity = table->capacity ? 2 * table->capacity : 64;
		table->cells = xrealloc(table->cells, (size_t) table->capacity * sizeof(Cell));
	}
	cell = &table->cells[table->ncells];
	cell->text = text;
	cell->high = high;
	cell->rule = table->rule && table->ncells % table->ncolumns == 0;
	if (cell->rule)
		table->rule = false;
	table->ncells++;

	if (high != NULL)
	{
		int			high_width = (int) strlen(high);

		if (width > column->low_width)
			column->low_width = width;
		if (high_width > column->high_width)
			column->high_width = high_width;
		width = column->low_width + (int) strlen(INTERVAL_DOTS) + column->high_width;
	}
	if (width > column->width)
		column->width = width;
}

/* A number in the look of a column's type; malloc'd. */
static char *
format_number(ColumnType type, double value)
{
	int			decimals = type == COLUMN_PERCENT ? 1 : type == COLUMN_INTEGER ? 0 : 3;

	if (!isfinite(value))
		return xstrdup("n/a");

	/* no "-0.000" */
	if (fabs(value) < 0.5 * pow(10.0, -decimals))
		value = 0.0;
	if (type == COLUMN_DELTA && value != 0.0)
		return xasprintf("%+.*f", decimals, value);
	return xasprintf("%.*f", decimals, value);
}

void
table_text(Table *table, const char *text)
{
	add_cell(table, xstrdup(text), NULL);
}

void
table_number(Table *table, double value)
{
	add_cell(table, format_number(table->columns[table->ncells % table->ncolumns].type, value), NULL);
}

void
table_integer(Table *table, int64_t value)
{
	add_cell(table, value == UNKNOWN_INTEGER ? xstrdup("n/a") : xasprintf("%" PRId64, value), NULL);
}

void
table_interval(Table *table, double low, double high)
{
	int			at = table->ncells % table->ncolumns;
	bool		whole = at > 0 && table->columns[at - 1].type == COLUMN_INTEGER && fabs(high) >= 1000.0;
	ColumnType	type = whole ? COLUMN_INTEGER : COLUMN_INTERVAL;

	if (isfinite(low) && isfinite(high))
		add_cell(table, format_number(type, low), format_number(type, high));
	else
		add_cell(table, xstrdup("n/a"), NULL);
}

void
table_rule(Table *table)
{
	table->rule = true;
}

/* One line, without blanks at its end; freed. */
static void
print_line(char *line, FILE *file)
{
	size_t		length = strlen(line);

	while (length > 0 && line[length - 1] == ' ')
		length--;
	fprintf(file, "%.*s\n", (int) length, line);
	free(line);
}

static void
print_rule(const Table *table, int gap, FILE *file)
{
	char	   *line = NULL;

	for (int c = 0; c < table->ncolumns; c++)
	{
		text_add(&line, "%*s", c > 0 ? gap : 0, "");
		for (int i = 0; i < table->columns[c].width; i++)
			text_add(&line, "-");
	}
	print_line(line, file);
}

/* A cell, or a heading where cell is NULL, as wide as its column. */
static void
add_padded(char **line, const Column *column, const Cell *cell)
{
	const char *text = cell != NULL ? cell->text : column->name;
	int			width = column->width;

	if (cell != NULL && cell->high != NULL)
		text_add(line, "%*s" INTERVAL_DOTS "%*s", width - column->high_width - (int) strlen(INTERVAL_DOTS), text,
				 column->high_width, cell->high);
	else
		text_add(line, "%*s", column->type == COLUMN_TEXT ? -width : width, text);
}

int
table_width(const Table *table)
{
	int			width = GAP * (table->ncolumns - 1);

	for (int c = 0; c < table->ncolumns; c++)
		width += table->columns[c].width;
	return width;
}

void
table_print(const Table *table, FILE *file)
{
	int			gap = table_width(table) > PAGE_WIDTH ? 1 : GAP;

	for (int row = -1; row < table->ncells / table->ncolumns; row++)
	{
		const Cell *cells = row < 0 ? NULL : &table->cells[row * table->ncolumns];
		char	   *line = NULL;

		if (cells != NULL && cells->rule)
			print_rule(table, gap, file);
		for (int c = 0; c < table->ncolumns; c++)
		{
			text_add(&line, "%*s", c > 0 ? gap : 0, "");
			add_padded(&line, &table->columns[c], cells == NULL ? NULL : &cells[c]);
		}
		print_line(line, file);
		if (row < 0)
			print_rule(table, gap, file);
	}
}

int
table_columns_of(const Table *table)
{
	return table->ncolumns;
}

int
table_rows_of(const Table *table)
{
	return table->ncells / table->ncolumns;
}

const char *
table_title_of(const Table *table, int column)
{
	return table->columns[column].name;
}

bool
table_is_text(const Table *table, int column)
{
	return table->columns[column].type == COLUMN_TEXT;
}

char *
table_cell_text(const Table *table, int row, int column, bool *rule)
{
	const Cell *cell = &table->cells[row * table->ncolumns + column];

	*rule = table->cells[row * table->ncolumns].rule;
	return cell->high != NULL ? xasprintf("%s" INTERVAL_DOTS "%s", cell->text, cell->high) : xstrdup(cell->text);
}
