/*
 * statements.c
 *		The statements that we run, as plans that the session keeps.
 *
 * Everything that we read or write goes through here, so that triggers,
 * policies, partitions and a distribution of the tables keep working.  Every
 * object is named with its schema, operators too; values are parameters; and
 * every statement but purge's names one workflow.
 */
#include "dbos_payload.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"

#define MAX_STATEMENT_ARGS	7

/*
 * The plan cache tries five plans made for the values at hand before it
 * settles on one for any values.
 */
#define PLANNED_RUNS		6

typedef struct KeptStatement
{
	const char *text;
	int			nargs;
	Oid			argtypes[MAX_STATEMENT_ARGS];
	bool		by_key;			/* does it look rows up, for which there is an index? */
	SPIPlanPtr	plan;			/* NULL until the first run */
	int			runs;			/* since it was last planned, up to PLANNED_RUNS */
} KeptStatement;

static KeptStatement statements[NUM_STATEMENTS] = {
	[STATEMENT_CHECK_STEP] = {
		"SELECT s.status, o.function_name, o.output, o.error "
		"FROM dbos_payload.workflow_status AS s "
		"LEFT JOIN dbos_payload.operation_outputs AS o "
		"ON o.workflow_uuid OPERATOR(pg_catalog.=) s.workflow_uuid "
		"AND o.function_id OPERATOR(pg_catalog.=) $2 "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1",
		2, {TEXTOID, INT4OID}, true, NULL, 0
	},

	/*
	 * The row of the workflow, if it is pending, is what a step is inserted
	 * from, and stays locked: KEY SHARE is compatible with other steps and
	 * with a recovery attempt, not with the FOR UPDATE of what ends it.
	 */
	[STATEMENT_INSERT_STEP] = {
		"INSERT INTO dbos_payload.operation_outputs "
		"(workflow_uuid, function_id, function_name, output, error, "
		"started_at_epoch_ms, completed_at_epoch_ms) "
		"SELECT s.workflow_uuid, $2, $3, $4, $5, $6, $7 "
		"FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR KEY SHARE "
		"ON CONFLICT (workflow_uuid, function_id) DO NOTHING",
		7, {TEXTOID, INT4OID, TEXTOID, BYTEAOID, TEXTOID, INT8OID, INT8OID}, true, NULL, 0
	},
	[STATEMENT_READ_STEP] = {
		"SELECT o.function_name, o.output, o.error "
		"FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND o.function_id OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, INT4OID}, true, NULL, 0
	},
	[STATEMENT_MEASURE_STEP] = {
		"SELECT o.workflow_uuid, o.function_id, o.function_name, o.output, o.error, "
		"o.started_at_epoch_ms, o.completed_at_epoch_ms "
		"FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND o.function_id OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, INT4OID}, true, NULL, 0
	},
	[STATEMENT_FIND_ORPHAN] = {
		"SELECT o.function_id FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 LIMIT 1",
		1, {TEXTOID}, true, NULL, 0
	},
	[STATEMENT_DELETE_ORPHANS] = {
		"DELETE FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, true, NULL, 0
	},
	[STATEMENT_INSERT_WORKFLOW] = {
		"INSERT INTO dbos_payload.workflow_status "
		"(workflow_uuid, name, status, created_at, updated_at) "
		"VALUES ($1, $2, 'PENDING', $3, $3) "
		"ON CONFLICT (workflow_uuid) DO NOTHING",
		3, {TEXTOID, TEXTOID, INT8OID}, false, NULL, 0
	},
	[STATEMENT_READ_WORKFLOW] = {
		"SELECT s.name, s.status FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, true, NULL, 0
	},
	[STATEMENT_RESTART_WORKFLOW] = {
		"UPDATE dbos_payload.workflow_status AS s "
		"SET recovery_attempts = s.recovery_attempts OPERATOR(pg_catalog.+) 1, "
		"updated_at = $2 "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING'",
		2, {TEXTOID, INT8OID}, true, NULL, 0
	},
	[STATEMENT_LOCK_WORKFLOW] = {
		"SELECT 1 FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR UPDATE",
		1, {TEXTOID}, true, NULL, 0
	},
	[STATEMENT_END_WORKFLOW] = {
		"UPDATE dbos_payload.workflow_status AS s "
		"SET status = $2, updated_at = $3, completed_at = $3 "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING'",
		3, {TEXTOID, TEXTOID, INT8OID}, true, NULL, 0
	},
	[STATEMENT_PURGE_PICK] = {
		"SELECT pg_catalog.array_agg(b.workflow_uuid) FROM ("
		"SELECT s.workflow_uuid FROM dbos_payload.workflow_status AS s "
		"WHERE s.completed_at OPERATOR(pg_catalog.<=) $1 "
		"AND s.status OPERATOR(pg_catalog.<>) 'PENDING' "
		"ORDER BY s.completed_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS b",
		2, {INT8OID, INT8OID}, true, NULL, 0
	},
	[STATEMENT_PURGE_STEPS] = {
		"DELETE FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}, true, NULL, 0
	},
	[STATEMENT_PURGE_WORKFLOWS] = {
		"DELETE FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}, true, NULL, 0
	},
};

/*
 * Prepares a statement and keeps its plan.  The static is set last, so that an
 * error on the way leaves nothing half-made.
 */
static void
KeepStatement(KeptStatement *statement)
{
	SPIPlanPtr	plan = SPI_prepare(statement->text, statement->nargs,
								   statement->argtypes);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");

	statement->runs = 0;
	statement->plan = plan;
}

/*
 * Runs a statement inside the caller's SPI connection and returns how many
 * rows it processed; rows that it returns are in SPI_tuptable.
 *
 * A plan made while a table is all but empty would read the whole table, and
 * go on doing so while the table grows, up to the next ANALYZE.  So sequential
 * scans are priced out while a plan is made that looks rows up; a plan that is
 * only run pays nothing for this.
 */
uint64
RunStatement(Statement which, Datum *values, const char *nulls, bool read_only)
{
	KeptStatement *statement = &statements[which];
	bool		planning;
	int			guc_level = 0;
	int			rc;

	if (statement->plan == NULL)
		KeepStatement(statement);
	else if (!SPI_plan_is_valid(statement->plan))
		statement->runs = 0;

	planning = statement->by_key && statement->runs < PLANNED_RUNS;
	if (planning)
	{
		guc_level = NewGUCNestLevel();
		(void) set_config_option("enable_seqscan", "off",
								 PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	}

	rc = SPI_execute_plan(statement->plan, values, nulls, read_only, 0);
	if (rc < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(rc));

	if (planning)
	{
		AtEOXact_GUC(true, guc_level);
		statement->runs++;
	}

	return SPI_processed;
}
