/*
 * schema.h
 *	  The tables that a workflow of DBOS writes, as its migrations leave them.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

/* by the number of the newest migration */
typedef enum Layout
{
	LAYOUT_125,					/* Python, Go; TypeScript's 123 has the same tables */
	LAYOUT_41,					/* Java: inputs and outputs in workflow_status */
	LAYOUT_COUNT
} Layout;

extern const int layout_migrations[LAYOUT_COUNT];

/*
 * The i-th statement that makes the tables, from 0, with "dbos" as the schema's name;
 * NULL: there are no more.  The schema itself is none of them.
 */
extern const char *layout_statement(Layout layout, int i);

/* a statement that empties all of them */
extern const char *layout_truncate(Layout layout);

/* The text with another schema's name in the place of "dbos": malloc'd, the caller's. */
extern char *text_with_schema(const char *text, const char *schema);

#endif							/* SCHEMA_H */
