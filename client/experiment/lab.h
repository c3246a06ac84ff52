/*
 * lab.h
 *	  What an experiment works with: connections, a schema of its own, time, chance,
 *	  and the driver that runs what is compared in random order in blocks.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "drive/leftovers.h"
#include "environment/environment.h"
#include "pg/session.h"
#include "sample/parameters.h"
#include "statistics/estimate.h"
#include "util/random.h"

/* what the command line says; everything is the caller's */
typedef struct LabOptions
{
	const SessionSettings *settings;
	const Parameters *run;		/* sizes, drives, origins, seed; what was not given has the defaults of run */
	bool		sizes_given;
	bool		drives_given;
	bool		origins_given;
	bool		allow_unsafe;
	bool		quick;
	int			progress_s;		/* 0: automatic */
	const char *payload_path;	/* --payload; NULL: none */
	double		rate;			/* --rate, per second; 0: not given */
	int			clients;		/* --clients; 0: not given */
	int64_t		budget_ns;		/* --budget; 0: not given */
	int64_t		to;				/* --to; 0: not given */
	int			argc;			/* the whole command line, for the file */
	char	  **argv;
} LabOptions;

#define LAB_SCHEMA_SIZE 64

typedef struct LabProgress
{
	bool		terminal;
	bool		on_line;		/* a line that is written over stands there */
	int			every_s;
	int64_t		shown;
} LabProgress;

typedef struct Lab
{
	const LabOptions *options;
	Session		control;		/* for everything that is not measured */
	Environment *environment;
	Random		random;			/* of --seed, where it was given */
	char		schema[LAB_SCHEMA_SIZE];	/* where everything of the experiment's own is; quoted it need not be */
	char		run_id[RUN_ID_SIZE];	/* for workflows in dbos_payload's tables: run_workflow_id(), leftovers_delete() */

	/* of the experiment under way */
	const char *name;
	double		seconds;		/* that it has for measuring */
	int			place;			/* from 1, of nplaces that are made */
	int			nplaces;
	double		seconds_after;	/* that those have which come after it */
	int64_t		began;
	int64_t		deadline;		/* now_ns() at which measuring ends */
	bool		schema_made;
	bool		failed;			/* something did, and was said on stderr */
	LabProgress progress;
} Lab;

/* ------------------------------------------------------------------------
 * lab.c
 * ------------------------------------------------------------------------
 */

/* no signal, no failure, and the experiment's time is not over */
extern bool lab_goes_on(const Lab *lab);

/* the same but for the time: for what must be done once, however long it takes */
extern bool lab_is_alive(const Lab *lab);

/* the least of n >= 1 values: what others do besides can only add to WAL */
extern double least_of(const double *values, int n);

/* share of the experiment's time that is left, in seconds */
extern double lab_seconds_left(const Lab *lab);

/*
 * Another connection, with bytea_output hex; false, with a message on stderr, and
 * lab->failed.  The caller closes it.
 */
extern bool lab_connect(Lab *lab, Session *session);

/*
 * Statements by the control connection, "%s" in the format is for lab->schema: tables are
 * made in it.  False, with a message, and lab->failed.  lab_query's result is the
 * caller's; lab_number: the first column of the first row, NAN where it is NULL or fails.
 */
extern bool lab_do(Lab *lab, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern PGresult *lab_query(Lab *lab, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern double lab_number(Lab *lab, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/*
 * The experiment's workflows in dbos_payload's tables, away.  False: they may be there
 * still; unless somebody interrupted it, with a message and lab->failed.
 */
extern bool lab_delete_workflows(Lab *lab);

/* the session's error on stderr, with what was being done; sets lab->failed */
extern void lab_fail(Lab *lab, const Session *session, const char *what);

/*
 * How far it is, on standard error: share done, 0 to 1, of what is under way; what:
 * "measuring", "filling the table".  Cheap: call it as often as you like, but not
 * within what is timed.
 */
extern void lab_progress(Lab *lab, const char *what, double done);
extern void lab_progress_end(Lab *lab);

/*
 * Is so much room on the server's disk?  True where that cannot be known.  False, with a
 * message: for allowed().
 */
extern bool lab_has_room(const Lab *lab, double bytes);

/* a file of the user's, --payload; NULL, with a message, where it cannot be read or is above most bytes */
extern unsigned char *lab_payload_file(const char *path, size_t most, size_t *size);

/* random bytes of the lab's, the last so many percent of each 512 zero; see payload_fill() */
extern void lab_fill(Lab *lab, unsigned char *buffer, size_t size, int compressible);

/* ------------------------------------------------------------------------
 * cells.c: what is compared, in random order, in blocks on fresh connections
 *
 * A cell is one thing that is measured: it is run once, and gives a value for each
 * metric.  Cells of one group are compared with one another: they run one right
 * after the other, in an order drawn anew each time, so that what drifts hits them
 * alike.  In a block every group gets the same share of the block's time, but
 * each runs at least once, so that what is fast is measured often.  A ratio or a
 * difference is taken within such an iteration of a group, never between means.
 * ------------------------------------------------------------------------
 */

typedef struct Plan Plan;

struct Plan
{
	/* set by the experiment */
	int			ncells;
	const int  *groups;			/* the group of each cell, from 0; NULL: all are one group */
	int			nmetrics;
	double		seconds;		/* of the experiment's time; 0: all that is left */
	int			blocks;			/* 0: PLAN_BLOCKS */
	int			iterations;		/* of each group in a block; 0: as many as fit into its time */
	bool		no_warmup;		/* each cell begins afresh, with a process or a connection of its own */
	void	   *context;		/* for the functions */

	/*
	 * Run the cell once on the block's session.  values[nmetrics] are NAN; what stays so was
	 * not measured.  False, after lab_fail(): the plan ends.  A warm-up is not counted.
	 */
	bool		(*run) (Lab *lab, Session *session, int cell, double *values, void *context);

	/* on each fresh connection and at its end; NULL: nothing to do */
	bool		(*open) (Lab *lab, Session *session, void *context);
	void		(*close) (Lab *lab, Session *session, void *context);

	/* what was measured, filled by plan_measure */
	int			nblocks;
	int			nvalues;		/* rows of values */
	int			capacity;
	struct PlanRow *rows;
};

typedef struct PlanRow
{
	int			block;
	int			iteration;		/* of the group, within the block */
	int			cell;
	double	   *values;			/* [nmetrics] */
} PlanRow;

#define PLAN_BLOCKS 10

/*
 * Measure until the plan's time is over or lab_goes_on() says no, but everything once.  False where
 * something failed, which was said; what was measured until then is there.
 */
extern bool plan_measure(Lab *lab, Plan *plan);
extern void plan_free(Plan *plan);

/* how often a cell's metric was measured */
extern int64_t plan_n(const Plan *plan, int cell, int metric);

/* over the blocks' medians; over their means, which add up; over their p-th percentiles */
extern Estimate plan_median(const Plan *plan, int cell, int metric);
extern Estimate plan_mean(const Plan *plan, int cell, int metric);
extern Estimate plan_percentile(const Plan *plan, int cell, int metric, double p);

/*
 * One cell's metric against another's of the same group, or of the same cell, in the
 * same iteration: left / right (of logarithms), and left - right.  *p, where it is not
 * NULL: the probability of a ratio this far from 1 by chance, 1 where nothing is known;
 * for holm(), where many are compared.
 */
extern Estimate plan_ratio(const Plan *plan, int left, int left_metric, int right, int right_metric,
						   double *p);
extern Estimate plan_difference(const Plan *plan, int left, int left_metric, int right, int right_metric);

#endif							/* LAB_H */
