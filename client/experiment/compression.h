/*
 * compression.h
 *	  What the files of the experiment compression share.
 */
#ifndef COMPRESSION_H
#define COMPRESSION_H

#include "experiment/checkpoint.h"
#include "experiment/compress.h"
#include "experiment/experiment.h"
#include "statistics/percentile.h"
#include "util/message.h"

#define MOST_PAYLOAD_BYTES 100000000

/* inserts of which the WAL's median is taken, and which the relations then hold */
#define VOLUME_ROWS 3

/* who compresses */
typedef enum Who
{
	WHO_NOBODY,					/* EXTERNAL: what all others are held against */
	WHO_PGLZ,
	WHO_TOAST_LZ4,
	WHO_CLIENT_LZ4,				/* stored as EXTERNAL, so that TOAST does not try too */
	WHO_CLIENT_ZSTD,
	WHO_COUNT
} Who;

extern const char *const who_names[WHO_COUNT];

/* times are ms */
enum
{
	M_WRITE,					/* the whole of these four */
	M_COMPRESS,
	M_SEND,
	M_STORE,
	M_REST,
	M_READ,						/* the whole of these two */
	M_FETCH,
	M_DECOMPRESS,
	M_MEMCPY,
	M_WIRE,						/* bytes */
	METRICS
};

/* one payload */
typedef struct Case
{
	const char *kind;
	int			compressible;	/* percent; -1: text, -2: the user's */
	size_t		size;
	unsigned char *raw;
	int			cells[WHO_COUNT];	/* -1: it is not there */
} Case;

typedef struct CaseCell
{
	int			index;			/* of the case */
	Who			who;
} CaseCell;

/* NAN: not measured */
typedef struct Bytes
{
	double		sent;			/* of the parameter */
	double		stored;			/* pg_column_size */
	double		wal;			/* of one insert */
	double		heap;			/* relations with VOLUME_ROWS rows */
	double		toast;			/* with its index */
} Bytes;

typedef struct Compression
{
	const int64_t *sizes;
	int			nsizes;
	int			ncases;
	Case	   *cases;
	CaseCell   *cells;
	int		   *groups;
	Bytes	   *bytes;			/* of each cell */
	bool		there[WHO_COUNT];
	CheckpointTable tables[WHO_COUNT];
	size_t		largest;
	size_t		room;
	unsigned char *packed;
	unsigned char *back;
	int			row;			/* the last function_id */
	int64_t		undeleted;
} Compression;

/* compression_result.c: tables, plots, conclusions */
extern void compression_result(Lab *lab, const Compression *c, const Plan *plan, ExperimentResult *result);

#endif							/* COMPRESSION_H */
