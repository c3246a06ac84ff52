/*
 * lookups.c
 *		Rows that are looked up by their key, without the executor.
 *
 * Whether a step is recorded is asked before each one.  For the answer, starting
 * and ending the executor is more work than the search in the index.  So where
 * the plan that the server has made and keeps is that search and nothing else,
 * it is done here as the executor would do it: with the plan's locks, its
 * permission checks, the same snapshot, index and columns.  Where there is
 * anything else in the plan (a policy's condition, partitions, a node of another
 * planner's), the executor runs it.  Nothing is written here.
 */
#include "lookups.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator_d.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/*
 * The column that an expression of a scan is, InvalidAttrNumber where it is
 * something else.
 */
static AttrNumber
ColumnOf(const Node *expr, Index scanrelid)
{
	const Var  *var = (const Var *) expr;

	return IsA(expr, Var) && (Index) var->varno == scanrelid && var->varattno > 0 ?
		var->varattno : InvalidAttrNumber;
}

/*
 * Notes a condition as a key; false where it is no column's equality with one
 * of the statement's arguments.
 */
static bool
AddKey(const Node *clause, Index scanrelid, Lookup *lookup, int n)
{
	const OpExpr *op = (const OpExpr *) clause;
	const Param *param;

	if (!IsA(clause, OpExpr) || list_length(op->args) != 2 ||
		(op->opno != TextEqualOperator && op->opno != Int4EqualOperator))
		return false;
	param = (const Param *) lsecond(op->args);
	if (!IsA(param, Param) || param->paramkind != PARAM_EXTERN)
		return false;

	lookup->keys[n].column = ColumnOf((const Node *) linitial(op->args), scanrelid);
	lookup->keys[n].argument = param->paramid - 1;
	lookup->keys[n].equal = op->opfuncid;
	lookup->keys[n].collation = op->inputcollid;
	return lookup->keys[n].column != InvalidAttrNumber;
}

/*
 * Other kinds of index may find more than what is searched for.
 */
static bool
IsBtree(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relam == BTREE_AM_OID;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Says in *lookup what search in an index a plan is.
 */
void
DescribeLookup(const PlannedStmt *stmt, Lookup *lookup)
{
	const IndexScan *scan = (const IndexScan *) stmt->planTree;
	int			nkeys = 0;
	ListCell   *lc;

	memset(lookup, 0, sizeof(*lookup));
	if (stmt->commandType != CMD_SELECT || !IsA(scan, IndexScan) ||
		stmt->subplans != NIL || stmt->rowMarks != NIL ||
		scan->scan.plan.qual != NIL || scan->indexorderby != NIL ||
		list_length(scan->indexqualorig) > MAX_LOOKUP_KEYS ||
		list_length(scan->scan.plan.targetlist) > MAX_LOOKUP_COLUMNS ||
		!IsBtree(scan->indexid))
		return;

	foreach(lc, scan->indexqualorig)
	{
		if (!AddKey((Node *) lfirst(lc), scan->scan.scanrelid, lookup, nkeys))
			return;
		nkeys++;
	}
	foreach(lc, scan->scan.plan.targetlist)
	{
		AttrNumber	column = ColumnOf((Node *) lfirst_node(TargetEntry, lc)->expr,
									  scan->scan.scanrelid);

		if (column == InvalidAttrNumber)
			return;
		lookup->columns[lookup->ncolumns++] = column;
	}

	lookup->table = rt_fetch(scan->scan.scanrelid, stmt->rtable)->relid;
	lookup->index = scan->indexid;
	lookup->nkeys = nkeys;
}

/*
 * Reads the first row that a look-up finds; false where there is none.  The
 * columns' values are in the current memory context.  As SPI does, sees what
 * the transaction has done so far and others have committed, unless read_only:
 * then what the statement around it sees.
 */
bool
RunLookup(const Lookup *lookup, PlannedStmt *stmt, const Datum *values,
		  bool read_only, Datum *columns, bool *nulls)
{
	ScanKeyData keys[MAX_LOOKUP_KEYS];
	Relation	table;
	SysScanDesc scan;
	HeapTuple	tuple;
	int			i;

	if (!read_only)
	{
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
	}
	CHECK_PLAN_PERMISSIONS(stmt);

	for (i = 0; i < lookup->nkeys; i++)
		ScanKeyEntryInitialize(&keys[i], 0, lookup->keys[i].column,
							   BTEqualStrategyNumber, InvalidOid,
							   lookup->keys[i].collation, lookup->keys[i].equal,
							   values[lookup->keys[i].argument]);

	/* the plan's lock is kept to the transaction's end, as the executor does */
	table = table_open(lookup->table, NoLock);
	scan = systable_beginscan(table, lookup->index, true, GetActiveSnapshot(),
							  lookup->nkeys, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		tuple = heap_copytuple(tuple);
		for (i = 0; i < lookup->ncolumns; i++)
			columns[i] = heap_getattr(tuple, lookup->columns[i],
									  RelationGetDescr(table), &nulls[i]);
	}
	systable_endscan(scan);
	table_close(table, NoLock);

	if (!read_only)
		PopActiveSnapshot();
	return HeapTupleIsValid(tuple);
}
