/*
 * facts.h
 *	  What was read of server, connection and host, before it is judged.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "environment/environment.h"
#include "environment/installed.h"
#include "pg/session.h"

typedef enum Level
{
	LEVEL_OK,
	LEVEL_WARNING,				/* part of the figures, or a risk to them */
	LEVEL_UNSAFE,				/* they would be those of a server that can lose commits */
	LEVEL_CANNOT				/* run would fail */
} Level;

/* rows of the results below */
enum
{
	TABLE_WORKFLOW_STATUS,
	TABLE_OPERATION_OUTPUTS,
	TABLE_COUNT
};

/* where Citus keeps a table's rows, as its catalogs say */
typedef struct TablePlace
{
	char		method;			/* 'h': by the hash of a column, 'n': of none; 0: not distributed */
	bool		everywhere;		/* a reference table: every node has all rows */
	bool		by_workflow;	/* that column is workflow_uuid */
	int			colocation;		/* tables of one number have rows of one value on one node */
	int			shards;
	int			copies;			/* of a shard, at most */
	int			nodes;			/* that keep shards */
	int			here;			/* shards that this server keeps */
} TablePlace;

typedef struct Distribution
{
	bool		known;			/* Citus is here, and its catalogs were read */
	int			nodes;			/* of the cluster, this one among them */
	bool		coordinator;	/* this server is it */
	TablePlace	tables[TABLE_COUNT];
	char	   *delegated;		/* functions of ours that run on the node of their workflow, with commas */
} Distribution;

typedef struct Facts
{
	const Parameters *parameters;
	Parameters	portable;		/* what they are without the extension; parameters is this then */
	const SessionSettings *connection;
	const Environment *environment;
	PGconn	   *conn;

	/* (name, as shown, as a number or word without unit); only what the role may see */
	PGresult   *settings;

	Installed	installed;
	PGresult   *server;			/* one row, see the enum ServerColumn */
	PGresult   *connections;	/* one row, see ConnectionColumn; NULL: unknown */
	PGresult   *tables[TABLE_COUNT];	/* one row each, see TableColumn; NULL: unknown */
	Distribution distribution;
	PGresult   *privileges;		/* that are missing, see privileges.c; NULL: unknown */
	char	   *library_error;	/* why version() could not be called; NULL: it was */

	char	   *file_system;	/* of the data folder, where it is on this host; NULL: unknown */
	double		free_bytes;		/* there; NAN: unknown */

	double		clock_ns;		/* one reading of the client's clock */
	double		busy_percent;	/* of this host's processors; NAN: unknown */
	int			cores;
	char	   *governor;		/* NULL: unknown */
} Facts;

typedef enum ServerColumn
{
	SERVER_BACKEND_PID,
	SERVER_ADDRESS,
	SERVER_PORT,
	SERVER_IN_RECOVERY,
	SERVER_ROLE,				/* quoted as an identifier */
	SERVER_DATABASE,			/* likewise */
	SERVER_ACTIVE_SESSIONS,
	SERVER_STANDBYS,			/* synchronous ones that are connected; "": may not be seen */
	SERVER_DATA_DIRECTORY,		/* "": may not be seen */
	SERVER_HAS_CITUS			/* it is created in this database */
} ServerColumn;

/* how many sessions there may be, below 0: any number, and are, this one among them */
typedef enum ConnectionColumn
{
	CONNECTIONS_SUPERUSER,
	CONNECTIONS_ROLE_LIMIT,
	CONNECTIONS_ROLE,
	CONNECTIONS_DATABASE_LIMIT,
	CONNECTIONS_DATABASE,
	CONNECTIONS_LIMIT,
	CONNECTIONS_ALL
} ConnectionColumn;

typedef enum TableColumn
{
	TABLE_NAME,
	TABLE_PERSISTENCE,			/* "unlogged", or "" */
	TABLE_KIND,					/* what it is but a plain table, or "" */
	TABLE_ROW_SECURITY,			/* "active", or "" */
	TABLE_TRIGGERS,
	TABLE_DEFERRED_TRIGGERS,
	TABLE_AUTOVACUUM,			/* "off", or "" */
	TABLE_ACCESS_METHOD,		/* "" for heap */
	TABLE_TABLESPACE,			/* "" for the database's own */
	TABLE_BYTES,
	TABLE_ROWS,					/* the planner's estimate, below 0: none */
	TABLE_STORAGE,				/* of the column output */
	TABLE_COMPRESSION
} TableColumn;

/* facts.c */
extern bool facts_read(Facts *facts, Session *session, Environment *environment);
extern void facts_free(Facts *facts);

/* a value of a one-row result, "" where it is NULL or there is no result */
extern const char *fact(const PGresult *result, int column);

/* a setting as it is shown; NULL: not known */
extern const char *fact_setting(const Facts *facts, const char *name);

/* without its unit, as a number; NAN where it is none */
extern double fact_number(const Facts *facts, const char *name);

/* host.c: the client's host, into environment->host and facts; the data folder's file system */
extern void host_read(Facts *facts, Environment *environment);
extern void file_system_read(Facts *facts);

/* privileges.c: what the run's options need and the role lacks; NULL: unknown */
extern PGresult *privileges_read(Session *session, const Parameters *parameters);
extern char *routines_needed(const Parameters *parameters);	/* {a,b,c}, malloc'd */
extern void judge_privileges(const Facts *facts, Environment *environment);

/*
 * distribution.c: where rows go; nothing is asked where Citus is not.  What the run's options
 * have delegated, of the functions that record: with commas, malloc'd; NULL: none.
 */
extern void distribution_read(Facts *facts, Session *session);
extern char *distribution_delegated(const Distribution *distribution, const Parameters *parameters);
extern char *distribution_summary(const Distribution *distribution);	/* malloc'd; NULL: nothing is distributed */
extern void judge_distribution(const Facts *facts, Environment *environment);

/* warnings.c: judge all facts into environment->checks and ->warnings */
extern void facts_judge(const Facts *facts, Environment *environment);

/* environment.c: append to environment->settings or ->host; value is malloc'd and given away */
extern void setting_add(Setting **settings, int *n, const char *name, char *value);

/* append one finding; value and text are malloc'd and given away */
extern void judge_add(Environment *environment, const char *subject, Level level,
					  char *value, const char *matters, char *text);

/* warnings_settings.c: the settings that are judged, i from 0; NULL: no more */
extern const char *judged_setting(int i);
extern void judge_settings(const Facts *facts, Environment *environment);

/* warnings_server.c, warnings_connection.c, warnings_tables.c, warnings_run.c */
extern void judge_server(const Facts *facts, Environment *environment);
extern void judge_connection(const Facts *facts, Environment *environment);
extern void judge_host(const Facts *facts, Environment *environment);
extern void judge_tables(const Facts *facts, Environment *environment);
extern void judge_run(const Facts *facts, Environment *environment);

#endif							/* FACTS_H */
