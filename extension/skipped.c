/*
 * skipped.c
 *		The workflows that a procedure passed over while it went on.
 */
#include "skipped.h"

#include "utils/builtins.h"

/* how many are named */
#define MAX_NAMED			5

/*
 * Begins an empty list in the current memory context.
 */
void
InitSkipped(SkippedWorkflows *skipped)
{
	skipped->count = 0;
	initStringInfo(&skipped->named);
}

/*
 * Adds a workflow.  why and what together end a sentence that begins with it.
 */
void
AddSkipped(SkippedWorkflows *skipped, const text *workflow_id,
		   const char *why, const char *what)
{
	if (skipped->count++ >= MAX_NAMED)
		return;

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
