/*
 * reference.h
 *	  Work that is always the same, done by the server once an iteration, so
 *	  that compare can tell a machine that was slower during a run from a step
 *	  that is.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "session.h"

typedef struct Reference
{
	bool		given_up;		/* the server has no such function, or not for us */
	int			n;
	int			capacity;
	int64_t    *ns;				/* by the server's clock; owned */
} Reference;

/*
 * Have it done once; its time is kept where record is true.  What cannot be had
 * is said once and not asked for again, unless the connection is lost.
 */
extern void reference_measure(Reference *reference, Session *session, bool record);

extern void reference_free(Reference *reference);

#endif							/* REFERENCE_H */
