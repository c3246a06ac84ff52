/*
 * plans.c
 *		Keeping a statement's plan, for as long as it suits the tables' sizes.
 *
 * A plan for any values of the parameters is made once and kept: the server
 * makes another when a table is analyzed or altered.  But while a table is
 * small, reading it whole is the best plan, and would be kept while the table
 * grows, up to the next ANALYZE.  So a plan that reads a table whole is given up
 * once that table has more than doubled; a plan that looks rows up by an index
 * is run without another look.  No setting of the planner's is touched: what
 * policies, triggers and constraints bring into a statement is planned as ever.
 */
#include "plans.h"

#include "access/relation.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "storage/bufmgr.h"
#include "utils/plancache.h"
#include "utils/rel.h"

/*
 * Prepares a statement.  The static is set last, so that an error on the way
 * leaves nothing half-made.
 */
static void
PrepareAndKeep(KeptPlan *kept, const StatementText *statement)
{
	SPIPlanPtr	plan;

	/* it only reads the types */
	plan = SPI_prepare_cursor(statement->text, statement->nargs,
							  (Oid *) statement->argtypes, statement->options);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");

	kept->plan = plan;
}

/*
 * Where a statement's plan is kept.
 */
static CachedPlanSource *
PlanSource(const KeptPlan *kept)
{
	return (CachedPlanSource *) linitial(SPI_plan_get_plan_sources(kept->plan));
}

static void ListScans(List *plans, List *rtable, List **relids);

/*
 * Appends to *relids the tables that a plan and those below it read whole.
 */
static void
FindScans(Plan *plan, List *rtable, List **relids)
{
	if (plan == NULL)
		return;

	switch (nodeTag(plan))
	{
		case T_SeqScan:
			*relids = lappend_oid(*relids,
								  rt_fetch(SCAN_RELID(plan), rtable)->relid);
			break;
		case T_Append:
			ListScans(((Append *) plan)->appendplans, rtable, relids);
			break;
		case T_MergeAppend:
			ListScans(((MergeAppend *) plan)->mergeplans, rtable, relids);
			break;
		case T_ModifyTable:
			ListScans(MODIFY_TABLE_PLANS(plan), rtable, relids);
			break;
		case T_SubqueryScan:
			FindScans(((SubqueryScan *) plan)->subplan, rtable, relids);
			break;
		default:
			break;
	}

	FindScans(outerPlan(plan), rtable, relids);
	FindScans(innerPlan(plan), rtable, relids);
}

static void
ListScans(List *plans, List *rtable, List **relids)
{
	ListCell   *lc;

	foreach(lc, plans)
		FindScans((Plan *) lfirst(lc), rtable, relids);
}

/*
 * Returns how many blocks the tables have that the plan for any values reads
 * whole, -1 where it reads none.
 */
static int64
ScannedBlocks(const CachedPlan *plan)
{
	List	   *relids = NIL;
	int64		blocks = 0;
	ListCell   *lc;

	foreach(lc, plan->stmt_list)
	{
		PlannedStmt *stmt = lfirst_node(PlannedStmt, lc);

		if (stmt->commandType == CMD_UTILITY)
			continue;
		FindScans(stmt->planTree, stmt->rtable, &relids);
		ListScans(stmt->subplans, stmt->rtable, &relids);
	}

	if (relids == NIL)
		return -1;

	foreach(lc, relids)
	{
		Relation	relation = try_relation_open(lfirst_oid(lc), AccessShareLock);

		if (relation == NULL)
			continue;
		blocks += RelationGetNumberOfBlocks(relation);
		relation_close(relation, AccessShareLock);
	}

	list_free(relids);
	return blocks;
}

/*
 * Gives a plan up whose tables have outgrown it: the next run makes another, as
 * after an ANALYZE.  A run of the old one that is under way, which a trigger is
 * part of that runs the statement again, goes on with it.
 */
static void
GiveUpOutgrown(KeptPlan *kept)
{
	CachedPlanSource *source = PlanSource(kept);

	if (source->gplan == NULL || !source->gplan->is_valid)
		return;

	/* it has not been looked at where an error ended the run that made it */
	if (source->generation != kept->generation ||
		(kept->scanned_blocks >= 0 &&
		 ScannedBlocks(source->gplan) > 2 * kept->scanned_blocks))
		source->gplan->is_valid = false;
}

/*
 * Makes sure of a plan to be run, a new one where the old does not suit.
 */
static void
BeginRun(KeptPlan *kept, const StatementText *statement)
{
	if (kept->plan == NULL)
		PrepareAndKeep(kept, statement);
	else
		GiveUpOutgrown(kept);
}

/*
 * Looks at the plan that was run, if it was made just now.
 */
static void
EndRun(KeptPlan *kept)
{
	CachedPlanSource *source = PlanSource(kept);

	if (source->generation == kept->generation)
		return;
	kept->generation = source->generation;
	kept->scanned_blocks = -1;
	kept->lookup.nkeys = 0;
	if (source->gplan != NULL)
	{
		kept->scanned_blocks = ScannedBlocks(source->gplan);
		DescribeLookup(linitial_node(PlannedStmt, source->gplan->stmt_list), &kept->lookup);
	}
}

/*
 * Runs a statement inside the caller's SPI connection and returns how many rows
 * it processed; rows that it returns are in SPI_tuptable.
 */
uint64
RunKept(KeptPlan *kept, const StatementText *statement, Datum *values,
		const char *nulls, bool read_only)
{
	int			rc;

	BeginRun(kept, statement);
	rc = SPI_execute_plan(kept->plan, values, nulls, read_only, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));
	EndRun(kept);

	return SPI_processed;
}

/*
 * Opens a cursor for a statement that only reads, none of whose values is NULL,
 * inside the caller's SPI connection.
 */
Portal
OpenKept(KeptPlan *kept, const StatementText *statement, Datum *values)
{
	Portal		portal;

	BeginRun(kept, statement);
	portal = SPI_cursor_open(NULL, kept->plan, values, NULL, true);
	EndRun(kept);

	return portal;
}

/*
 * Looks a row up by the kept plan without the executor, where that plan is the
 * like of it.  Returns false where it is not; *found says whether there is a row.
 */
static bool
LookUpKept(const KeptPlan *kept, const Datum *values, bool read_only,
		   bool *found, Datum *columns, bool *nulls)
{
	CachedPlan *plan;
	bool		known;

	if (kept->plan == NULL || kept->lookup.nkeys == 0)
		return false;

	/* with its locks, and made again if need be */
	plan = SPI_plan_get_cached_plan(kept->plan);
	known = PlanSource(kept)->generation == kept->generation;
	if (known)
		*found = RunLookup(&kept->lookup, linitial_node(PlannedStmt, plan->stmt_list),
						   values, read_only, columns, nulls);
	RELEASE_CACHED_PLAN(plan);
	return known;
}

/*
 * Runs a SELECT inside the caller's SPI connection and returns whether it found
 * a row, and then the columns of the first one, whose values are valid until
 * SPI_finish.
 */
bool
FetchKept(KeptPlan *kept, const StatementText *statement, Datum *values,
		  bool read_only, Datum *columns, bool *nulls)
{
	bool		found;
	int			i;

	if (LookUpKept(kept, values, read_only, &found, columns, nulls))
		return found;

	if (RunKept(kept, statement, values, NULL, read_only) == 0)
		return false;
	for (i = 0; i < SPI_tuptable->tupdesc->natts; i++)
		columns[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
								   i + 1, &nulls[i]);
	return true;
}
