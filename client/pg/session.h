/*
 * session.h
 *	  The connection to the server.  session*.c are the only files that call
 *	  libpq's sending and receiving functions.
 *
 * A round trip is timed around libpq's non-blocking calls with the monotonic
 * clock; see RoundTrip for the instants.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "util/clock.h"

/* from libpq 14 on there are pipelines */
#ifdef LIBPQ_HAS_PIPELINING
#define HAS_PIPELINE true
#else
#define HAS_PIPELINE false
#endif

#define SESSION_MAX_PARAMS 8

/* ids of prepared statements: ours from 0, turns' from FIRST_TURN_ID on */
#define SESSION_STATEMENTS 160
#define FIRST_TURN_ID 64

typedef enum Protocol
{
	PROTOCOL_SIMPLE,
	PROTOCOL_EXTENDED,
	PROTOCOL_PREPARED,
	PROTOCOL_COUNT
} Protocol;

extern const char *const protocol_names[PROTOCOL_COUNT];

typedef struct SessionSettings
{
	const char *conninfo;		/* handed to libpq untouched; NULL: none given */
	Protocol	protocol;
	int			timeout_s;		/* a call without an answer for this long is cancelled and has
								 * failed; where that does not end it the connection is
								 * lost; 0: never */
} SessionSettings;

typedef struct Session
{
	PGconn	   *conn;
	const SessionSettings *settings;
	bool		prepared[SESSION_STATEMENTS];	/* statement ids that this connection has prepared */
	bool		lost;			/* the connection is gone */
	char		sqlstate[6];	/* of the last failure; empty: not from the server */
	char	   *error;			/* the last failure, a whole message; the session's */
	int64_t		notice_bytes;	/* of notices since the round trip began */
	bool		sends_unseen;	/* libpq's sends are not seen here: see RoundTrip.encode_end */
	bool		pooled;			/* a pooler is in between; set by who knows */
} Session;

/*
 * One statement as it is sent: its text with $n, and for --protocol prepared
 * the number under which it is kept (-1: never prepared).
 */
typedef struct Statement
{
	int			id;
	const char *sql;
	int			nparams;
	Oid			types[SESSION_MAX_PARAMS];
} Statement;

typedef struct Param
{
	const char *value;			/* NULL: SQL NULL */
	int			length;			/* of a binary value */
	bool		binary;
} Param;

/* instants of CLOCK_MONOTONIC in ns, and bytes on the wire */
typedef struct RoundTrip
{
	int64_t		start;			/* before anything: the payload is in hand */
	int64_t		encode_start;
	int64_t		encode_end;		/* the message is built: its first byte goes to the kernel;
								 * where sends are unseen, before libpq builds it */
	int64_t		send_end;		/* its last byte was handed over; 0: sends are unseen */
	int64_t		first_byte;		/* first byte of the answer read */
	int64_t		last_byte;		/* last byte of the answer read */
	int64_t		decode_end;
	int64_t		end;			/* the payload can be used */
	int64_t		commit_wait;	/* not an instant: see session_call_split; 0: not split */
	int64_t		sent;			/* bytes of protocol messages */
	int64_t		received;
} RoundTrip;

/* false with session->error set; never prints */
extern bool session_open(Session *session, const SessionSettings *settings);
extern void session_close(Session *session);

/*
 * Plain, untimed query with text parameters and a text result, for everything
 * around the measurement.  The server's warnings that came since the last one are
 * written here.  NULL with session->error (and sqlstate) set where it
 * failed; else the caller's, PQclear it.
 */
extern PGresult *session_query(Session *session, const char *sql, int nparams,
							   const char *const *values);

/* the same for a query whose rows are of no interest; false where it failed */
extern bool session_do(Session *session, const char *sql, int nparams, const char *const *values);

/*
 * One timed round trip by the settings' protocol.  The caller sets trip->start
 * and trip->encode_start before it makes the parameters; encode_end, send_end,
 * first_byte, last_byte, sent and received are set here; the caller decodes and
 * sets decode_end and end.  NULL as above.
 */
extern PGresult *session_call(Session *session, const Statement *statement,
							  const Param *params, bool binary_result, RoundTrip *trip);

/*
 * The same in two: the statement up to its answer, and then the Sync that commits it,
 * the server waiting in between with the transaction open.  trip->commit_wait is the wait
 * of the latter, from its first byte handed to the kernel to the last byte read; all of the
 * trip holds both.  Not by the simple protocol.
 */
extern PGresult *session_call_split(Session *session, const Statement *statement,
									const Param *params, bool binary_result, RoundTrip *trip);

/* prepare the statement if --protocol prepared wants it and this connection has not */
extern bool session_prepare(Session *session, const Statement *statement);

/*
 * One request of chosen messages, as a driver sends it, and its answer: a Query; Parse,
 * Bind, Describe, Execute and Sync; or the same without Parse, of a statement that the
 * connection knows by a name.  libpq always describes: a driver that does not sends
 * 7 bytes less.
 */
typedef enum TurnKind
{
	TURN_SIMPLE,
	TURN_UNNAMED,
	TURN_NAMED
} TurnKind;

#define TURN_MAX_PARAMS 30

typedef struct Turn
{
	TurnKind	kind;
	int			id;				/* TURN_NAMED: FIRST_TURN_ID to SESSION_STATEMENTS - 1 */
	const char *name;			/* likewise */
	const char *sql;
	int			nparams;
	const Oid  *types;			/* NULL: none declared */
} Turn;

/* prepare a named one unless this connection has; false with session->error set */
extern bool session_prepare_turn(Session *session, const Turn *turn);

/* one timed turn, as session_call does it */
extern PGresult *session_turn(Session *session, const Turn *turn, const Param *params,
							  bool binary_result, RoundTrip *trip);

/* one call of a pipeline */
typedef struct PipelineCall
{
	const Statement *statement;
	const Param *params;
} PipelineCall;

/*
 * Who hears of a pipeline's calls, by their places.  A result arrives as soon as it is
 * there, which says nothing of its commit: that is over, if no failure arrived (NULL, with
 * session->error set), once the call is answered.
 */
typedef struct PipelineListener
{
	void		(*arrived) (void *context, int index, const PGresult *result);	/* freed after it */
	void		(*answered) (void *context, int index); /* NULL: nobody asks */
	void	   *context;
} PipelineListener;

/*
 * All calls at once in libpq's pipeline mode, a Sync after each, so that each
 * is a transaction of its own.  Never waits with a full buffer: it reads while
 * it writes.  trip is of the whole: encode ends when the first call is handed
 * over.  false where the connection was lost, the run interrupted or the answer
 * too late; *nanswered is how many calls were answered by then.  Through a pooler
 * an answer is waited for a minute where the settings say for ever: some lose it.
 */
extern bool session_pipeline(Session *session, const PipelineCall *calls, int ncalls,
							 bool binary_result, const PipelineListener *listener,
							 RoundTrip *trip, int *nanswered);

/* "host (address):port" or "folder:port" that the connection was made with; malloc'd, the caller's */
extern char *session_server(const Session *session);

/* the server this connection was made with answers its queries: no pooler is in between */
extern bool session_is_direct(Session *session);

/*
 * The kernel's smoothed round-trip time (ms) and count of retransmitted
 * segments of this connection; false where there is none (Unix socket).
 */
extern bool session_tcp_info(const Session *session, double *rtt_ms, int64_t *retransmits);

#endif							/* SESSION_H */
