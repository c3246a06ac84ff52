/*
 * layout.h
 *	  Which of DBOS's tables and columns a schema has, and where queries find
 *	  their rows.
 *
 * Migrations are numbered by each SDK for itself, and what they change is in the
 * catalogue: so the catalogue is asked, and no number.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect/inspect.h"

enum
{
	TABLE_WORKFLOW_STATUS,
	TABLE_OPERATION_OUTPUTS,
	TABLE_WORKFLOW_INPUT,
	TABLE_WORKFLOW_OUTPUT,
	TABLE_NOTIFICATIONS,
	TABLE_WORKFLOW_EVENTS,
	TABLE_WORKFLOW_EVENTS_HISTORY,
	TABLE_STREAMS,
	TABLE_DBOS_MIGRATIONS,
	LAYOUT_TABLES
};

typedef struct LayoutColumn
{
	char	   *name;
	char	   *storage;
	char	   *compression;	/* NULL: the default */
} LayoutColumn;

typedef struct LayoutTable
{
	char	   *quoted;			/* with its schema; NULL: not there, or not to be read */
	int64_t		pages;
	int			ncolumns;
	LayoutColumn *columns;		/* that queries may name */
} LayoutTable;

typedef struct Layout
{
	LayoutTable tables[LAYOUT_TABLES];
} Layout;

extern const char *const layout_table_names[LAYOUT_TABLES];

/* the columns that hold payloads */
typedef struct PayloadPlace
{
	int			table;
	const char *column;
} PayloadPlace;

extern const PayloadPlace payload_places[];
extern const int npayload_places;

/*
 * Ask the catalogue.  False, with a message on stderr that says what is missing or
 * which GRANT it takes, where the schema is not DBOS's or steps and workflows may
 * not be read; other tables that may not be read are left out with a note.
 */
extern bool layout_read(Session *session, const char *schema, Layout *layout, Inspection *inspection);
extern void layout_free(Layout *layout);

/* NULL where the table or the column is not there */
extern const LayoutColumn *layout_column(const Layout *layout, int table, const char *column);

/*
 * "alias.column" where it is there, else the otherwise: malloc'd.  otherwise is an
 * expression of SQL.
 */
extern char *layout_expression(const Layout *layout, int table, const char *alias, const char *column,
							   const char *otherwise);

/*
 * What stands behind FROM for at most so many pages of a table: all of it, or a
 * sample of its pages that is the same within the inspection.
 */
typedef struct Source
{
	char	   *from;			/* malloc'd; its alias is that of source_make */
	double		factor;			/* all pages / those read; 1: all are */
	int64_t		pages;			/* to be read */
} Source;

extern Source source_make(const Layout *layout, int table, const char *alias, int64_t most_pages);

#endif							/* LAYOUT_H */
