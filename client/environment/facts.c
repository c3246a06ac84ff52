/*
 * facts.c
 *	  Ask the server what it is like.
 *
 * Every name and operator is qualified, so that nothing in the role's
 * search_path takes part.  What the role may not see, or an older server does
 * not have, is left out and not an error.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"
#include "util/message.h"

/* shown and saved, besides those that are judged */
static const char *const shown_settings[] = {
	"archive_mode", "autovacuum_naptime", "auto_explain.log_analyze", "auto_explain.log_level",
	"auto_explain.log_nested_statements", "auto_explain.log_parameter_max_length",
	"auto_explain.log_verbose", "auto_explain.sample_rate",
	"bgwriter_delay", "block_size", "checkpoint_completion_target", "commit_siblings",
	"data_checksums", "default_toast_compression", "default_transaction_read_only",
	"effective_cache_size", "effective_io_concurrency", "hot_standby",
	"huge_pages", "jit_above_cost", "lc_messages", "log_error_verbosity",
	"log_parameter_max_length", "log_statement_sample_rate", "logging_collector",
	"maintenance_work_mem", "max_connections", "max_wal_senders", "min_wal_size",
	"password_encryption", "pg_stat_statements.track", "server_encoding", "server_version",
	"session_preload_libraries", "shared_preload_libraries", "synchronous_standby_names",
	"transaction_isolation", "transaction_read_only", "wal_block_size", "wal_buffers",
	"wal_segment_size", "wal_skip_threshold", "wal_sync_method", "wal_writer_delay",
	"work_mem",
};

/*
 * pg_settings leaves out what the role may not see; current_setting() would
 * raise an error.
 */
#define SQL_SETTINGS \
	"SELECT s.name, pg_catalog.current_setting(s.name, true), s.setting" \
	" FROM pg_catalog.pg_settings AS s" \
	" WHERE s.name OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])" \
	" ORDER BY s.name"

/*
 * In the order of ServerColumn.  A role without pg_read_all_stats sees only its
 * own sessions' states, and nothing of the standbys.
 */
#define SQL_SERVER \
	"SELECT pg_catalog.pg_backend_pid()," \
	" pg_catalog.host(pg_catalog.inet_server_addr())," \
	" pg_catalog.inet_server_port()," \
	" pg_catalog.pg_is_in_recovery()," \
	" pg_catalog.quote_ident(current_user::pg_catalog.text)," \
	" pg_catalog.quote_ident(pg_catalog.current_database()::pg_catalog.text)," \
	" (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a" \
	"  WHERE a.state OPERATOR(pg_catalog.=) 'active'" \
	"  AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'" \
	"  AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid())," \
	" CASE WHEN pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') THEN" \
	"  (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication AS r" \
	"   WHERE r.sync_state OPERATOR(pg_catalog.=) 'sync'" \
	"   OR r.sync_state OPERATOR(pg_catalog.=) 'quorum') END," \
	" (SELECT s.setting FROM pg_catalog.pg_settings AS s" \
	"  WHERE s.name OPERATOR(pg_catalog.=) 'data_directory')," \
	" EXISTS (SELECT FROM pg_catalog.pg_extension AS e" \
	"  WHERE e.extname OPERATOR(pg_catalog.=) 'citus')"

/* client sessions: what else there is (autovacuum) has no role or no database */
#define SESSIONS \
	"(SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a" \
	" WHERE a.usesysid IS NOT NULL AND a.datid IS NOT NULL" \
	" AND COALESCE(a.backend_type, 'client backend') OPERATOR(pg_catalog.=) 'client backend'"
#define SETTING_NUMBER(name) \
	"COALESCE(pg_catalog.current_setting('" name "', true)::pg_catalog.int4, 0)"

/* in the order of ConnectionColumn; a superuser is under no limit but the server's */
#define SQL_CONNECTIONS \
	"SELECT r.rolsuper," \
	" r.rolconnlimit, " SESSIONS " AND a.usesysid OPERATOR(pg_catalog.=) r.oid)," \
	" d.datconnlimit, " SESSIONS " AND a.datid OPERATOR(pg_catalog.=) d.oid)," \
	" " SETTING_NUMBER("max_connections") " OPERATOR(pg_catalog.-) CASE WHEN r.rolsuper THEN 0 ELSE" \
	" " SETTING_NUMBER("superuser_reserved_connections") " OPERATOR(pg_catalog.+)" \
	" " SETTING_NUMBER("reserved_connections") " END," \
	" " SESSIONS ")" \
	" FROM pg_catalog.pg_roles AS r CROSS JOIN pg_catalog.pg_database AS d" \
	" WHERE r.rolname OPERATOR(pg_catalog.=) session_user" \
	" AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"

/* the names of a table's triggers, those with or without "NOT" that run at commit */
#define TRIGGERS(not_deferred) \
	"(SELECT pg_catalog.string_agg(t.tgname::pg_catalog.text, ', ')" \
	" FROM pg_catalog.pg_trigger AS t" \
	" WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal" \
	" AND " not_deferred " t.tginitdeferred AND t.tgenabled OPERATOR(pg_catalog.<>) 'D')"

/* in the order of TableColumn; %s: the column's compression, from 14 on */
#define SQL_TABLE \
	"SELECT c.relname," \
	" CASE WHEN c.relpersistence OPERATOR(pg_catalog.=) 'u' THEN 'unlogged' END," \
	" CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'p' THEN 'partitioned'" \
	"  WHEN c.relkind OPERATOR(pg_catalog.<>) 'r' THEN 'not a plain table' END," \
	" CASE WHEN pg_catalog.row_security_active(c.oid) THEN 'active' END," \
	" " TRIGGERS("NOT") "," \
	" " TRIGGERS("") "," \
	" CASE WHEN pg_catalog.array_to_string(c.reloptions, ',')" \
	"  OPERATOR(pg_catalog.~) 'autovacuum_enabled=(false|off)' THEN 'off' END," \
	" (SELECT m.amname FROM pg_catalog.pg_am AS m WHERE m.oid OPERATOR(pg_catalog.=) c.relam" \
	"  AND m.amname OPERATOR(pg_catalog.<>) 'heap')," \
	" (SELECT s.spcname FROM pg_catalog.pg_tablespace AS s" \
	"  WHERE s.oid OPERATOR(pg_catalog.=) c.reltablespace)," \
	" pg_catalog.pg_total_relation_size(c.oid)," \
	" c.reltuples::pg_catalog.int8, a.attstorage, %s" \
	" FROM pg_catalog.pg_class AS c" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace" \
	" LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid" \
	"  AND a.attname OPERATOR(pg_catalog.=) 'output'" \
	" WHERE n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'" \
	" AND c.relname OPERATOR(pg_catalog.=) $1"

#define SQL_LOCKED_BY \
	"SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('process %s (%s)', a.pid," \
	"  COALESCE(NULLIF(a.application_name, ''), a.backend_type)), ', ')" \
	" FROM pg_catalog.pg_locks AS l JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid" \
	" JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('dbos_payload.' OPERATOR(pg_catalog.||) $1)" \
	" WHERE (l.relation OPERATOR(pg_catalog.=) c.oid OR l.relation OPERATOR(pg_catalog.=) c.reltoastrelid" \
	"  OR l.relation IN (SELECT i.indexrelid FROM pg_catalog.pg_index AS i WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid" \
	"   OR i.indrelid OPERATOR(pg_catalog.=) c.reltoastrelid))" \
	" AND l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock'" \
	" AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d" \
	"  WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())"

static const char *const table_names[TABLE_COUNT] = {"workflow_status", "operation_outputs"};

const char *
fact(const PGresult *result, int column)
{
	return result != NULL && PQntuples(result) > 0 ? PQgetvalue(result, 0, column) : "";
}

static const char *
setting_column(const Facts *facts, const char *name, int column)
{
	for (int i = 0; facts->settings != NULL && i < PQntuples(facts->settings); i++)
		if (strcmp(PQgetvalue(facts->settings, i, 0), name) == 0)
			return PQgetvalue(facts->settings, i, column);
	return NULL;
}

const char *
fact_setting(const Facts *facts, const char *name)
{
	return setting_column(facts, name, 1);
}

double
fact_number(const Facts *facts, const char *name)
{
	const char *raw = setting_column(facts, name, 2);
	char	   *end;
	double		number;

	if (raw == NULL || *raw == '\0')
		return NAN;
	number = strtod(raw, &end);
	return *end == '\0' ? number : NAN;
}

/* {a,b,c} of all settings that are judged or shown; malloc'd. */
static char *
setting_names(void)
{
	char	   *names = NULL;

	for (int i = 0; judged_setting(i) != NULL; i++)
		text_add(&names, "%s%s", i == 0 ? "{" : ",", judged_setting(i));
	for (size_t i = 0; i < sizeof(shown_settings) / sizeof(shown_settings[0]); i++)
		text_add(&names, ",%s", shown_settings[i]);
	text_add(&names, "}");
	return names;
}

/*
 * The library's version.  The call also loads the library, without which its
 * own settings could not be read.
 */
static void
read_library(Facts *facts, Session *session, Environment *environment)
{
	PGresult   *result = session_query(session, "SELECT dbos_payload.version()", 0, NULL);

	if (result != NULL)
		environment->library_version = xstrdup(fact(result, 0));
	else
		facts->library_error = xstrdup(session->error);
	PQclear(result);
}

/* Say who keeps a table, an index of it or its TOAST locked, or waits to: others wait behind him too. */
static void
explain_lock(Session *session, const char *table)
{
	PGresult   *result = session_query(session, SQL_LOCKED_BY, 1, &table);

	print_error("the table dbos_payload.%s is locked: by %s", table,
				result != NULL && *fact(result, 0) != '\0' ? fact(result, 0) : "somebody who cannot be seen any more");
	print_hint("ALTER TABLE, VACUUM FULL, REINDEX, TRUNCATE and LOCK take such a lock, for which every step would wait; once that transaction is over, try again");
	PQclear(result);
}

/*
 * What the tables are, their sizes among it, for which whoever locks a table is not waited
 * for: others would wait behind us.  False, with a message on stderr, where one is locked.
 */
static bool
read_tables(Facts *facts, Session *session)
{
	char	   *sql = xasprintf(SQL_TABLE, PQserverVersion(session->conn) >= 140000 ?
								"a.attcompression" : "''");
	const char *locked = NULL;

	if (session_do(session, "BEGIN READ ONLY", 0, NULL) &&
		session_do(session, "SET LOCAL lock_timeout = '2s'", 0, NULL))
	{
		for (int t = 0; t < TABLE_COUNT && locked == NULL; t++)
		{
			facts->tables[t] = session_query(session, sql, 1, &table_names[t]);
			if (facts->tables[t] == NULL && strcmp(session->sqlstate, "55P03") == 0)
				locked = table_names[t];
		}
	}
	session_do(session, "ROLLBACK", 0, NULL);
	if (locked != NULL)
		explain_lock(session, locked);
	free(sql);
	return locked == NULL;
}

/*
 * Read what the server says.  False, with a message on stderr, where it does
 * not answer even the plainest question.
 */
bool
facts_read(Facts *facts, Session *session, Environment *environment)
{
	char	   *names;

	facts->conn = session->conn;
	facts->server = session_query(session, SQL_SERVER, 0, NULL);
	if (facts->server == NULL)
	{
		print_error("could not read the server's state: %s", session->error);
		return false;
	}
	if (!installed_read(session, &facts->installed))
	{
		print_error("could not look for the extension: %s", session->error);
		return false;
	}
	if (facts->installed.extension != NULL)
	{
		environment->extension_version = xstrdup(facts->installed.extension);
		read_library(facts, session, environment);
	}
	else if (facts->installed.portable != NULL)
	{
		environment->portable_version = xstrdup(facts->installed.portable);
		facts->portable = *facts->parameters;
		parameters_without_extension(&facts->portable);
		facts->parameters = &facts->portable;
	}
	if (facts->installed.extension != NULL || facts->installed.portable != NULL)
	{
		if (!read_tables(facts, session))
			return false;
		distribution_read(facts, session);
		facts->privileges = privileges_read(session, facts->parameters);
	}
	facts->connections = session_query(session, SQL_CONNECTIONS, 0, NULL);
	file_system_read(facts);

	names = setting_names();
	facts->settings = session_query(session, SQL_SETTINGS, 1, (const char *const *) &names);
	free(names);
	if (facts->settings == NULL)
	{
		print_error("could not read the server's settings: %s", session->error);
		return false;
	}
	return true;
}

void
facts_free(Facts *facts)
{
	PQclear(facts->settings);
	PQclear(facts->server);
	PQclear(facts->connections);
	PQclear(facts->privileges);
	for (int t = 0; t < TABLE_COUNT; t++)
		PQclear(facts->tables[t]);
	installed_free(&facts->installed);
	free(facts->distribution.delegated);
	free(facts->library_error);
	free(facts->file_system);
	free(facts->governor);
}

int
environment_connections_left(Session *session)
{
	static const ConnectionColumn limits[][2] = {
		{CONNECTIONS_LIMIT, CONNECTIONS_ALL},
		{CONNECTIONS_DATABASE_LIMIT, CONNECTIONS_DATABASE},
		{CONNECTIONS_ROLE_LIMIT, CONNECTIONS_ROLE},
	};
	PGresult   *found = session_query(session, SQL_CONNECTIONS, 0, NULL);
	long		left = -1;

	if (found == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
	{
		long		limit = strtol(fact(found, limits[i][0]), NULL, 10);
		long		here = limit - strtol(fact(found, limits[i][1]), NULL, 10);

		/* a superuser is under no limit but the server's */
		if (limit < 0 || (i > 0 && *fact(found, CONNECTIONS_SUPERUSER) == 't'))
			continue;
		here = here > 0 ? here : 0;
		left = left < 0 || here < left ? here : left;
	}
	PQclear(found);
	return (int) left;
}
