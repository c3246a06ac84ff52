/*
 * conninfo.h
 *	  Connection strings as they may be shown.
 */
#ifndef CONNINFO_H
#define CONNINFO_H

#include <stdbool.h>

#include <libpq-fe.h>

/* would libpq take this for a connection string, and not for a database name? */
extern bool is_conninfo(const char *text);

/*
 * NULL where the text is a database name or a connection string that libpq can
 * read; else a message, malloc'd.  The message shows no part of the text, since
 * what cannot be read can hold a password.
 */
extern char *conninfo_mistake(const char *text);

/* what the connection really uses, defaults of libpq's own left out; malloc'd */
extern char *conninfo_of_connection(PGconn *conn);

#endif							/* CONNINFO_H */
