/*
 * storage.h
 *	  What the files of the experiment storage share.
 */
#ifndef STORAGE_H
#define STORAGE_H

#include "experiment/experiment.h"
#include "experiment/steps_table.h"

#define MOST_STORED_BYTES 100000000

/* what one size takes; NAN: not measured */
typedef struct SizeBytes
{
	int64_t		size;
	int			steps;			/* in the table when its files were measured; 0: they were not */
	TableBytes		volume;
	int			inserts;		/* of them, one by one, between these two ends of WAL */
	char		from[LSN_SIZE];
	char		to[LSN_SIZE];
	double		wal;			/* of all of those */
	double		wal_step;		/* the least of one: others can only add to it */
	double		wal_median;		/* more, where others wrote at most of them */

	double		wal_after;		/* of one insert right after a CHECKPOINT */

	/* of the last of these, and the insert after it */
	Explained	after;
	Explained	later;
	char		after_from[LSN_SIZE];
	char		after_to[LSN_SIZE];
} SizeBytes;

/* what payloads are made of at the cliff */
typedef enum CliffKind
{
	CLIFF_BYTEA,
	CLIFF_TEXT,
	CLIFF_COMPRESSIBLE,
	CLIFF_COUNT
} CliffKind;

extern const char *const cliff_names[CLIFF_COUNT];

#define CLIFF_FROM 1900
#define CLIFF_TO 2100
#define CLIFF_MOST 21

typedef struct CliffPoint
{
	int			size;
	double		stored;			/* pg_column_size */
	double		wal;			/* of one insert, the least */
	TableBytes		volume;			/* of CLIFF_STEPS steps */
} CliffPoint;

/* rows of 4 and of 3 a page fill whole pages */
#define CLIFF_STEPS 48

typedef struct Cliff
{
	int			npoints;
	CliffPoint	points[CLIFF_MOST];
	bool		looked_for;		/* the edge was, to the end */
	int			edge;			/* the smallest size that is not left as it is; 0: none was found */
	bool		compressed;		/* it is, and stays in its row */
} Cliff;

typedef enum ChurnPhase
{
	CHURN_RECORDED,
	CHURN_ASKED,
	CHURN_NOTHING,
	CHURN_REFUSED,
	CHURN_UPDATED,
	CHURN_PURGED,
	CHURN_VACUUMED,
	CHURN_AGAIN,
	CHURN_COUNT
} ChurnPhase;

extern const char *const churn_names[CHURN_COUNT];

typedef struct Churn
{
	double		wal;			/* of the phase */
	double		calls;			/* of the phase */
	double		live;			/* rows */
	double		dead;			/* rows, and rows of the TOAST table */
	double		dead_chunks;
	TableBytes		volume;
} Churn;

#define CHURN_SIZES 2
#define CHURN_STEPS 100

/* many in one call */
#define CALL_STEPS 20

enum
{
	M_STEP,						/* ms of a step */
	M_STEP_WAL,					/* bytes */
	STORAGE_METRICS
};

/* cells of the plan */
enum
{
	CELL_ONE_SMALL,
	CELL_MANY_SMALL,
	CELL_ONE_LARGE,
	CELL_MANY_LARGE,
	CELL_CLIFF,					/* then for each kind the last that stays as it is, and the edge */
	CELL_COUNT = CELL_CLIFF + 2 * CLIFF_COUNT
};

typedef struct Storage
{
	const int64_t *sizes;
	int			nsizes;
	SizeBytes *volumes;
	bool		checkpoints;	/* this role may */
	Cliff		cliffs[CLIFF_COUNT];
	Churn		churns[CHURN_SIZES][CHURN_COUNT];
	int			nchurned[CHURN_SIZES];	/* phases that were measured */
	StepsTable	bytea;
	StepsTable	text;
	Statement	many;			/* into bytea: first function_id - 1, payloads */
	unsigned char *payload;		/* room for the largest */
	unsigned char *array;		/* CALL_STEPS payloads of the larger size as the wire has them */
	size_t		array_length[2];
	double		rate;			/* steps a second, for what they take a day */
} Storage;

extern const int64_t churn_sizes[CHURN_SIZES];
extern const int64_t call_sizes[2];

/* storage_cliff.c, storage_churn.c: false, with a message */
extern void cliff_fill(Lab *lab, CliffKind kind, unsigned char *buffer, size_t size);
extern bool storage_measure_cliffs(Lab *lab, Storage *s, Session *session);
extern bool storage_measure_churn(Lab *lab, Storage *s);

/* storage_result.c */
extern void storage_result(Lab *lab, const Storage *s, const Plan *plan, ExperimentResult *result);

#endif							/* STORAGE_H */
