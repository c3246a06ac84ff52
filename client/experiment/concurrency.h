/*
 * concurrency.h
 *	  What the experiment concurrency measures, for its result.
 */
#ifndef CONCURRENCY_H
#define CONCURRENCY_H

#include "experiment/lab.h"
#include "figures/experiment.h"

/* steps of one pipeline or one call of a procedure */
#define STEPS_AT_ONCE 10

#define MAX_LEVELS 16
#define WARM_SLOT_S 0.05		/* the first of each cell in a block, which does not count */
#define OPEN_PERCENT 80			/* of the maximum, where --rate says nothing */

/* what the clients send */
typedef struct LoadWork
{
	Drive		drive;
	Origin		origin;
	int64_t		size;
	bool		one_workflow;	/* all clients record steps of the same one, else each has its own */
	bool		row_lock;		/* after SELECT ... FOR NO KEY UPDATE of the workflow's row */
} LoadWork;

/* a cell of a plan: some work by so many clients */
typedef struct LoadCell
{
	int			work;
	int			clients;
} LoadCell;

typedef enum LoadMetric
{
	L_STEPS,					/* a second */
	L_MB,
	L_P50,						/* of a turn, ms, from when it was due */
	L_P95,
	L_P99,
	L_MAX,
	L_SENT_P50,					/* from when it was sent */
	L_SENT_P95,
	L_SENT_P99,
	L_FLUSHES,					/* of WAL, for each step */
	L_CLIENT_CPU,				/* ms of a step */
	L_SERVER_CPU,
	L_BUSY,						/* percent of this host's processors */
	L_TURNS,					/* that were measured */
	L_UNSENT,					/* turns that were due and never sent, percent */
	L_DUE,						/* turns that were due */
	L_SHORT,					/* of them not answered in the slot, and more than can be under way */
	L_METRICS
} LoadMetric;

typedef struct WaitCount
{
	char	   *name;			/* "IO:WALSync", "none" */
	int64_t	   *counts;			/* [ncells] of the first plan: how often a connection was seen in it */
} WaitCount;

/* a client, whose parameters stay where they are; those of call k are params[k] */
typedef struct LoadClient
{
	char		id[WORKFLOW_ID_SIZE];
	int64_t		next_step;		/* of its own workflow */
	uint32_t	numbers[STEPS_AT_ONCE]; /* as they are sent */
	Param		params[STEPS_AT_ONCE][SESSION_MAX_PARAMS];
	PipelineCall calls[STEPS_AT_ONCE];
} LoadClient;

typedef struct Concurrency
{
	int			nworks;
	LoadWork   *works;
	int			nplain;			/* the first works: those that go through all levels */
	int			nlevels;
	int			levels[MAX_LEVELS];
	int			clients;		/* the last of them */
	int			ncells;			/* of the first plan */
	LoadCell   *cells;
	double	   *rates;			/* [nplain] of the open loop, turns a second; NULL: it is the first plan */
	int			nwaits;
	WaitCount  *waits;
	int64_t    *watched;		/* [ncells]: how often a connection was looked at */

	/* of a slot */
	double		slot_s;
	int64_t		blocks;			/* that were begun, of both plans */
	const Plan *plan;			/* which is under way */
	int64_t		plan_until;		/* when its time is over */
	int64_t		block_began;	/* 0: none yet */
	bool	   *warm;			/* [ncells]: has it run in this block? */
	LoadClient *all;		/* [clients] */
	Session    *sessions;		/* [clients] */
	Session    *watcher;		/* the plan's own */
	int			cell;			/* which is under way */
	int64_t		next_step;		/* of the workflow that all share */
	char		one_id[WORKFLOW_ID_SIZE];
	unsigned char *payload;
} Concurrency;

/* steps of one turn, and the cell of some work at a level, -1: there is none */
extern int	work_steps(const LoadWork *work);
extern int	find_cell(const Concurrency *c, int work, int clients);

/* the highest steps a second of a work over its levels; *clients gets where; NAN: none */
extern double work_maximum(const Concurrency *c, const Plan *closed, int work, int *clients);

/* concurrency_slot.c: a Plan's run(), whose context is the Concurrency */
extern bool run_slot(Lab *lab, Session *session, int cell, double *values, void *context);

/* concurrency_result.c */
extern void concurrency_result(Lab *lab, const Concurrency *c, const Plan *closed, const Plan *open,
							   ExperimentResult *result);

#endif							/* CONCURRENCY_H */
