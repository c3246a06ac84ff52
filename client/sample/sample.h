/*
 * sample.h
 *	  What is measured of one call, and the names of everything that is measured.
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
	METRIC_ARRIVAL,				/* a parameter coming in, and Bind's input of it */
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
	METRIC_SENDING,				/* first -> last byte handed to the kernel */
	METRIC_FIRST_BYTE,			/* first byte handed to the kernel -> first byte read */
	METRIC_TRANSFER,			/* first -> last byte read */
	METRIC_SERVER_TOTAL,		/* the server's own interval */

	/* --split-commit: the wait for the message that commits, and that less an empty
	 * query's of the same iteration, which is the commit as the client sees it */
	METRIC_COMMIT_WAIT,
	METRIC_CLIENT_COMMIT,

	/* of a workflow as one, around its steps and in none of the above */
	METRIC_START,
	METRIC_END,

	/*
	 * Of commit, where it waits for standbys: the same step's commit under
	 * synchronous_commit = local, in the iteration's twin, and what is more than that
	 */
	METRIC_FLUSH,
	METRIC_STANDBY,

	METRIC_COUNT
} Metric;

#define FIRST_PART METRIC_ENCODE
#define LAST_PART METRIC_UNATTRIBUTED

typedef enum Volume
{
	VOLUME_WIRE_SENT,			/* bytes of protocol messages, client -> server */
	VOLUME_WIRE_RECEIVED,
	VOLUME_TURNS,				/* how often the client waited for the server */
	VOLUME_TEXT_BYTES,			/* of the text that a profile makes of the payload */
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

/* the server's phases, whose processor time is told with dbos_payload.track_cpu */
typedef enum Phase
{
	PHASE_CHECK,
	PHASE_GENERATE,
	PHASE_STORE,
	PHASE_OUTPUT,
	PHASE_COMMIT,
	PHASE_COUNT
} Phase;

typedef enum SampleState
{
	SAMPLE_ABSENT,				/* nothing was measured here */
	SAMPLE_MEASURED,			/* the only one that enters a statistic */
	SAMPLE_FAILED,
	SAMPLE_REPLAYED,			/* a resumed workflow's: nothing was recorded */
	SAMPLE_RETRIED				/* the call was sent again after 40001 or 40P01 */
} SampleState;

typedef struct Sample
{
	SampleState state;
	int64_t		ns[METRIC_COUNT];	/* UNKNOWN where it could not be had */
	int64_t		volume[VOLUME_COUNT];	/* likewise */
} Sample;

/* of a call made with dbos_payload.track_cpu on, kept out of every other figure */
typedef struct CpuSample
{
	SampleState state;
	int64_t		wall_ns[PHASE_COUNT];	/* UNKNOWN where it could not be had, all three */
	int64_t		cpu_ns[PHASE_COUNT];
	int64_t		delay_ns[PHASE_COUNT];	/* able to run, and waiting for a processor */
} CpuSample;

typedef enum WorkflowKind
{
	WORKFLOW_MULTIPLE,			/* one step per size */
	WORKFLOW_BATCHED,			/* one step for all sizes together */
	WORKFLOW_COUNT
} WorkflowKind;

typedef enum Drive
{
	DRIVE_CALLS,				/* a round trip per step */
	DRIVE_PIPELINE,				/* all steps sent at once, a commit each */
	DRIVE_PROCEDURE,			/* one CALL, a commit per step */

	/* profiles: the statements and the encoding of one of DBOS's SDKs */
	DRIVE_DBOS_PYTHON,			/* bytes */
	DRIVE_DBOS_TYPESCRIPT,		/* base64 text */
	DRIVE_DBOS_TYPESCRIPT_BUFFER,
	DRIVE_DBOS_GO,				/* []byte */
	DRIVE_DBOS_GO_PORTABLE,
	DRIVE_DBOS_JAVA,			/* byte[] */

	/* the same statements, with a plain text of the payload's length in hand */
	DRIVE_PLAIN_PYTHON,
	DRIVE_PLAIN_TYPESCRIPT,
	DRIVE_PLAIN_GO,
	DRIVE_PLAIN_JAVA,
	DRIVE_COUNT
} Drive;

#define OWN_DRIVES (DRIVE_PROCEDURE + 1)	/* those that use the extension */
#define FIRST_PROFILE DRIVE_DBOS_PYTHON
#define PROFILES (DRIVE_DBOS_JAVA - FIRST_PROFILE + 1)

/* is it a profile, or the plain twin of one? the latter? */
extern bool drive_is_profile(Drive drive);
extern bool drive_is_plain(Drive drive);

/* the plain twin of a profile */
extern Drive drive_plain(Drive profile);

/* does each step have a round trip of its own (of a profile: several)? */
extern bool drive_has_round_trips(Drive drive);

typedef enum Origin
{
	ORIGIN_SERVER,				/* the server makes the payload and returns it */
	ORIGIN_CLIENT,				/* the client makes the payload and sends it */
	ORIGIN_COUNT
} Origin;

/* the same payload with parts of the way left out */
typedef enum BaselineKind
{
	BASELINE_NO_OP,				/* nothing but the round trip */
	BASELINE_RECEIVE,			/* payload sent and dropped */
	BASELINE_SEND,				/* payload generated and returned, not stored */
	BASELINE_SEND_HEX,			/* the same as text, where the run is binary */
	BASELINE_REPLAY,			/* recorded payload read back */
	BASELINE_INSERT,			/* a bare INSERT of the same columns */
	BASELINE_IDLE,				/* the smallest step after BASELINE_IDLE_NS without a call */
	BASELINE_EMPTY,				/* an empty query; beside profiles */
	BASELINE_COUNT
} BaselineKind;

#define BASELINE_IDLE_NS INT64_C(5000000)

typedef struct Step
{
	const char *name;			/* function_name: size_step, batch_size_step */
	int			function_id;
	int64_t		payload_bytes;
	int			exponent;		/* payload_bytes = 10^exponent; -1: not a power of ten */
	int			iterations;		/* batch_size_step: parts of 10^0 … 10^(iterations-1); else 0 */
} Step;

/* names as in result files and on the command line */
extern const char *const metric_names[METRIC_COUNT];
extern const char *const volume_names[VOLUME_COUNT];
extern const char *const phase_names[PHASE_COUNT];
extern const char *const workflow_names[WORKFLOW_COUNT];	/* size_workflow, batch_size_workflow */
extern const char *const drive_names[DRIVE_COUNT];
extern const char *const origin_names[ORIGIN_COUNT];
extern const char *const baseline_names[BASELINE_COUNT];

/* size = 10^exponent; -1: it is no power of ten, so that no function is named for it */
extern int	size_exponent(int64_t size);

/* an absent sample: every time and volume UNKNOWN */
extern void sample_reset(Sample *sample);
extern void cpu_sample_reset(CpuSample *sample);

#endif							/* SAMPLE_H */
