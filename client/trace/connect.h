/*
 * connect.h
 *	  Connecting to the server, step by step in the loop: address by address, and
 *	  with TLS where it is wanted.
 */
#ifndef CONNECT_H
#define CONNECT_H

#include "trace/link.h"
#include "trace/loop.h"
#include "trace/upstream.h"

typedef struct Attempt Attempt;

/*
 * Called once, at the end: link.fd >= 0 and the link is the receiver's, or -1, and why
 * says what was wrong at the last address.
 */
typedef void (*AttemptDone) (void *context, Link link, const char *why);

/*
 * Begin.  *place is the attempt for as long as it lasts and NULL afterwards, from before
 * the call of done() on, which can be made before this returns.
 */
extern void attempt_begin(Attempt **place, Upstream *upstream, Loop *loop, AttemptDone done, void *context);

/* Give it up, without a call of done(). */
extern void attempt_end(Attempt *attempt);

/* to be called every 100 ms: an address that does not answer is given up */
extern void attempt_tick(Attempt *attempt, int64_t now);

#endif							/* CONNECT_H */
