/*
 * session_internal.h
 *	  What the files of this folder share, and drive/ to keep an error.
 */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include <sys/types.h>

#include "pg/session.h"

#define STATEMENT_NAME_SIZE 32

/* waiting for one call, or for one pipeline; begins as zeros */
typedef struct Wait
{
	int64_t		cancelled_at;	/* when it was first cancelled; 0: it was not */
	int64_t		asked_at;		/* when the server was last asked to cancel */
	bool		late;			/* it was cancelled because of --timeout */
	bool		pipelined;		/* for calls of which a pooler may lose some */
	pid_t		canceller;		/* the process that asks; 0: none */
} Wait;

extern void session_fail(Session *session, const char *message, const char *sqlstate);
extern void session_fail_result(Session *session, const PGresult *result);
extern bool session_fail_libpq(Session *session);
extern void session_begin_trip(Session *session, RoundTrip *trip);
extern void session_take_sends(Session *session, RoundTrip *trip);
extern short session_wait(Session *session, bool want_write, Wait *wait);
extern bool session_wait_end(Session *session, Wait *wait);
extern bool session_flush(Session *session, bool *pending);
extern bool session_read(Session *session, RoundTrip *trip);
extern PGresult *session_receive(Session *session, RoundTrip *trip);
extern bool session_send_extended(Session *session, const Statement *statement,
								  const Param *params, bool binary_result, RoundTrip *trip);

/*
 * first_send.c: when libpq hands bytes to the kernel.  From first_send_arm() on:
 * now_ns() at the first send, and after the last one; 0: there was none.
 */
extern void first_send_arm(void);
extern int64_t first_send_at(void);
extern int64_t last_send_at(void);

/*
 * wire.c: bytes on the wire by the rules of the protocol (version 3.0), message
 * headers and all, before TLS.  Client to server: Parse, Bind, Describe, Execute and
 * Sync, or Query; server to client: up to and with ReadyForQuery, 0 for a failed
 * result; one NoticeResponse.
 */
extern int64_t wire_sent_extended(const char *sql, const char *statement_name, int ntypes,
								  int nparams, const Param *params, bool prepared);
extern int64_t wire_sent_simple(const char *query);
extern int64_t wire_received(const PGresult *result, Protocol protocol);
extern int64_t wire_notice(const PGresult *notice);

#endif							/* SESSION_INTERNAL_H */
