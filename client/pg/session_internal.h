/*
 * session_internal.h
 *	  What session.c and session_pipeline.c share.
 */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include "pg/session.h"

#define STATEMENT_NAME_SIZE 32

extern void session_fail(Session *session, const char *message, const char *sqlstate);
extern short session_wait(Session *session, bool want_write, int64_t *cancelled_at);
extern bool session_flush(Session *session, bool *pending);
extern bool session_read(Session *session, RoundTrip *trip);
extern void session_statement_name(char *name, size_t size, const Statement *statement);
extern bool session_send_extended(Session *session, const Statement *statement,
								  const Param *params, bool binary_result, RoundTrip *trip);

#endif							/* SESSION_INTERNAL_H */
