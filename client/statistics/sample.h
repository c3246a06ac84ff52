/*
 * sample.h
 *	  What is measured of one step, and the series in which it is kept.
 *
 * A sample holds every time in nanoseconds and every volume in bytes, records
 * or blocks, as integers, indexed by the enums below, so that statistics,
 * tables, result files and comparisons are loops over metrics and not lists
 * of fields.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/* the value of a time or a volume that could not be had */
#define UNKNOWN INT64_MIN

typedef enum Metric
{
	/* the round trip, from a payload in hand to a payload the caller can use,
	 * measured as one interval apart from its parts */
	METRIC_ROUND_TRIP,

	/* the parts, in the order in which they happen (design: parts that add up) */
	METRIC_ENCODE,
	METRIC_NETWORK,				/* wait - server total */
	METRIC_PARSE,
	METRIC_CHECK,
	METRIC_GENERATE,
	METRIC_STORE,
	METRIC_OUTPUT,
	METRIC_COMMIT,
	METRIC_DECODE,
	METRIC_UNATTRIBUTED,

	/* what the parts are made from */
	METRIC_WAIT,				/* first byte handed to the kernel -> last byte read */
	METRIC_FIRST_BYTE,			/* message handed over -> first byte read */
	METRIC_TRANSFER,			/* first -> last byte read */
	METRIC_SERVER_TOTAL,		/* the server's own interval */

	/* CPU time of the server's phases */
	METRIC_CHECK_CPU,
	METRIC_GENERATE_CPU,
	METRIC_STORE_CPU,
	METRIC_OUTPUT_CPU,
	METRIC_COMMIT_CPU,

	METRIC_COUNT
} Metric;

#define FIRST_PART METRIC_ENCODE
#define LAST_PART METRIC_UNATTRIBUTED

typedef enum Volume
{
	VOLUME_WIRE_SENT,			/* bytes of protocol messages, client -> server */
	VOLUME_WIRE_RECEIVED,
	VOLUME_WAL_BYTES,
	VOLUME_WAL_RECORDS,
	VOLUME_WAL_FPI,
	VOLUME_BLKS_HIT,
	VOLUME_BLKS_READ,
	VOLUME_BLKS_DIRTIED,
	VOLUME_HEAP_BYTES,
	VOLUME_TOAST_BYTES,

	VOLUME_COUNT
} Volume;

typedef struct Sample
{
	int64_t		ns[METRIC_COUNT];	/* UNKNOWN where it could not be had */
	int64_t		volume[VOLUME_COUNT];	/* likewise */
	bool		failed;			/* never enters a statistic */
	bool		replayed;		/* likewise: nothing was recorded */
	bool		retried;		/* likewise: the call was sent again after 40001 or 40P01 */
} Sample;

typedef enum WorkflowKind
{
	WORKFLOW_MULTIPLE,			/* one step per size */
	WORKFLOW_BATCHED			/* one step for all sizes together */
} WorkflowKind;

typedef enum Drive
{
	DRIVE_CALLS,				/* a round trip per step */
	DRIVE_PIPELINE,				/* all steps sent at once, a commit each */
	DRIVE_PROCEDURE,			/* one CALL, a commit per step */
	DRIVE_COUNT
} Drive;

typedef enum Origin
{
	ORIGIN_SERVER,				/* the server makes the payload and returns it */
	ORIGIN_CLIENT,				/* the client makes the payload and sends it */
	ORIGIN_COUNT
} Origin;

typedef struct Step
{
	const char *name;			/* function_name: size_step, batch_size_step, payload_step */
	int			function_id;
	int64_t		payload_bytes;
	int			exponent;		/* payload_bytes = 10^exponent; -1: not a power of ten */
	int			iterations;		/* batch_size_step: parts of 10^0 … 10^(iterations-1); else 0 */
} Step;

/*
 * All measured runs of one workflow by one drive and origin.
 * samples[i * nsteps + s] is step s of iteration i; whole[i] is the workflow
 * of iteration i as one: its round trip is the wall time from its first step's
 * start to its last step's end, its parts the parts of that time.
 * Owned by series_create/series_free.
 */
typedef struct Series
{
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int			nsteps;
	const Step *steps;			/* owned by the workload */
	int			niterations;	/* measured, those in which a step failed among them */
	int			capacity;
	int			nfailed;		/* iterations in which a step failed */
	int			nreplayed;		/* steps that were replayed (resumed run) */
	bool		partial;		/* interrupted before all iterations */
	Sample	   *samples;
	Sample	   *whole;
	Sample	   *first;			/* nsteps: first call of a fresh connection */
	Sample		first_whole;
	bool		has_first;
} Series;

/* differential arms: the same payload with parts of the way left out */
typedef enum ArmKind
{
	ARM_NO_OP,					/* nothing but the round trip */
	ARM_RECEIVE,				/* payload sent and dropped */
	ARM_SEND,					/* payload generated and returned, not stored */
	ARM_SEND_HEX,				/* the same as text, where the run is binary */
	ARM_REPLAY,					/* recorded payload read back */
	ARM_INSERT,					/* a bare INSERT of the same columns */
	ARM_COUNT
} ArmKind;

typedef struct Arm
{
	ArmKind		kind;
	int64_t		payload_bytes;
	int			function_id;	/* of the recorded step of that size */
	int			niterations;
	int			capacity;
	Sample	   *samples;
	Sample		first;
	bool		has_first;
} Arm;

extern const char *const metric_names[METRIC_COUNT];	/* JSON keys: "encode" … */
extern const char *const volume_names[VOLUME_COUNT];
extern const char *const workflow_names[2]; /* size_workflow, batch_size_workflow */
extern const char *const drive_names[DRIVE_COUNT];
extern const char *const origin_names[ORIGIN_COUNT];
extern const char *const arm_names[ARM_COUNT];

extern void sample_reset(Sample *sample);
extern Series *series_create(WorkflowKind kind, Drive drive, Origin origin,
							 const Step *steps, int nsteps);
extern void series_free(Series *series);
extern void series_append(Series *series, const Sample *steps, const Sample *whole);
extern void arm_append(Arm *arm, const Sample *sample);
extern void arm_free(Arm *arm);

/* collect one metric over the iterations; *values is malloc'd, the caller's */
extern int	series_step_times(const Series *series, int step, Metric metric, int64_t **values);
extern int	series_whole_times(const Series *series, Metric metric, int64_t **values);
extern int	arm_times(const Arm *arm, Metric metric, int64_t **values);

#endif							/* SAMPLE_H */
