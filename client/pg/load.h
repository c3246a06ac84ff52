/*
 * load.h
 *	  Many connections at once, in one event loop.
 *
 * In a closed loop each connection sends its next turn as soon as the last one was
 * answered: who waits for a slow answer asks for nothing meanwhile.  In an open loop
 * turns are due at a rate, whatever the answers do; one that is due waits until a
 * connection is free, and that waiting is part of its time.
 */
#ifndef LOAD_H
#define LOAD_H

#include "pg/session.h"
#include "util/random.h"

/* what a connection sends at once; what it points to stays until it was answered */
typedef struct LoadTurn
{
	const PipelineCall *calls;
	int			ncalls;			/* more than one: in libpq's pipeline mode, each a transaction of its own */
} LoadTurn;

/* instants of now_ns(); due is sent in a closed loop */
typedef struct LoadSample
{
	int64_t		due;
	int64_t		sent;			/* before its message is built */
	int64_t		answered;		/* all of it was read */
} LoadSample;

typedef struct Load
{
	/* what to do */
	Session    *sessions;
	int			nsessions;
	int64_t		duration_ns;
	double		rate;			/* turns that are due, a second; 0: a closed loop */
	Random	   *random;			/* times between two due ones are exponential; NULL: even */
	void		(*next) (void *context, int session, LoadTurn *turn);
	void	   *context;

	/* a statement without much work, by a connection that is none of the above; NULL: none */
	Session    *watcher;
	const Statement *watch;
	const Param *watch_params;
	int64_t		watch_ns;		/* how often */
	void		(*watched) (void *context, const PGresult *result);

	/* what came of it */
	int64_t		began;
	int64_t		until;			/* what was due, or sent, before this counts */
	LoadSample *samples;		/* of turns that were answered; load_free frees them */
	int			nsamples;
	int			capacity;
	int64_t		nunsent;		/* turns that were due, and for which no connection was free up to twice the duration */
	Session    *failed;			/* whose error it is; NULL: none */
} Load;

/*
 * Drive the load; statements are prepared where --protocol prepared wants it, and the
 * simple protocol is not spoken.  What is due at the end is still done, for as long
 * again.  False, with load->failed set, where something failed; after a signal, true with what was measured.
 * samples of an earlier run are forgotten.
 */
extern bool load_run(Load *load);
extern void load_free(Load *load);

#endif							/* LOAD_H */
