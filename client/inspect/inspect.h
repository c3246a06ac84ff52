/*
 * inspect.h
 *	  What a DBOS database holds: read without writing to it and without reading
 *	  a payload, shown, saved, and what could be done about it.
 *
 * Text bytes are those of the payload's text as the SDK wrote it, stored bytes
 * what it takes on disk (compressed, where it is).  Where a table is too large to
 * be read as a whole, counts and bytes are those of a sample of its pages times
 * the share that was read; Inspection.tables says which those are.  A figure
 * that cannot be had is UNKNOWN or NAN.
 */
#ifndef INSPECT_H
#define INSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "figures/figures.h"
#include "pg/session.h"

/* outputs by the digits of their length: 0 bytes, 1 to 9, ... 1 GB and more */
#define SIZE_CLASSES 11

/* days that are told one by one, and what is said to be recent */
#define DAYS 14
#define RECENT_DAYS 7

/* the newest migration whose tables are known */
#define NEWEST_MIGRATION 125

typedef struct Amount
{
	int64_t		rows;
	int64_t		text_bytes;
	int64_t		stored_bytes;
} Amount;

typedef struct IndexSize
{
	char	   *name;
	int64_t		bytes;
} IndexSize;

typedef struct TableSize
{
	char	   *name;
	int64_t		rows;			/* counted or, of a sample, estimated; the planner's where it was not read */
	int64_t		heap_bytes;		/* with its maps */
	int64_t		toast_bytes;	/* with their index */
	int64_t		index_bytes;
	int64_t		pages;
	int64_t		read_pages;		/* fewer: a sample; 0: not read */
	int			nindexes;
	IndexSize  *indexes;
} TableSize;

/* a column that holds payloads */
typedef struct PayloadColumn
{
	char	   *table;
	char	   *column;
	char	   *storage;		/* plain, external, extended, main */
	char	   *compression;	/* of the column; NULL: default_toast_compression */
	Amount		amount;			/* of those that are not NULL */
	int64_t		outside;		/* rows whose value is in TOAST; before 17 those above 2,000 stored bytes */
	int64_t		largest_bytes;
	Amount		pglz;			/* of the amount, compressed by it; UNKNOWN: not looked at */
	Amount		lz4;
} PayloadColumn;

typedef struct NamedSteps
{
	char	   *name;
	Amount		amount;			/* rows: all; bytes: their outputs' */
	int64_t		outputs;		/* rows that have one */
	int64_t		errors;
	int64_t		children;		/* rows that start a child or hold its result */
	int64_t		largest_bytes;
	int64_t		p50_bytes;		/* of outputs: nearest rank, as all percentiles here */
	int64_t		p99_bytes;
	double		duration_p50_ms;	/* as the SDK recorded them, in whole ms */
	double		duration_p99_ms;
	Amount		recent;
	int64_t		sizes[SIZE_CLASSES];
} NamedSteps;

typedef struct SizeClass
{
	int64_t		from_bytes;
	Amount		amount;
	Amount		recent;
	double		duration_p50_ms;
	double		duration_p99_ms;
} SizeClass;

typedef struct FormatAmount
{
	char	   *format;			/* the column serialization; NULL: so it stands there */
	Amount		amount;			/* of outputs */
	Amount		recent;
} FormatAmount;

typedef struct DayAmount
{
	int			days_ago;		/* 0: the last 24 hours */
	Amount		amount;
} DayAmount;

typedef struct LargeOutput
{
	char	   *workflow_uuid;
	int			function_id;
	char	   *name;
	int64_t		text_bytes;
	int64_t		stored_bytes;
} LargeOutput;

typedef struct NamedWorkflows
{
	char	   *name;
	int64_t		count;
	int64_t		succeeded;
	int64_t		failed;			/* with those that were cancelled or given up */
	int64_t		unfinished;
	int64_t		recent;			/* started in the last RECENT_DAYS */
	int64_t		steps_p50;
	int64_t		steps_p99;
	int64_t		steps_most;
	double		duration_p50_ms;
	double		duration_p99_ms;
	double		in_steps_p50_ms;	/* the recorded time of a workflow's steps together */
} NamedWorkflows;

/* finished workflows that ended so long ago, with all that goes with them */
typedef struct Deletable
{
	int			days;
	int64_t		workflows;
	Amount		steps;
	int64_t		own_text_bytes; /* inputs and outputs of the workflows */
	int64_t		own_stored_bytes;
} Deletable;

/* outputs of steps that hold a child's result */
typedef struct Duplicates
{
	Amount		results;
	Amount		same_length;	/* as the child's own output: stored twice */
} Duplicates;

/* one sentence, and what it would save; NAN: cannot be said */
typedef struct Advice
{
	char	   *rule;
	char	   *text;
	double		bytes;			/* stored now */
	double		ms_per_day;
	double		wal_bytes_per_day;
} Advice;

typedef struct Inspection
{
	char	   *tool_version;
	char	   *started_at;		/* ISO 8601, UTC, by the server's clock */
	double		took_s;
	int			server_version_num;
	char	   *server_version;
	bool		standby;
	bool		has_lz4;
	char	   *database;
	char	   *schema;
	int64_t		migration;		/* UNKNOWN: there is no such table */
	bool		payloads_in_status;
	bool		payloads_in_tables;
	bool		percentiles_sampled;	/* of steps: from fewer pages than counts and bytes */
	bool		workflows_sampled;	/* steps per workflow and what can be deleted */

	int			ntables;
	TableSize  *tables;
	int			ncolumns;
	PayloadColumn *columns;
	Amount		steps;			/* all */
	double		recent_days;	/* days that "recent" spans: fewer where the first row is younger */
	bool		names_left_out; /* there are too many */
	int			nnames;
	NamedSteps *names;			/* by bytes, largest first */
	int			nsizes;
	SizeClass  *sizes;
	int			nformats;
	FormatAmount *formats;
	int			ndays;
	DayAmount  *days;
	int			nlargest;
	LargeOutput *largest;
	int			nworkflows;
	NamedWorkflows *workflows;	/* by number, largest first */
	int			ndeletables;
	Deletable  *deletables;
	Duplicates	duplicates;
	int			nnotes;			/* what was left out, and why */
	char	  **notes;
	int			nadvice;
	Advice	   *advice;
} Inspection;

typedef struct InspectSettings
{
	const char *schema;
	bool		exact;			/* read every page, however many there are */
	int			timeout_s;		/* of each statement */
} InspectSettings;

/*
 * read.c: everything, in one READ ONLY transaction.  False, with a message on
 * stderr, where it could not be read.  inspection_free in either case.
 */
extern bool inspection_read(Session *session, const InspectSettings *settings, Inspection *inspection);
extern void inspection_free(Inspection *inspection);

/* advice.c: what the figures support; run: NULL, or the figures of a run on that server */
extern void inspection_advise(Inspection *inspection, const Figures *run);

/* report.c: one screen, or all tables */
extern void inspection_report(const Inspection *inspection, bool in_full, FILE *out);

/* its sentences: what there is, in two lines; how it was read; a piece of advice, with what it saves; malloc'd */
extern char *inspection_words_head(const Inspection *inspection);
extern char *inspection_words_reading(const Inspection *inspection);
extern char *inspection_words_advice(const Advice *advice);

/* json.c: false, with a message on stderr, unless the file is there and whole */
extern bool inspection_write(const Inspection *inspection, const char *path);

/* of such a file; false, with a message on stderr and nothing to free, unless it is one and whole */
extern bool inspection_parse(const char *text, size_t length, const char *path, Inspection *inspection);

/* numbers to as many digits as a file keeps, so that a report of it says the same */
extern void inspection_tidy(Inspection *inspection);

#endif							/* INSPECT_H */
