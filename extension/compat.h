/*
 * compat.h
 *		What differs between the major versions that we build on.
 *
 * One block per change; nothing outside this file asks for PG_VERSION_NUM.
 *
 * Versions before 16 export every symbol of a module that is not static, and a
 * module that was loaded earlier would win: our headers hide what they declare.
 */
#ifndef DBOS_PAYLOAD_COMPAT_H
#define DBOS_PAYLOAD_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 130000 || PG_VERSION_NUM >= 200000
#error "dbos_payload builds on PostgreSQL 13 to 19"
#endif

#include "access/detoast.h"
#include "fmgr.h"
#include "replication/message.h"
#include "utils/guc.h"

/* 14 packs the compression method into the toast pointer's size */
#if PG_VERSION_NUM < 140000
#define VARATT_EXTERNAL_GET_EXTSIZE(toast_pointer) ((toast_pointer).va_extsize)
#endif

/* 14 has what a ModifyTable reads below it, as any other plan node */
#if PG_VERSION_NUM < 140000
#define MODIFY_TABLE_PLANS(plan) (((ModifyTable *) (plan))->plans)
#else
#define MODIFY_TABLE_PLANS(plan) NIL
#endif

/* 14 has a kept plan belong to a resource owner by its name */
#if PG_VERSION_NUM < 140000
#define RELEASE_CACHED_PLAN(plan) ReleaseCachedPlan((plan), true)
#else
#define RELEASE_CACHED_PLAN(plan) ReleaseCachedPlan((plan), CurrentResourceOwner)
#endif

/* 15 reserves a prefix for the settings of an extension */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
#endif

/* 16 has what privileges a plan needs in a list of its own */
#if PG_VERSION_NUM < 160000
#define CHECK_PLAN_PERMISSIONS(stmt) ((void) ExecCheckRTPerms((stmt)->rtable, true))
#else
#define CHECK_PLAN_PERMISSIONS(stmt) \
	((void) ExecCheckPermissions((stmt)->rtable, (stmt)->permInfos, true))
#endif

/* 16 moves the variable-length macros out of postgres.h */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* SCAN_RELID: 15 puts the plan node of a scan in a struct of its own */
#if PG_VERSION_NUM < 150000
#define SCAN_RELID(plan) (((Scan *) (plan))->scanrelid)
#else
#define SCAN_RELID(plan) (((SeqScan *) (plan))->scan.scanrelid)
#endif

/* 17 lets the caller of LogLogicalMessage ask for a flush */
#if PG_VERSION_NUM >= 170000
#define LogMessage(prefix, message, size) \
	LogLogicalMessage((prefix), (message), (size), true, false)
#else
#define LogMessage(prefix, message, size) \
	LogLogicalMessage((prefix), (message), (size), true)
#endif

/*
 * The hooks' parameters.  14 adds what statements are recognised by and whether
 * a tree may be written to, 18 takes an argument away that nobody used, 19
 * tells planners whether they EXPLAIN and makes the first one constant.
 */
#if PG_VERSION_NUM >= 190000
#define ANALYZE_PARAMETERS	ParseState *pstate, Query *query, const JumbleState *jstate
#define ANALYZE_ARGUMENTS	pstate, query, jstate
#elif PG_VERSION_NUM >= 140000
#define ANALYZE_PARAMETERS	ParseState *pstate, Query *query, JumbleState *jstate
#define ANALYZE_ARGUMENTS	pstate, query, jstate
#else
#define ANALYZE_PARAMETERS	ParseState *pstate, Query *query
#define ANALYZE_ARGUMENTS	pstate, query
#endif

#if PG_VERSION_NUM >= 190000
#define PLANNER_PARAMETERS	Query *parse, const char *query_string, int cursor_options, \
	ParamListInfo params, ExplainState *es
#define PLANNER_ARGUMENTS	parse, query_string, cursor_options, params, es
#else
#define PLANNER_PARAMETERS	Query *parse, const char *query_string, int cursor_options, \
	ParamListInfo params
#define PLANNER_ARGUMENTS	parse, query_string, cursor_options, params
#endif

#if PG_VERSION_NUM >= 180000
#define RUN_PARAMETERS		QueryDesc *query, ScanDirection direction, uint64 count
#define RUN_ARGUMENTS		query, direction, count
#else
#define RUN_PARAMETERS		QueryDesc *query, ScanDirection direction, uint64 count, \
	bool execute_once
#define RUN_ARGUMENTS		query, direction, count, execute_once
#endif

#if PG_VERSION_NUM >= 140000
#define UTILITY_PARAMETERS	PlannedStmt *pstmt, const char *query_string, bool read_only_tree, \
	ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *environment, \
	DestReceiver *dest, QueryCompletion *completion
#define UTILITY_ARGUMENTS	pstmt, query_string, read_only_tree, context, params, environment, \
	dest, completion
#else
#define UTILITY_PARAMETERS	PlannedStmt *pstmt, const char *query_string, \
	ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *environment, \
	DestReceiver *dest, QueryCompletion *completion
#define UTILITY_ARGUMENTS	pstmt, query_string, context, params, environment, dest, completion
#endif

/*
 * From libpq/libpq.h, which needs the headers of whatever the server was built
 * with.  17 tells how much is buffered, not only whether anything is.
 */
extern void pq_startmsgread(void);
extern void pq_endmsgread(void);
extern int	pq_peekbyte(void);
#if PG_VERSION_NUM >= 170000
extern ssize_t pq_buffer_remaining_data(void);
#define pq_buffer_has_data() (pq_buffer_remaining_data() > 0)
#else
extern bool pq_buffer_has_data(void);
#endif

/* 18 has functions that never return marked in front */
#ifndef pg_noreturn
#define pg_noreturn _Noreturn
#endif

/* 18 lets a module tell its name and version */
#ifdef PG_MODULE_MAGIC_EXT
#define MODULE_MAGIC(module_name, module_version) \
	PG_MODULE_MAGIC_EXT(.name = module_name, .version = module_version)
#else
#define MODULE_MAGIC(module_name, module_version) PG_MODULE_MAGIC
#endif

#endif							/* DBOS_PAYLOAD_COMPAT_H */
