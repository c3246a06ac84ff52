/*
 * environment.h
 *	  What the server, the connection and this host are like, and what in it
 *	  would falsify a measurement.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stdbool.h>

#include "pg/session.h"
#include "sample/parameters.h"

typedef struct Setting
{
	char	   *name;
	char	   *value;			/* as current_setting() shows it */
} Setting;

typedef struct Warning
{
	char	   *subject;		/* "fsync", "log_statement", "pooler", … */
	char	   *text;			/* what it does to the figures, what to do about it */
	bool		unsafe;			/* run refuses without --allow-unsafe */
	bool		fatal;			/* run would fail: it refuses in any case */
} Warning;

/* one thing that was judged; what is not harmless is a Warning of that subject */
typedef struct Check
{
	const char *subject;
	char	   *value;			/* what it is here */
	const char *matters;		/* what another value would do to the figures */
} Check;

#define SIZE_SUBJECT "size of this run"

/* where Citus keeps the rows; not there where it does not */
#define DISTRIBUTION_SETTING "table.distribution"

/* the functions that a run records by, and that run on the node of their workflow (Citus) */
#define DELEGATED_SETTING "functions.delegated"

typedef struct Environment
{
	int			server_version_num;
	char	   *server_version;
	char	   *extension_version;	/* pg_extension.extversion; NULL: not created here */
	char	   *library_version;	/* dbos_payload.version() */
	char	   *portable_version;	/* of what init --portable made; NULL: the extension is there,
									 * or neither is */
	int			libpq_version;
	const char *transport;		/* "unix", "loopback" or "tcp" */
	bool		ssl;
	double		rtt_ms;			/* median of empty queries, NAN where unknown */
	double		tcp_rtt_ms;		/* the kernel's own smoothed RTT (TCP_INFO), NAN where there is none */
	double		free_bytes;		/* on the disk of the data folder, NAN: not known; in no result file */
	char	   *conninfo;		/* as libpq resolved it, without the password */
	int			nsettings;
	Setting    *settings;
	int			nhost;			/* cpu, cores, kernel, memory of the client's host */
	Setting    *host;
	int			nwarnings;
	Warning    *warnings;
	int			nchecks;
	Check	   *checks;
} Environment;

/*
 * Read everything; false, with a message on stderr, where the server cannot be
 * asked.  Owned by the caller, also where false is returned: environment_free.
 * The texts of warnings are ASCII; one can have lines of its own, and those that
 * begin with a tab are statements to be copied.
 */
extern bool environment_read(Session *session, const Parameters *parameters,
							 Environment *environment);
extern void environment_free(Environment *environment);

/*
 * backup.c: pg_dump saves the rows and the GRANTs of an extension's tables, and
 * silently nothing else that somebody did to them.  A list of what there is of that,
 * with commas, malloc'd; "" where there is nothing; NULL, with session->error set,
 * where it could not be read.
 */
extern char *backup_losses(Session *session);

/*
 * May run start?  False, with everything that stops it on stderr: what would
 * fail (no extension, read-only server, missing privileges, sizes above the
 * server's limit), and what is unsafe without --allow-unsafe.
 */
extern bool environment_allows_run(const Environment *environment, bool allow_unsafe);

/* is there a warning of that subject? */
extern bool environment_has_warning(const Environment *environment, const char *subject);

/* a setting's value, of settings[] or host[]; NULL where it is not known */
extern const char *environment_setting(const Environment *environment, const char *name);

/*
 * Is the function that tells a step's times asked on the step's node, of whatever session
 * recorded it there?  Then the time until an answer, less these, is no network.
 */
extern bool environment_tells_others_times(const Environment *environment);

/*
 * Does the server run on the client's host, so that both share its processors, its
 * clock and its disks?
 */
extern bool environment_server_is_here(const Environment *environment);

/*
 * How many more connections may be opened now, by the server's, the database's and
 * the role's limits; -1, with session->error set, where they cannot be read.
 */
extern int	environment_connections_left(Session *session);

/* processor time of this host so far, busy and all of it, in ticks; false: not told */
extern bool environment_host_ticks(double *busy, double *total);

#endif							/* ENVIRONMENT_H */
