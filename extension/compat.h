/*
 * compat.h
 *		What differs between the major versions that we build on.
 *
 * One block per change; nothing outside this file asks for PG_VERSION_NUM.
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

/* 15 reserves a prefix for the settings of an extension */
#if PG_VERSION_NUM < 150000
#define MarkGUCPrefixReserved(prefix) EmitWarningsOnPlaceholders(prefix)
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
