/*
 * checkpoint.h
 *	  Writing and reading a checkpoint in a table of the experiment's own, by parts.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "experiment/lab.h"

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

/* MB a second of so many bytes in that time; unknown where it took none */
extern Estimate speed_of(const Estimate *ms, size_t size);

#endif							/* CHECKPOINT_H */
