/*
 * memory.h
 *	  What the files of the experiment memory share.
 */
#ifndef EXPERIMENT_MEMORY_H
#define EXPERIMENT_MEMORY_H

#include <sys/types.h>

#include "experiment/checkpoint.h"
#include "experiment/experiment.h"

#define BATCH_STEPS 7
#define MOST_MEMORY_SIZES 4

/* what the client may take beyond what it has when it is connected */
#define CLIENT_LIMIT 32000000

/* a way of handing a payload over */
typedef struct Approach
{
	const char *name;			/* as it is shown */
	bool		reads;			/* back, of a table; else by drive and origin */
	Drive		drive;
	Origin		origin;
	int			nsteps;			/* between which the payload is divided */
	bool		binary;			/* else hex text, both ways */
} Approach;

/* what one try by a process of its own came to */
typedef enum TryOutcome
{
	TRY_DONE,
	TRY_OUT_OF_MEMORY,			/* it said so, and ended by itself */
	TRY_DIED,					/* by a signal, or without a word */
	TRY_FAILED					/* of another cause, which was said */
} TryOutcome;

#define TRY_MESSAGE_SIZE 256

typedef struct Try
{
	TryOutcome	outcome;
	double		client;			/* bytes at the peak above those before it; NAN: not known */
	double		backend;		/* likewise; NAN where its memory cannot be seen */
	double		backend_shared; /* pages of shared buffers that it came to touch */
	int64_t		looks;			/* at the backend's memory meanwhile */
	char		message[TRY_MESSAGE_SIZE];	/* of a try that was not done */
} Try;

/* one measured peak */
typedef struct Peak
{
	int			approach;
	int			block;
	int64_t		size;
	Try			tried;
} Peak;

/* of what the backend holds by its own account */
typedef struct Contexts
{
	double		total;			/* bytes; NAN: not known */
	char		largest[160];	/* "name 123 kB, name 45 kB" */
} Contexts;

/* the largest payload under the client's limit */
typedef struct Limit
{
	double		predicted;		/* bytes, by the slope; NAN: the client holds none of it */
	int64_t		done;			/* the largest that was tried and went through; 0: none */
	int64_t		ran_out;		/* the smallest that did not; 0: none */
	int			tries;
	char		message[TRY_MESSAGE_SIZE];	/* that it was told with */
} Limit;

#define MOST_APPROACHES 16

typedef struct Memory
{
	int			napproaches;
	Approach	approaches[MOST_APPROACHES];
	int			nsizes;
	int64_t		sizes[MOST_MEMORY_SIZES];
	CheckpointTable table;		/* of payloads that are read back */
	int			nrows;			/* in it */
	int			size_rows[MOST_MEMORY_SIZES];	/* of each size, which one */
	int64_t		nworkflows;
	int64_t		undeleted;
	bool		sees_backend;
	bool		has_contexts;
	const char *no_contexts;	/* why not */
	int			nblocks;
	Peak	   *peaks;
	int			npeaks;
	int			capacity;
	int			died;			/* tries that did not end by themselves */
	Contexts	before[MOST_APPROACHES];	/* by the backend's own account, of the largest size */
	Contexts	within[MOST_APPROACHES];
	Contexts	after[MOST_APPROACHES];
	Limit		limits[MOST_APPROACHES];
} Memory;

/*
 * memory_child.c: a payload by an approach, in a process and on a connection of its own,
 * whose backend is therefore a fresh one too.  row: of the table, for what reads; limit:
 * bytes that it may take above what it has before the payload, 0: any.  False, with a
 * message, where it failed of another cause than memory.
 */
extern bool memory_try(Lab *lab, Memory *m, int approach, int64_t size, int row, double limit, Try *tried);

/* is there a /proc that tells of processes? and of that one, a server's? */
extern bool memory_is_told(void);
extern bool memory_is_told_of_backend(const Lab *lab, pid_t pid);

/* the payload by an approach on a session; false with session->error set */
extern bool memory_run_approach(Lab *lab, const Memory *m, const Approach *approach, Session *session, int64_t size, int row, int64_t workflow);

/* memory_contexts.c: by the backend's own account; false, with a message */
extern bool memory_contexts(Lab *lab, Memory *m, int approach, int64_t size, int row);

/* of so many bytes copies, by block: the slope of the peaks by size; and what is left at none */
extern Estimate memory_copies(const Memory *m, int approach, bool of_backend, int64_t *n);
extern Estimate memory_base(const Memory *m, int approach, bool of_backend);

/* memory_result.c */
extern void memory_result(const Lab *lab, const Memory *m, ExperimentResult *result);

#endif							/* EXPERIMENT_MEMORY_H */
