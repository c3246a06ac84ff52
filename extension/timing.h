/*
 * timing.h
 *		The stamps of a timed step.
 *
 * A step that is timed carries a StepTiming from its first line to the commit
 * that makes it durable.  Where timing is off that is a NULL pointer, which
 * all functions here accept.
 */
#ifndef DBOS_PAYLOAD_TIMING_H
#define DBOS_PAYLOAD_TIMING_H

#include "compat.h"

#include "portability/instr_time.h"

#define TIMING_RING_SIZE		256

/* steps of fewer bytes read the CPU clock around few phases only */
#define TIMING_ALL_CPU_BYTES	10000

/* longest workflow id, without a terminating zero */
#define TIMING_ID_BYTES			1024

/* values of cpu_phase that are no phase */
#define CPU_IN_ALL_PHASES		(-1)
#define CPU_IN_NO_PHASE			(-2)

typedef enum StepPhase
{
	PHASE_CHECK,
	PHASE_GENERATE,
	PHASE_STORE,
	PHASE_OUTPUT,
	PHASE_COMMIT,
	NUM_PHASES
} StepPhase;

/* one phase: its own two stamps, and the CPU clock in ns at each of them */
typedef struct PhaseStamps
{
	instr_time	begin;
	instr_time	end;
	int64		cpu_begin;
	int64		cpu_end;
} PhaseStamps;

/* counters of the backend, as they stood or as they grew */
typedef struct StepUsage
{
	int64		wal_bytes;
	int64		wal_records;
	int64		wal_fpi;
	int64		shared_blks_hit;
	int64		shared_blks_read;
	int64		shared_blks_dirtied;
} StepUsage;

typedef struct StepTiming
{
	SubTransactionId subid;		/* the (sub)transaction that it depends on */
	bool		returned;		/* has the step's function returned? */
	bool		replayed;
	uint8		ended;			/* which phases have both stamps, as bits */
	uint8		cpu_ended;		/* which of them the CPU clock too, as bits */
	int			cpu_phase;		/* the phase to read the CPU clock in, or below */
	const char *operation;		/* a constant */
	int64		parse_us;		/* -1 where it cannot be had */
	int64		number;			/* counts this session's committed steps */
	int64		payload_bytes;
	int32		function_id;
	int			workflow_id_len;	/* 0 where there is no workflow */
	instr_time	first;
	instr_time	last;
	StepUsage	usage_begin;	/* as the counters stood at the first stamp */
	StepUsage	usage;			/* what they had grown by at the last one */
	PhaseStamps phases[NUM_PHASES];
	char		workflow_id[TIMING_ID_BYTES];
} StepTiming;

#pragma GCC visibility push(hidden)

extern int64 TimingParse(void);
extern StepTiming *TimingBegin(const char *operation, int64 parse_us);
extern void TimingDescribe(StepTiming *timing, const text *workflow_id,
						   int32 function_id, int64 bytes);
extern void TimingEnd(StepTiming *timing, bool replayed, int64 bytes);
extern int	TimingCount(void);
extern const StepTiming *TimingAt(int i);

extern void StampPhaseBegin(StepTiming *timing, StepPhase phase);
extern void StampPhaseEnd(StepTiming *timing, StepPhase phase);

#pragma GCC visibility pop

static inline void
PhaseBegin(StepTiming *timing, StepPhase phase)
{
	if (timing != NULL)
		StampPhaseBegin(timing, phase);
}

static inline void
PhaseEnd(StepTiming *timing, StepPhase phase)
{
	if (timing != NULL)
		StampPhaseEnd(timing, phase);
}

#endif							/* DBOS_PAYLOAD_TIMING_H */
