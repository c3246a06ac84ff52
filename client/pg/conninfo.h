/*
 * conninfo.h
 *	  Connection strings as they may be shown: with no secret in them.
 */
#ifndef CONNINFO_H
#define CONNINFO_H

#include <stdbool.h>

#include <libpq-fe.h>

/* would libpq take this for a connection string, and not for a database name? */
extern bool is_conninfo(const char *text);

/*
 * False where the text is a database name or a connection string that libpq can read;
 * else true, with a message of CONNINFO_MISTAKE_SIZE bytes at most.  It shows no part of
 * the text that may be one of a password.
 */
#define CONNINFO_MISTAKE_SIZE 256
extern bool conninfo_mistake(const char *text, char *message, size_t size);

/* what the connection really uses, defaults of libpq's own left out; malloc'd */
extern char *conninfo_of_connection(PGconn *conn);

/*
 * What leads to the same database by another way: everything that the connection uses,
 * but TCP to that host and port, without encryption.  Its password is in it: not to be
 * shown; malloc'd.
 */
extern char *conninfo_redirected(PGconn *conn, const char *host, int port);

/*
 * A command-line argument as it may be shown, malloc'd: a connection string, also
 * behind "--option=", in which libpq finds a secret is written anew with "***" in
 * its place; one that may hide a secret and cannot be read is "***" altogether;
 * anything else is copied as it is.
 */
extern char *redact_password(const char *argument);

/*
 * A CONNINFO as it is typed behind a command in a shell: a blank and then the
 * text, without its secrets, in quotes where it needs them; empty for NULL.
 * malloc'd.
 */
extern char *conninfo_shell_argument(const char *conninfo);

#endif							/* CONNINFO_H */
