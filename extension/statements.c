/*
 * statements.c
 *		The statements that we run.
 *
 * Everything that we read or write goes through here, so that triggers,
 * policies, partitions and a distribution of the tables keep working.  Every
 * object is named with its schema, operators too; values are parameters; and
 * every statement but purge's names one workflow.
 */
#include "statements.h"

#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "plans.h"

/* a plan for any values of the parameters, which is kept; see plans.c */
#define GENERIC CURSOR_OPT_GENERIC_PLAN

/* one for the values at hand, made anew each time */
#define CUSTOM CURSOR_OPT_CUSTOM_PLAN

/* the row of a workflow that is pending, locked */
#define PENDING_WORKFLOW(lock) \
	"SELECT s.workflow_uuid FROM dbos_payload.workflow_status AS s " \
	"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 " \
	"AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR " lock

/* a step, unless it is there */
#define INSERT_STEP(source) \
	"INSERT INTO dbos_payload.operation_outputs " \
	"(workflow_uuid, function_id, function_name, output, error, " \
	"started_at_epoch_ms, completed_at_epoch_ms) " \
	source " ON CONFLICT (workflow_uuid, function_id) DO NOTHING"

/* the next workflows that purge may delete */
#define PURGE_PICK(lock) \
	"SELECT s.workflow_uuid, s.completed_at " \
	"FROM dbos_payload.workflow_status AS s " \
	"WHERE s.completed_at OPERATOR(pg_catalog.<=) $1 " \
	"AND s.status OPERATOR(pg_catalog.<>) 'PENDING' " \
	"AND ROW(s.completed_at, s.workflow_uuid) OPERATOR(pg_catalog.>) ROW($3, $4) " \
	"ORDER BY s.completed_at, s.workflow_uuid LIMIT $2" lock

static const StatementText statements[NUM_STATEMENTS] = {
	/*
	 * The row of the workflow, if it is pending, is what a step is inserted
	 * from, and stays locked: KEY SHARE is compatible with other steps and
	 * with a recovery attempt, not with the FOR UPDATE of what ends it.  The
	 * step's own columns are put beside it outside of what is locked, so that
	 * no plan node below has to carry them.
	 */
	[STATEMENT_INSERT_STEP] = {
		INSERT_STEP("SELECT p.workflow_uuid, $2, $3, $4, $5, $6, $7 "
					"FROM (" PENDING_WORKFLOW("KEY SHARE") ") AS p"),
		7, {TEXTOID, INT4OID, TEXTOID, BYTEAOID, TEXTOID, INT8OID, INT8OID}, GENERIC
	},

	/*
	 * The same in two, for tables that Citus has distributed: it makes no plan
	 * for any values of an INSERT that selects, and planning each anew takes
	 * longer than a second statement.
	 */
	[STATEMENT_SHARE_WORKFLOW] = {
		PENDING_WORKFLOW("KEY SHARE"),
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_INSERT_SHARED_STEP] = {
		INSERT_STEP("VALUES ($1, $2, $3, $4, $5, $6, $7)"),
		7, {TEXTOID, INT4OID, TEXTOID, BYTEAOID, TEXTOID, INT8OID, INT8OID}, GENERIC
	},
	[STATEMENT_READ_STEP] = {
		"SELECT o.function_name, o.output, o.error "
		"FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND o.function_id OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, INT4OID}, GENERIC
	},
	[STATEMENT_LIST_STEPS] = {
		"SELECT o.function_id, o.function_name, "
		"pg_catalog.octet_length(o.output)::pg_catalog.int8, "
		"pg_catalog.pg_column_size(o.output)::pg_catalog.int8, "
		"o.error, o.started_at_epoch_ms, o.completed_at_epoch_ms "
		"FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"ORDER BY o.function_id",
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_MEASURE_STEP] = {
		"SELECT o.workflow_uuid, o.function_id, o.function_name, o.output, o.error, "
		"o.started_at_epoch_ms, o.completed_at_epoch_ms "
		"FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND o.function_id OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, INT4OID}, GENERIC
	},

	/*
	 * By the key's order: with the statistics of a table that holds one large
	 * workflow, reading on until any row turns up would seem cheap.
	 */
	[STATEMENT_FIND_ORPHAN] = {
		"SELECT o.function_id FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"ORDER BY o.workflow_uuid, o.function_id LIMIT 1",
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_DELETE_ORPHANS] = {
		"DELETE FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_INSERT_WORKFLOW] = {
		"INSERT INTO dbos_payload.workflow_status "
		"(workflow_uuid, name, status, created_at, updated_at) "
		"VALUES ($1, $2, 'PENDING', $3, $3) "
		"ON CONFLICT (workflow_uuid) DO NOTHING",
		3, {TEXTOID, TEXTOID, INT8OID}, GENERIC
	},
	[STATEMENT_READ_WORKFLOW] = {
		"SELECT s.name, s.status FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_RESTART_WORKFLOW] = {
		"UPDATE dbos_payload.workflow_status AS s "
		"SET recovery_attempts = s.recovery_attempts OPERATOR(pg_catalog.+) 1, "
		"updated_at = $2 "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING'",
		2, {TEXTOID, INT8OID}, GENERIC
	},
	[STATEMENT_LOCK_WORKFLOW] = {
		PENDING_WORKFLOW("UPDATE"),
		1, {TEXTOID}, GENERIC
	},
	[STATEMENT_END_WORKFLOW] = {
		"UPDATE dbos_payload.workflow_status AS s "
		"SET status = $2, updated_at = $3, completed_at = $3 "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.status OPERATOR(pg_catalog.=) 'PENDING'",
		3, {TEXTOID, TEXTOID, INT8OID}, GENERIC
	},
	[STATEMENT_PURGE_PICK] = {
		PURGE_PICK(" FOR UPDATE SKIP LOCKED"),
		4, {INT8OID, INT8OID, INT8OID, TEXTOID}, CUSTOM
	},

	/* Citus locks no rows of several shards: there, each is locked by itself */
	[STATEMENT_PURGE_PICK_UNLOCKED] = {
		PURGE_PICK(""),
		4, {INT8OID, INT8OID, INT8OID, TEXTOID}, CUSTOM
	},
	[STATEMENT_PURGE_LOCK] = {
		"SELECT 1 FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 "
		"AND s.completed_at OPERATOR(pg_catalog.<=) $2 "
		"AND s.status OPERATOR(pg_catalog.<>) 'PENDING' FOR UPDATE SKIP LOCKED",
		2, {TEXTOID, INT8OID}, GENERIC
	},
	[STATEMENT_PURGE_STEPS] = {
		"DELETE FROM dbos_payload.operation_outputs AS o "
		"WHERE o.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}, GENERIC
	},
	[STATEMENT_PURGE_WORKFLOWS] = {
		"DELETE FROM dbos_payload.workflow_status AS s "
		"WHERE s.workflow_uuid OPERATOR(pg_catalog.=) ANY ($1)",
		1, {TEXTARRAYOID}, GENERIC
	},
	[STATEMENT_CHECK_DEFERRED] = {
		"SET CONSTRAINTS ALL IMMEDIATE",
		0, {InvalidOid}, GENERIC
	},
};

static KeptPlan plans[NUM_STATEMENTS];

/*
 * Runs a statement inside the caller's SPI connection and returns how many
 * rows it processed; rows that it returns are in SPI_tuptable.
 */
uint64
RunStatement(Statement which, Datum *values, const char *nulls, bool read_only)
{
	return RunKept(&plans[which], &statements[which], values, nulls, read_only);
}

/*
 * Opens a cursor for a statement that only reads, none of whose values is NULL,
 * inside the caller's SPI connection.  SPI_cursor_close it.
 */
Portal
OpenStatement(Statement which, Datum *values)
{
	return OpenKept(&plans[which], &statements[which], values);
}

/*
 * Runs a SELECT of at most MAX_LOOKUP_COLUMNS columns likewise and returns
 * whether it found a row; the first one's columns are valid until SPI_finish.
 */
bool
FetchRow(Statement which, Datum *values, bool read_only, Datum *columns, bool *nulls)
{
	return FetchKept(&plans[which], &statements[which], values, read_only, columns, nulls);
}
