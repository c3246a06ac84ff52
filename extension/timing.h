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

#include "executor/instrument.h"

#define TIMING_RING_SIZE		256

/* longest workflow id, without a terminating zero */
#define TIMING_ID_BYTES			1024

typedef enum StepPhase
{
	PHASE_CHECK,
	PHASE_GENERATE,
	PHASE_STORE,
	PHASE_OUTPUT,
	PHASE_COMMIT,
	NUM_PHASES
} StepPhase;

/* what this backend has had of a processor so far, in ns */
typedef struct ProcessorTime
{
	int64		cpu;
	int64		delay;			/* runnable, and waiting for one; -1: not known */
} ProcessorTime;

/* one phase: its own two stamps, and the processor's at each of them */
typedef struct PhaseStamps
{
	instr_time	begin;
	instr_time	end;
	ProcessorTime processor_begin;
	ProcessorTime processor_end;
} PhaseStamps;

/* the backend's counters, as they stood or as they grew */
typedef struct StepUsage
{
	WalUsage	wal;
	BufferUsage buffers;
} StepUsage;

/* what came before a step's function was entered, in us; -1 where not known */
typedef struct TimingEntry
{
	int64		before;			/* since its first message: holds the other two */
	int64		arrival;
	int64		parse;
} TimingEntry;

typedef struct StepTiming
{
	SubTransactionId subid;		/* the (sub)transaction that it depends on */
	Oid			role;			/* who may see it */
	bool		returned;		/* has the step's function returned? */
	bool		in_block;		/* does the client decide when it commits? */
	bool		track_cpu;
	uint8		ended;			/* which phases have both stamps, as bits */
	const char *operation;		/* a constant */
	const char *outcome;		/* likewise; NULL for a baseline */
	TimingEntry entry;
	int64		number;			/* counts this session's committed steps */
	int64		payload_bytes;
	int32		function_id;
	int			workflow_id_len;	/* 0 where there is no workflow */
	instr_time	first;
	instr_time	last;
	instr_time	between;		/* inside of them, but nobody's */
	StepUsage	usage_begin;	/* as the counters stood at the first stamp */
	StepUsage	usage;			/* what they had grown by at the last one */
	PhaseStamps phases[NUM_PHASES];
	char		workflow_id[TIMING_ID_BYTES];
} StepTiming;

#pragma GCC visibility push(hidden)

/* timing.c: a step, and the steps */
extern StepTiming *TimingBegin(const char *operation, const TimingEntry *entry);
extern void TimingDescribe(StepTiming *timing, const text *workflow_id,
						   int32 function_id, int64 bytes);
extern void TimingEnd(StepTiming *timing, const char *outcome, int64 bytes);
extern void TimingCommit(void);
extern void TimingForget(void);
extern int	TimingCount(void);
extern const StepTiming *TimingAt(int i);

extern void StampPhaseBegin(StepTiming *timing, StepPhase phase);
extern void StampPhaseEnd(StepTiming *timing, StepPhase phase);

/* what timing_statement.c tells timing.c */
extern void TimingNextStatement(void);
extern void TimingStatementEnds(bool simple);
extern void TimingStatementGoes(void);
extern void TimingMessageEnds(bool sync_follows);

/* timing_statement.c: the statement around a step */
extern void InstallHooks(void);
extern TimingEntry TimingEnter(void);
extern void WatchMessage(void);

/* timing_clocks.c */
extern ProcessorTime ReadProcessorTime(void);

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
