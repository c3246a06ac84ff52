/*
 * checkpoint.h
 *	  Writing and reading a checkpoint in a table of the experiment's own, by parts.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "experiment/lab.h"
#include "figures/experiment.h"

/* shaped as the steps' table is */
typedef struct CheckpointTable
{
	char	   *name;			/* with its schema */
	Statement	insert;
	Statement	select;
} CheckpointTable;

/*
 * Make a table whose column output is of that type ("bytea", "text") and storage
 * ("EXTENDED", "EXTERNAL" ...).  number: of the table among the experiment's, 0 to 31.  False, with a
 * message; checkpoint_table_free frees it either way.
 */
extern bool checkpoint_table_make(Lab *lab, CheckpointTable *table, int number, const char *name,
								  const char *type, const char *storage);
extern void checkpoint_table_free(CheckpointTable *table);

/* in ms; what a round trip is the sum of */
typedef struct WriteParts
{
	double		send;			/* building the message and handing it over; 0 where sends are unseen */
	double		store;			/* in the server, from the statement's start until the row is in place */
	double		rest;			/* arrival, parsing, planning, commit, the way back */
	int64_t		sent;			/* bytes of protocol messages */
	int64_t		end;			/* now_ns() at which the answer was there */
} WriteParts;

/* One insert, durable as the server has it; false, with a message. */
extern bool checkpoint_write(Lab *lab, Session *session, const CheckpointTable *table, int function_id,
							 const void *bytes, size_t length, WriteParts *parts);

/*
 * The output of one, as the server has it, in a result of one row, and how long it took;
 * NULL, with a message.
 */
extern PGresult *checkpoint_read(Lab *lab, Session *session, const CheckpointTable *table, int function_id,
								 double *fetch_ms);

/* bytes that an experiment leaves in its tables before it empties them */
#define MOST_UNDELETED_BYTES INT64_C(300000000)

/*
 * The compiler must not leave out what is timed: so much of the bytes as copying them
 * once takes, in ms.
 */
extern double timed_memcpy(unsigned char *to, const unsigned char *from, size_t size);

/* WAL's end, in bytes */
extern double wal_position(Lab *lab);

/* ------------------------------------------------------------------------
 * checkpoint_result.c: what results of it have in common
 * ------------------------------------------------------------------------
 */

/* a metric of a plan, in ms, and its column of a full table */
typedef struct TimeColumn
{
	int			metric;
	const char *name;			/* its title too */
	const char *meaning;
} TimeColumn;

/* the columns; a row's cells of them, which are means, each of as many measurements as the first */
extern void time_columns(ExperimentTable *table, const TimeColumn *times, int n);
extern void time_cells(ExperimentTable *table, const Plan *plan, int cell, const TimeColumn *times, int n);

/* MB a second of so many bytes in a metric's median; unknown where it took none */
extern Estimate plan_speed(const Plan *plan, int cell, int metric, size_t size);

/* one cell's metric against another's of its group */
typedef struct JudgedRatio
{
	int			cell;
	int			against;
	int			metric;
	Estimate	ratio;
	bool		differs;		/* by Holm over all that are judged together */
} JudgedRatio;

/* fills in ratio and differs of all, from the three above them */
extern void ratios_judge(const Plan *plan, JudgedRatio *ratios, int n);

/* says why there are no intervals, where there are none */
extern void caveat_few_blocks(ExperimentResult *result, const Plan *plan);

#endif							/* CHECKPOINT_H */
