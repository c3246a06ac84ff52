/*
 * committing.c
 *		What procedures that commit as they go have in common.
 *
 * Between BeginCommitting and SPI_finish we are in an SPI connection that may
 * commit, and the current memory context is one that survives a commit.
 * Arguments are copied into it before the first one.
 */
#include "committing.h"

#include "access/xact.h"
#include "checks.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "tcop/pquery.h"
#include "timing.h"
#include "utils/builtins.h"

/* how many skipped workflows are named */
#define MAX_NAMED			5

/*
 * Enters a procedure that commits.  Raises 2D000 where it could not commit,
 * 25006 where it could not write, before anything is done.
 */
void
BeginCommitting(FunctionCallInfo fcinfo, const char *procedure)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic || IsSubTransaction())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("dbos_payload.%s() cannot run inside a transaction block", procedure),
				 errdetail("It commits its work as it goes."),
				 errhint("CALL it outside a transaction block, as a statement of its own.")));
	CheckMayWrite(procedure);

	SPI_connect_ext(SPI_OPT_NONATOMIC);
}

/*
 * Commits, a step that has just ended too.  Newer servers have begun the next
 * transaction by then, older ones need to be asked.  It gets a snapshot, as the
 * first one had: a value that has been read may have to be fetched from TOAST.
 */
void
CommitAndGoOn(void)
{
	TimingCommit();
	SPI_commit();
	SPI_start_transaction();
	EnsurePortalSnapshotExists();
}

/*
 * Adds a workflow to a list, which its owner has begun.  why and what together
 * end a sentence that begins with it.
 */
void
AddSkipped(SkippedWorkflows *skipped, const text *workflow_id,
		   const char *why, const char *what)
{
	if (skipped->count++ < MAX_NAMED)
		appendStringInfo(&skipped->named, "%sWorkflow \"%s\" %s%s.",
						 skipped->count > 1 ? "\n" : "",
						 text_to_cstring(workflow_id), why, what);
}

/*
 * Gives a warning that counts and names them, unless there are none.  hint is
 * NULL or a sentence.
 */
void
WarnOfSkipped(const SkippedWorkflows *skipped, const char *hint)
{
	if (skipped->count == 0)
		return;

	ereport(WARNING,
			(errmsg_plural("%lld workflow was left as it is",
						   "%lld workflows were left as they are",
						   (unsigned long) skipped->count,
						   (long long) skipped->count),
			 skipped->count > MAX_NAMED ?
			 errdetail("%s\nAnd %lld more.", skipped->named.data,
					   (long long) skipped->count - MAX_NAMED) :
			 errdetail("%s", skipped->named.data),
			 hint != NULL ? errhint("%s", hint) : 0));
}
