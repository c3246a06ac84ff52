/*
 * budget.h
 *	  What the files of the experiment budget share.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "experiment/experiment.h"

/* steps of a workflow; by pipeline and procedure they are one turn, of which each is a share */
#define BUDGET_STEPS 4

#define BUDGET_PERCENTILE 95
#define LEAST_SIZE 1

/* turns of which a 95th percentile can be had at all: with fewer it is the highest */
#define LEAST_TURNS 19

#define MOST_WAYS (OWN_DRIVES * ORIGIN_COUNT)
#define NPARTS (LAST_PART - FIRST_PART + 1)

typedef enum BudgetPhase
{
	BUDGET_BRACKET,				/* doubling and halving, to know where to look */
	BUDGET_AROUND,				/* sizes around the one that is sought */
	BUDGET_CONFIRM				/* the size found, again; and what is smaller, where it did not hold */
} BudgetPhase;

/* a step, or its share of a turn */
typedef struct BudgetTurn
{
	int			way;
	BudgetPhase phase;
	int			round;			/* of confirming, from 0 */
	int			block;			/* of its phase or round */
	int64_t		size;
	double		ms;
	double		parts[NPARTS];	/* NAN: not known */
} BudgetTurn;

/* a step's time by its size, around the size that is sought: base + slope * bytes */
typedef struct BudgetLine
{
	double		base;			/* ms */
	double		slope;			/* ms a byte, above 0 */
	bool		known;
} BudgetLine;

typedef struct BudgetWay
{
	Drive		drive;
	Origin		origin;
	int64_t		centre;			/* the best guess so far */
	BudgetLine	line;
	Estimate	edge;			/* bytes at which p95 is the budget */
	int64_t		found;			/* that is held to keep it; 0: none does, or nothing was measured */
	int			rounds;			/* of confirming */
	bool		sought;			/* sizes around it were measured */
	bool		too_slow;		/* even the smallest takes longer */
	bool		all_fit;		/* the largest that is tried keeps it */
} BudgetWay;

typedef struct Budget
{
	double		ms;
	int64_t		largest;		/* that is tried */
	int			nways;
	BudgetWay	ways[MOST_WAYS];
	BudgetTurn *turns;
	int			nturns;
	int			capacity;
	int64_t		nworkflows;
	int64_t		undeleted;		/* bytes of payload since rows were last deleted */
	int			naround;		/* blocks of that phase */
} Budget;

/* ------------------------------------------------------------------------
 * budget_turns.c: measuring, and what is made of it
 * ------------------------------------------------------------------------
 */

/* One workflow; counts: its turns are kept.  False, with a message. */
extern bool budget_workflow(Lab *lab, Budget *b, Session *session, int way, int64_t size,
							BudgetPhase phase, int round, int block, bool counts);

/*
 * The 95th percentile of n values, which are sorted: the first of them that is on
 * average above so many of all turns, not only of these.  NAN for none.
 */
extern double budget_p95(double *values, int n);

/* what a turn must be to be taken; -1: any */
typedef struct TurnFilter
{
	int			way;
	int			phase;
	int			round;
	int			block;
	int64_t		size;
} TurnFilter;

/* the times of those, into values, which has room for all turns; how many there are */
extern int	budget_times(const Budget *b, const TurnFilter *filter, double *values);

/* the blocks' p95s, or their means of a part (from FIRST_PART), in the last round of confirming; *n: turns */
extern Estimate budget_confirmed_p95(const Budget *b, int way, int64_t *n);
extern Estimate budget_confirmed_part(const Budget *b, int way, int part, int64_t *n);
extern Estimate budget_confirmed_mean(const Budget *b, int way);

/* percent of its turns that were within the budget */
extern double budget_confirmed_share(const Budget *b, int way);

/* the line through what was measured of a way in a phase; false: there is none */
extern bool budget_fit(const Budget *b, int way, BudgetPhase phase, BudgetLine *line);

/* the size at which p95 is the budget, over the blocks of sizes around it */
extern Estimate budget_edge(const Budget *b, int way);

/* to two digits, downwards, and not below LEAST_SIZE */
extern int64_t budget_round(double size);

/* budget_result.c */
extern void budget_result(const Lab *lab, const Budget *b, ExperimentResult *result);

#endif							/* BUDGET_H */
