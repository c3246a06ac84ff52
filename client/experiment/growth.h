/*
 * growth.h
 *	  What the files of the experiment growth share.
 */
#ifndef GROWTH_H
#define GROWTH_H

#include "experiment/experiment.h"
#include "experiment/steps_table.h"

/* an empty table, 10^4, 10^5 ... and --to's */
#define MOST_LEVELS 8

/* recorded steps of a workflow when its table was filled; of ten workflows one is under way */
#define WORKFLOW_STEPS 10
#define UNDER_WAY 10

/* workflows under way, of the empty table too */
#define FEWEST_WORKFLOWS (10 * UNDER_WAY)

/* where a step goes */
typedef enum Place
{
	PLACE_SAME,					/* to the workflow that had the last one: its pages were just used */
	PLACE_RANDOM,				/* to any: its pages are where the server has them */
	PLACE_COUNT
} Place;

extern const char *const place_names[PLACE_COUNT];

enum
{
	M_TIME,						/* ms, of one that is timed */
	M_BUFFERS,					/* of one that is explained */
	M_READ,
	M_IMAGES,
	M_WAL,
	GROWTH_METRICS
};

typedef struct Level
{
	int64_t		steps;			/* recorded when measuring began */
	char	   *outputs;		/* names of its tables, with the schema */
	char	   *status;
	Statement	step;
	int			height;			/* levels of the index that a look-up goes through; 0: not measured */
	TableBytes	bytes;			/* of the steps' table */
	double		filled_s;
} Level;

typedef struct Growth
{
	int			nlevels;
	int			nready;			/* the first of them, which are filled */
	Level		levels[MOST_LEVELS];
	int64_t		payload_bytes;
	unsigned char *payload;
	double		shared_buffers;	/* bytes */
	int			function_id;	/* the last that was given out */
	char		same[MOST_LEVELS][40];	/* the workflow of PLACE_SAME */
} Growth;

#define CELL(level, place) ((level) * PLACE_COUNT + (int) (place))

/* growth_result.c */
extern void growth_result(const Lab *lab, const Growth *g, const Plan *plan, ExperimentResult *result);

#endif							/* GROWTH_H */
