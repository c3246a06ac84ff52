/*
 * measured.h
 *	  Everything that a run measured, sample by sample.
 *
 * A run is made of blocks, each on fresh connections, and a block of
 * iterations, in each of which everything that is compared is done once, in
 * random order.  So sample i of one series and sample i of another belong to the
 * same iteration: what was not done or failed there is marked as such, never
 * left out.
 */
#ifndef MEASURED_H
#define MEASURED_H

#include <stdbool.h>
#include <stddef.h>

#include "sample/parameters.h"
#include "sample/sample.h"

/*
 * A workflow by one drive and origin on one side.  A row of samples is the
 * workflow's steps and then the workflow as one: its round trip is the wall time
 * from its first step's start to its last step's end.
 */
typedef struct Series
{
	int			side;
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int			nsteps;
	const Step *steps;			/* the workload's */
	Sample	   *samples;		/* [iteration * (nsteps + 1) + step] */
	Sample	   *first;			/* [block * (nsteps + 1) + step]: the first calls of its connection */
	CpuSample  *cpu;			/* [i * (nsteps + 1) + step] of ncpu iterations of their own */
	int			ncpu;
} Series;

/* one kind of call that is set beside the steps of one size */
typedef struct Baseline
{
	int			side;
	BaselineKind kind;
	int64_t		payload_bytes;	/* 0 for no_op */
	int			function_id;	/* of the recorded step of that size */
	Sample	   *samples;		/* [iteration]; absent where another size had its turn */
} Baseline;

/* what a backend used in a block, by its own account; NAN and UNKNOWN: not known */
typedef struct BackendUse
{
	double		wall_ms;		/* of the block's measured iterations, without their twins */
	double		cpu_ms;
	double		delay_ms;		/* able to run, and waiting for a processor */
	int64_t		voluntary_switches;
	int64_t		involuntary_switches;
} BackendUse;

typedef struct Block
{
	int			first_iteration;	/* among all of the run */
	int			niterations;
	BackendUse	backend[MAX_SIDES];
} Block;

/* after a connection was lost: another server, or the same as another */
typedef struct Move
{
	int			first_iteration;	/* of those that ran there */
	char	   *server;			/* host:port */
	char	   *changed;		/* settings that differ from the run's first server's; "": none */
} Move;

typedef enum StopReason
{
	STOPPED_BY_PRECISION,		/* every median is known to DEFAULT_PRECISION_PERCENT */
	STOPPED_BY_TIME,
	STOPPED_BY_BLOCKS,			/* as many as were asked for */
	STOPPED_BY_INTERRUPT,
	STOPPED_BY_FAILURE,			/* too many failures, or the connection was lost */
	STOPPED_BY_MEMORY
} StopReason;

typedef struct Measured
{
	const Parameters *parameters;
	int			niterations;	/* of all blocks together */
	int			iteration_capacity;
	int			nblocks;
	int			block_capacity;
	Block	   *blocks;
	int			every;			/* every how-manieth block is kept: 1, 2, 4 … */
	int			nseries;
	Series	   *series;			/* side by side: multiple, batched per drive and origin */
	int			nbaselines;
	Baseline   *baselines;
	int			nmoves[MAX_SIDES];
	Move	   *moves[MAX_SIDES];
	StopReason	stopped;
	int			nreconnects;
	int			nretries;
	double		tcp_rtt_ms[MAX_SIDES];	/* the kernel's own, at the end; NAN: not TCP */
	int64_t		tcp_retransmits[MAX_SIDES]; /* segments sent again; UNKNOWN: not TCP */
	bool		sends_unseen;	/* libpq sends past this program's send(): encode ends before
								 * a message is built, and building it is part of network */
} Measured;

/*
 * Add series and baselines before the first block.  The pointers are valid until
 * the next one is added.  Everything is freed by measured_free.
 */
extern void measured_init(Measured *measured, const Parameters *parameters);
extern Series *measured_add_series(Measured *measured, int side, WorkflowKind kind, Drive drive,
								   Origin origin, const Step *steps, int nsteps);
extern Baseline *measured_add_baseline(Measured *measured, int side, BaselineKind kind,
									   int64_t payload_bytes);
extern void measured_free(Measured *measured);

/* from the next iteration on a side is there; the texts are taken over */
extern void measured_add_move(Measured *measured, int side, char *server, char *changed);

/*
 * Begin a block: room for its first calls, all absent; then iterations, likewise.
 * False where memory is out: what is there stays as it was.
 */
extern bool measured_begin_block(Measured *measured);
extern bool measured_begin_iteration(Measured *measured);

/*
 * One more iteration with track_cpu on of one series; nsteps + 1 absent samples.
 * NULL where memory is out.
 */
extern CpuSample *series_add_cpu(Series *series);

/* the row of a series or the sample of a baseline in the newest iteration or block */
extern Sample *series_row(const Measured *measured, const Series *series);
extern Sample *series_first_row(const Measured *measured, const Series *series);
extern Sample *baseline_sample(const Measured *measured, const Baseline *baseline);

/* a limit for measured_thin */
#define SAMPLE_MEMORY_BYTES ((size_t) 256 * 1024 * 1024)

/* bytes that one iteration takes */
extern size_t measured_iteration_bytes(const Measured *measured);

/* forget the newest block, iterations and first calls */
extern void measured_forget_block(Measured *measured);

/*
 * Where the samples take more than limit bytes, every second block is forgotten
 * and so are every second of the blocks to come: blocks are exchangeable, so that
 * the figures stay those of the whole run.
 */
extern void measured_thin(Measured *measured, size_t limit);

#endif							/* MEASURED_H */
