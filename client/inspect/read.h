/*
 * read.h
 *	  What the files that read a database share.
 */
#ifndef READ_H
#define READ_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect/inspect.h"
#include "inspect/layout.h"

/*
 * How many pages of a table a query may read: counts and bytes take one look at a
 * row, joins more, percentiles have it sorted; and looking up what belongs to a row
 * takes a few pages a row.  By these a million steps take some seconds.
 */
#define WHOLE_PAGES 65536
#define JOIN_PAGES 16384
#define PART_PAGES 2048
#define LOOKUP_PAGES 200

typedef struct Reading
{
	Session    *session;
	Layout		layout;
	Inspection *inspection;
	int64_t		now_ms;			/* of the server, since 1970 */
	int64_t		whole_pages;
	int64_t		join_pages;
	int64_t		part_pages;
	int64_t		lookup_pages;
	bool		tells_compression;	/* pg_column_compression: from 14 on */
	bool		tells_outside;	/* pg_column_toast_chunk_id: from 17 on */
	bool		has_citus;
} Reading;

/* something that the report has to say about itself */
extern void inspection_note(Inspection *inspection, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* a query that failed: what could not be read, why, and what can be done about it */
extern void inspection_fail(Session *session, const char *what);

/* a query of no parameters; NULL, with the message said, where it failed */
extern PGresult *read_query(Reading *reading, const char *what, const char *sql);

/* values of a result: 0, UNKNOWN or NAN where they are NULL; what was counted in a sample times the factor */
extern int64_t read_integer(const PGresult *result, int row, int column);
extern int64_t read_or_unknown(const PGresult *result, int row, int column);
extern double read_real(const PGresult *result, int row, int column);
extern int64_t read_scaled(const PGresult *result, int row, int column, double factor);
extern void amount_add(Amount *amount, int64_t rows, int64_t text_bytes, int64_t stored_bytes);

/*
 * SQL: how many days ago a time in ms was: 0 to DAYS - 1, and from then on the
 * lower end of its class (14, 30, 90, 180, 365); -1: unknown.  malloc'd.
 */
extern char *age_expression(const Reading *reading, const char *time);

/* SQL: how a value is compressed ('pglz', 'lz4', NULL), and whether it is in TOAST; malloc'd */
extern char *method_expression(const Reading *reading, const char *value);
extern char *outside_expression(const Reading *reading, const char *value);

/* what is read; each says itself what has failed */
extern bool read_tables(Reading *reading);	/* first: sizes of tables */
extern bool read_columns(Reading *reading); /* payload columns but the steps' */
extern bool read_steps(Reading *reading);
extern bool read_workflows(Reading *reading);

/* note what a table's figures are made of */
extern void note_read(Reading *reading, int table, int64_t pages, int64_t rows);

#endif							/* READ_H */
