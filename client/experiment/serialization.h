/*
 * serialization.h
 *	  What the files of the experiment serialization share.
 */
#ifndef SERIALIZATION_H
#define SERIALIZATION_H

#include "experiment/checkpoint.h"
#include "experiment/experiment.h"
#include "experiment/formats.h"

/* a format, and the type of the column that it is stored in; the first is raw in bytea */
typedef struct Way
{
	Format		format;
	bool		text;			/* else bytea */
} Way;

#define WAYS (2 * FORMAT_COUNT - 1)

extern const Way ways[WAYS];

typedef enum Content
{
	CONTENT_RANDOM,
	CONTENT_ZEROS,
	CONTENT_ONES,
	CONTENT_COUNT
} Content;

extern const char *const content_names[CONTENT_COUNT];

/* times are ms */
enum
{
	S_WRITE,					/* the whole of these four */
	S_ENCODE,
	S_SEND,
	S_STORE,
	S_REST,
	S_READ,						/* the whole of these two */
	S_FETCH,
	S_DECODE,
	S_MEMCPY,
	S_METRICS
};

/* what every way has of a payload, timed or not */
typedef struct WayBytes
{
	double		length;			/* of what is stored, before TOAST; NAN: not reached */
	double		wire;
	double		stored;			/* pg_column_size */
} WayBytes;

typedef struct SerialCase
{
	size_t		size;
	Content		content;
	int			group;			/* of the plan; -1: it is verified and not timed */
	WayBytes	bytes[WAYS];
} SerialCase;

typedef struct Serialization
{
	int			ncases;
	SerialCase *cases;
	int			ngroups;
	CheckpointTable tables[WAYS];
	unsigned char *raw;
	char	   *encoded;
	unsigned char *back;
	unsigned char *scratch;
	int			row;			/* the last function_id */
	int64_t		undeleted;
	int64_t		verified;		/* payloads that came back as they were */
} Serialization;

/* a cell of the plan: WAYS of them in each group, which is a timed case */
#define SERIAL_CELL(one, way) ((one)->group * WAYS + (way))

/* serialization_result.c */
extern void serialization_result(Lab *lab, const Serialization *s, const Plan *plan, ExperimentResult *result);

#endif							/* SERIALIZATION_H */
