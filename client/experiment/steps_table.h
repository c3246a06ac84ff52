/*
 * steps_table.h
 *	  A table of the experiment's own with the columns of recorded steps, and what it
 *	  takes on disk and in WAL, from the server's own functions.
 */
#ifndef STEPS_TABLE_H
#define STEPS_TABLE_H

#include "experiment/lab.h"

/* of the key; as long as a workflow's id is */
#define STEPS_WORKFLOW "5eed0000-0000-4000-8000-000000000001"

/* columns of a step: its function_id is $1, its payload $2 */
#define STEPS_VALUES "'" STEPS_WORKFLOW "', $1, 'payload_step', $2, NULL, 1764000000000, 1764000000001"

typedef struct StepsTable
{
	char	   *name;			/* with its schema */
	Statement	insert;			/* of one step */
	int			steps;			/* the last function_id that was given out */
} StepsTable;

/*
 * Make one whose column output is of that type ("bytea", "text").  number: of the
 * experiment's statements, 0 to 63.  Autovacuum leaves it alone, so that what is dead
 * stays until it is counted.  False, with a message; steps_table_free frees it either
 * way.
 */
extern bool steps_table_make(Lab *lab, StepsTable *table, int number, const char *name, const char *type);
extern void steps_table_free(StepsTable *table);

/* One step, a transaction of its own, of these bytes; false, with a message. */
extern bool steps_table_insert(Lab *lab, Session *session, StepsTable *table, const void *bytes, size_t length);

/* A statement on that session; false, with a message. */
extern bool steps_table_do(Lab *lab, Session *session, const char *sql);

/* bytes of a table's files; total is pg_total_relation_size(), read beside the parts */
typedef struct TableBytes
{
	double		heap;
	double		toast;
	double		index;			/* of the table */
	double		toast_index;
	double		maps;			/* free space and visibility maps, of all four */
	double		total;
} TableBytes;

extern bool volume_read(Lab *lab, const char *table, TableBytes *volume);

/* WAL's end, as the server writes it; "" where that failed, which was said */
#define LSN_SIZE 24
extern bool wal_end(Lab *lab, char *lsn);

/* from one end to another, in bytes, by pg_wal_lsn_diff() */
extern double wal_between(Lab *lab, const char *from, const char *to);

/* what a statement did, by EXPLAIN (ANALYZE, BUFFERS, WAL): all but its commit */
typedef struct Explained
{
	double		buffers;		/* pages found in shared buffers, or read into them */
	double		read;			/* of these, read */
	double		wal;			/* bytes */
	double		images;			/* full-page images */
} Explained;

/* Run a statement with its parameters under EXPLAIN, once; false, with a message. */
extern bool explain_call(Lab *lab, Session *session, const char *sql, const Statement *like,
						 const Param *params, Explained *explained);

/* May this role run CHECKPOINT? */
extern bool may_checkpoint(Lab *lab);

#endif							/* STEPS_TABLE_H */
