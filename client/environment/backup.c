/*
 * backup.c
 *	  What pg_dump would not save of the extension's tables.
 */
#include <stdlib.h>

#include "environment/environment.h"
#include "util/memory.h"

/* the extension's own, which CREATE EXTENSION makes again */
#define OWN_INDEX "workflow_status_completed_at"
#define OWN_CHECK "workflow_status_status_check"
#define OWN_COLUMNS "7"			/* of either table */

/* a kind of thing: how it is called, where it is kept, and its table's oid there */
#define LOSS(name, catalog, relation) \
	" UNION ALL SELECT c.relname, " name " FROM c JOIN pg_catalog." catalog " AS x" \
	" ON x." relation " OPERATOR(pg_catalog.=) c.oid"

#define TEXT(column) "x." column "::pg_catalog.text"

/* %s: the column's compression, from 14 on */
#define SQL_LOSSES \
	"WITH c AS (SELECT c.* FROM pg_catalog.pg_class AS c" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND (c.relname OPERATOR(pg_catalog.=) 'workflow_status'" \
	"  OR c.relname OPERATOR(pg_catalog.=) 'operation_outputs'))" \
	"SELECT pg_catalog.string_agg(pg_catalog.format('%%s of %%s', l.what, l.relname), ', '" \
	" ORDER BY l.relname, l.what) FROM (" \
	"SELECT c.relname, 'row security' AS what FROM c WHERE c.relrowsecurity" \
	" UNION ALL SELECT c.relname, 'storage parameters' FROM c WHERE c.reloptions IS NOT NULL" \
	LOSS("pg_catalog.concat('policy ', " TEXT("polname") ")", "pg_policy", "polrelid") \
	LOSS("pg_catalog.concat('trigger ', " TEXT("tgname") ")", "pg_trigger", "tgrelid") \
	" WHERE NOT x.tgisinternal" \
	LOSS("pg_catalog.concat('constraint ', " TEXT("conname") ")", "pg_constraint", "conrelid") \
	" WHERE x.contype IN ('c', 'f', 'u', 'x')" \
	" AND x.conname OPERATOR(pg_catalog.<>) '" OWN_CHECK "'" \
	LOSS("pg_catalog.concat('index ', x.indexrelid::pg_catalog.regclass::pg_catalog.text)", "pg_index", "indrelid") \
	" JOIN pg_catalog.pg_class AS i ON i.oid OPERATOR(pg_catalog.=) x.indexrelid" \
	" WHERE NOT x.indisprimary AND i.relname OPERATOR(pg_catalog.<>) '" OWN_INDEX "'" \
	LOSS("pg_catalog.concat('column ', " TEXT("attname") ")", "pg_attribute", "attrelid") \
	" WHERE x.attnum OPERATOR(pg_catalog.>) " OWN_COLUMNS " AND NOT x.attisdropped" \
	LOSS("pg_catalog.concat('storage of column ', " TEXT("attname") ")", "pg_attribute", "attrelid") \
	" JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) x.atttypid" \
	" WHERE x.attnum OPERATOR(pg_catalog.>) 0 AND x.attstorage OPERATOR(pg_catalog.<>) t.typstorage" \
	LOSS("pg_catalog.concat('compression of column ', " TEXT("attname") ")", "pg_attribute", "attrelid") \
	" WHERE %s OPERATOR(pg_catalog.<>) ''" \
	") AS l"

char *
backup_losses(Session *session)
{
	char	   *sql = xasprintf(SQL_LOSSES, PQserverVersion(session->conn) >= 140000 ?
								"x.attcompression" : "''");
	PGresult   *result = session_query(session, sql, 0, NULL);
	char	   *losses = result != NULL ? xstrdup(PQgetvalue(result, 0, 0)) : NULL;

	free(sql);
	PQclear(result);
	return losses;
}
