/*
 * session.h
 *	  The connection to the server: the only file that calls libpq's sending
 *	  and receiving functions.
 *
 * A round trip is timed around libpq's non-blocking calls with the monotonic
 * clock; see RoundTrip for the instants.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "options.h"

#define SESSION_MAX_PARAMS 8

typedef struct Session
{
	PGconn	   *conn;
	const Options *options;
	bool		prepared[64];	/* statement ids that this connection has prepared */
	bool		lost;			/* the connection is gone */
	char		sqlstate[6];	/* of the last failure; empty: not from the server */
	char	   *error;			/* the last failure, a whole message; the session's */
	int64_t		notice_bytes;	/* of notices since the round trip began */
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
	int64_t		encode_end;		/* the message is built and handed to libpq */
	int64_t		first_byte;		/* first byte of the answer read */
	int64_t		last_byte;		/* last byte of the answer read */
	int64_t		decode_end;
	int64_t		end;			/* the payload can be used */
	int64_t		sent;			/* bytes of protocol messages */
	int64_t		received;
} RoundTrip;

extern int64_t now_ns(void);

/* false with session->error set; never prints */
extern bool session_open(Session *session, const Options *options);
extern void session_close(Session *session);

/*
 * Plain, untimed query with text parameters and a text result, for everything
 * around the measurement.  NULL with session->error (and sqlstate) set where it
 * failed; else the caller's, PQclear it.
 */
extern PGresult *session_query(Session *session, const char *sql, int nparams,
							   const char *const *values);

/*
 * The same with one timed round trip by the options' protocol.  The result's
 * payload columns are binary when binary_result.
 */
extern PGresult *session_call(Session *session, const Statement *statement,
							  const Param *params, bool binary_result, RoundTrip *trip);

/* the kernel's smoothed round-trip time in ms and its count of retransmits; false where there is none */
extern bool session_tcp_info(Session *session, double *rtt_ms, int64_t *retransmits);

#endif							/* SESSION_H */
