/*
 * startup.h
 *	  The first packet of a connection, which says what it is to be; and what goes
 *	  wrong then, in words that the other end may understand.
 */
#ifndef STARTUP_H
#define STARTUP_H

#include <stdbool.h>
#include <stddef.h>

#include "util/byte_buffer.h"

typedef enum StartupKind
{
	STARTUP_MORE,				/* not all of the packet is there */
	STARTUP_SESSION,			/* StartupMessage, protocol 3 */
	STARTUP_CANCEL,				/* CancelRequest */
	STARTUP_ENCRYPTION,			/* SSLRequest or GSSENCRequest, to be answered with 'N' */
	STARTUP_TLS,				/* TLS without having asked */
	STARTUP_HTTP,
	STARTUP_OTHER_VERSION,		/* PostgreSQL's, but not version 3 */
	STARTUP_UNKNOWN
} StartupKind;

/* What these bytes begin.  *length is the packet's, where it is one. */
extern StartupKind startup_read(const unsigned char *bytes, size_t n, size_t *length);

/* a packet is never longer than this */
#define STARTUP_MAX 10000

/* ErrorResponse of severity FATAL */
extern void startup_add_error(ByteBuffer *buffer, const char *sqlstate, const char *message);

/*
 * Of the server's first bytes: how a password is to be proved.  Over TLS the server
 * offers SCRAM-SHA-256-PLUS too, which ties the proof to that TLS connection, and the
 * program, which has another connection, must not be offered it: libpq refuses to go
 * on then.  True once that message has passed (or will not come): from then on bytes
 * go on as they are.  *n is what is left of the bytes, in their place.
 */
extern bool startup_withhold_binding(unsigned char *bytes, size_t *n);

#endif							/* STARTUP_H */
