/*
 * installed.h
 *	  What of ours a database has, what it could have, and what works there.
 */
#ifndef INSTALLED_H
#define INSTALLED_H

#include <stdbool.h>

#include "pg/session.h"

/* what the schema's comment begins with where init --portable made it */
#define PORTABLE_COMMENT "dbos_payload portable "

typedef struct Installed
{
	char	   *extension;		/* its version in this database; NULL: it is not there */
	char	   *portable;		/* likewise of the portable part */
	bool		schema;			/* a schema dbos_payload is there, whoever made it */
	bool		available;		/* the extension's files are on the server */
	bool		superuser;		/* may create the extension */
	bool		may_create;		/* may create schemas in this database */
	char	   *role;			/* quoted as an identifier */
	char	   *database;		/* likewise */
} Installed;

/* false, with session->error set, where it could not be read; installed_free either way */
extern bool installed_read(Session *session, Installed *installed);
extern void installed_free(Installed *installed);

/*
 * What works in a database that has neither, and who can do what about it: sentences, and
 * lines to be copied, which begin with a tab.  argument: the connection string for a
 * command line, with a space before it (conninfo_shell_argument).  malloc'd.
 */
extern char *installed_advice(const Installed *installed, const char *argument);

#endif							/* INSTALLED_H */
