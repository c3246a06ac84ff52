/*
 * installed.c
 *	  What of ours a database has, what it could have, and what works there.
 *
 * init, check and run speak of it in the same words, so that none of them sends
 * somebody to another one that cannot work.
 */
#include <stdlib.h>
#include <string.h>

#include "environment/installed.h"
#include "util/memory.h"

typedef enum Column
{
	COLUMN_EXTENSION,
	COLUMN_PORTABLE,
	COLUMN_SCHEMA,
	COLUMN_AVAILABLE,
	COLUMN_SUPERUSER,
	COLUMN_MAY_CREATE,
	COLUMN_ROLE,
	COLUMN_DATABASE
} Column;

static const char *const sql_installed =
	"SELECT (SELECT e.extversion FROM pg_catalog.pg_extension AS e"
	"  WHERE e.extname OPERATOR(pg_catalog.=) 'dbos_payload'),"
	" pg_catalog.substring(pg_catalog.obj_description(n.oid, 'pg_namespace'),"
	"  '^" PORTABLE_COMMENT "([^ :]+):'),"
	" n.oid IS NOT NULL,"
	" EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS a"
	"  WHERE a.name OPERATOR(pg_catalog.=) 'dbos_payload'),"
	" r.rolsuper,"
	" pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),"
	" pg_catalog.quote_ident(r.rolname::pg_catalog.text),"
	" pg_catalog.quote_ident(pg_catalog.current_database()::pg_catalog.text)"
	" FROM pg_catalog.pg_roles AS r LEFT JOIN pg_catalog.pg_namespace AS n"
	" ON n.nspname OPERATOR(pg_catalog.=) 'dbos_payload'"
	" WHERE r.rolname OPERATOR(pg_catalog.=) current_user";

static char *
text_or_null(const PGresult *result, Column column)
{
	return PQgetisnull(result, 0, (int) column) ? NULL : xstrdup(PQgetvalue(result, 0, (int) column));
}

static bool
is_true(const PGresult *result, Column column)
{
	return *PQgetvalue(result, 0, (int) column) == 't';
}

bool
installed_read(Session *session, Installed *installed)
{
	PGresult   *result = session_query(session, sql_installed, 0, NULL);
	bool		found = result != NULL && PQntuples(result) == 1;

	memset(installed, 0, sizeof(*installed));
	if (found)
	{
		installed->extension = text_or_null(result, COLUMN_EXTENSION);
		installed->schema = is_true(result, COLUMN_SCHEMA);
		if (installed->extension == NULL)
			installed->portable = text_or_null(result, COLUMN_PORTABLE);
		installed->available = is_true(result, COLUMN_AVAILABLE);
		installed->superuser = is_true(result, COLUMN_SUPERUSER);
		installed->may_create = is_true(result, COLUMN_MAY_CREATE);
		installed->role = text_or_null(result, COLUMN_ROLE);
		installed->database = text_or_null(result, COLUMN_DATABASE);
	}
	PQclear(result);
	return found;
}

void
installed_free(Installed *installed)
{
	free(installed->extension);
	free(installed->portable);
	free(installed->role);
	free(installed->database);
	memset(installed, 0, sizeof(*installed));
}

char *
installed_advice(const Installed *installed, const char *argument)
{
	char	   *text = NULL;

	if (installed->schema)
		text_add(&text, "A schema dbos_payload is in the way, which is of neither: rename or drop it. ");
	if (installed->available || installed->superuser)
		text_add(&text, "%s can create it%s:\n\tdbos_payload_bench init%s\n",
				 installed->superuser ? "This role" : "It is installed on this server, and a superuser",
				 installed->available ? "" : ", once it is installed on the server's host", argument);
	else
		text_add(&text, "It is not installed on this server, as far as pg_available_extensions tells. ");
	if (installed->may_create)
		text_add(&text, "Without C, the role %s can have its portable part, for run --origin client:\n\tdbos_payload_bench init --portable%s\n",
				 installed->role, argument);
	else
		text_add(&text, "For its portable part, without C, the role %s needs:\n\tGRANT CREATE ON DATABASE %s TO %s;\n",
				 installed->role, installed->database, installed->role);
	text_add(&text, "inspect and trace need nothing on the server%s.",
			 installed->may_create ? ", nor does run --profile" : "");
	return text;
}
