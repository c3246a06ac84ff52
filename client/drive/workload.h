/*
 * workload.h
 *	  The steps of the two workflows, and the SQL that drives them.
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "pg/session.h"
#include "sample/parameters.h"
#include "sample/sample.h"

typedef struct Workload
{
	const Parameters *parameters;
	int			nsteps;
	Step		steps[MAX_SIZES];	/* one per size */
	Step		batched;		/* all sizes in one */
} Workload;

extern void workload_make(const Parameters *parameters, Workload *workload);

/* the steps of one of the two workflows */
extern const Step *workload_steps(const Workload *workload, WorkflowKind kind, int *nsteps);

/* statements that are timed; their ids are those of --protocol prepared */
typedef enum StatementId
{
	STATEMENT_SIZE_STEP,
	STATEMENT_PAYLOAD_STEP,
	STATEMENT_RECORD_STEP,
	STATEMENT_RECORD_STEP_GUARDED,
	STATEMENT_COMMIT_PAYLOAD_STEPS,
	STATEMENT_COMMIT_RECORD_STEPS,
	STATEMENT_NO_OP,
	STATEMENT_RECEIVE_PAYLOAD,
	STATEMENT_SEND_PAYLOAD,
	STATEMENT_INSERT,
	STATEMENT_COUNT
} StatementId;

extern const Statement statements[STATEMENT_COUNT];

/*
 * The statement that runs a step in a call of its own.  What is batched is made in
 * one piece, so that its bytes are the same by every drive and whatever the sizes.
 */
extern const Statement *step_statement(const Step *step, Origin origin);

/* the name of that statement in the server's timing row */
extern const char *step_operation(const Step *step, Origin origin);

/* the seed of a step's payload: seed + its place among the sizes, from 0 */
extern int64_t step_seed(const Parameters *parameters, const Step *step);

/* the bytes of a step's payload, as the server makes them of the seed */
extern void step_fill_payload(const Parameters *parameters, const Step *step, unsigned char *buffer);
extern bool step_payload_matches(const Parameters *parameters, const Step *step,
								 const unsigned char *buffer);

/* text of numbers, for parameters */
#define NUMBER_TEXT_SIZE 24

typedef struct StepParams
{
	Param		params[SESSION_MAX_PARAMS];
	char		text[SESSION_MAX_PARAMS][NUMBER_TEXT_SIZE];
	char	   *hex;			/* a payload as text; freed by step_params_free */
} StepParams;

/* parameters of step_statement(); payload is NULL for origin server */
extern void step_params_make(const Parameters *parameters, const Step *step, Origin origin,
							 const char *workflow_id, const unsigned char *payload,
							 StepParams *params);
extern void step_params_free(StepParams *params);

/* a payload as one parameter, in the format of --result-format */
extern void payload_param(const Parameters *parameters, const unsigned char *payload, int64_t size,
						  Param *param, char **hex);

/* a number as a text parameter */
extern Param number_param(char text[NUMBER_TEXT_SIZE], int64_t number);

/*
 * resume.c: may the workflow of --workflow-id go on with what was asked for?  Looks
 * before anything is written: false, with a message on stderr, where the workflow is
 * another one, has ended, or has recorded steps that do not fit the workload.
 * recorded_before[MAX_SIZES] gets which steps are there; stdout is told how many will
 * be replayed.
 */
extern bool resume_check(Session *session, const Workload *workload, bool *recorded_before);

/*
 * payload.c: payloads that the client makes (--origin client).  The bytes of a seed
 * are those of the extension's random_payload(size, seed, compressible).
 */

/* size bytes into buffer; unseeded ones come from the kernel */
extern void payload_fill(unsigned char *buffer, size_t size, bool has_seed, int64_t seed,
						 int compressible);

/* is it what payload_fill makes of that seed? */
extern bool payload_matches(const unsigned char *buffer, size_t size, int64_t seed, int compressible);

/* "\x…", terminated; malloc'd, the caller's */
extern char *payload_to_hex(const unsigned char *buffer, size_t size);

#endif							/* WORKLOAD_H */
