/*
 * wire.h
 *	  How many bytes a call puts on the wire, by the rules of the protocol
 *	  (version 3.0): message headers and all, before TLS.
 */
#ifndef WIRE_H
#define WIRE_H

#include "pg/session.h"

/* client to server: Parse, Bind, Describe, Execute and Sync, or Query */
extern int64_t wire_sent_extended(const Statement *statement, const char *statement_name,
								  const Param *params, bool prepared);
extern int64_t wire_sent_simple(const char *query);

/* server to client, up to and with ReadyForQuery; 0 for a failed result */
extern int64_t wire_received(const PGresult *result, Protocol protocol);

/* one NoticeResponse */
extern int64_t wire_notice(const PGresult *notice);

#endif							/* WIRE_H */
