/*
 * leftovers.h
 *	  The rows that runs write, and those that dead runs left behind.
 *
 * A run names its workflows "dbos_payload_bench:RUN:NUMBER".  RUN is a UUID of its
 * own, and as long as it lives it holds a session-level advisory lock that follows
 * from it: whose lock is free is dead.  Behind a connection pooler such a lock
 * is not the run's own, and with Citus the other nodes, which see its rows too, do
 * not know of it: RUN is then "pooled-UUID", and the run counts as dead when its
 * newest row is an hour old.
 */
#ifndef LEFTOVERS_H
#define LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/session.h"

#define RUN_ID_SIZE 44			/* "pooled-", a UUID, and the zero byte */
#define WORKFLOW_ID_SIZE 96

/* a new run's id; its UUID alone, which names it in result files, is run_id_uuid() */
extern void run_id_make(char run_id[RUN_ID_SIZE]);
extern const char *run_id_uuid(const char *run_id);

/*
 * Begin to live on a server: take the lock by this connection, which must stay
 * open as long as the run; behind a pooler, and with Citus, make the id say so.  False with
 * session->error set.
 */
extern bool run_id_hold(Session *session, char run_id[RUN_ID_SIZE]);

/*
 * The id of a run's workflow of that number.  With --keep it begins with
 * "dbos_payload_bench_kept:": such rows are nobody's leftovers.
 */
extern void run_workflow_id(char id[WORKFLOW_ID_SIZE], const char *run_id, bool kept, int64_t number);

/*
 * Is nobody there any more who holds the lock of that run (its id, or the first 16
 * digits of it), or whose newest row is younger than an hour, behind a pooler?
 * *failed: there was no answer, session->error is set.
 */
extern bool run_is_dead(Session *session, const char *run_id, double age_s, bool *failed);

/* what one dead run left */
typedef struct Leftover
{
	char		run_id[RUN_ID_SIZE];
	int64_t		workflows;
	double		age_s;			/* of its newest row */
} Leftover;

typedef struct Leftovers
{
	int			n;
	Leftover   *runs;			/* freed by leftovers_free */
	int			nalive;			/* runs under way, whose rows are left alone */
} Leftovers;

/*
 * Find what dead runs left; nothing where the extension is not there.  It takes each
 * one's lock for a moment.  False with
 * session->error set; *leftovers is to be freed either way.
 */
extern bool leftovers_find(Session *session, Leftovers *leftovers);
extern void leftovers_free(Leftovers *leftovers);

/*
 * Delete the rows of a run, dead or one's own, in batches with a commit each, none
 * of which waits for a standby; what takes longer than two seconds tells on
 * stderr how far it is.  Each call is under the session's --timeout, or a minute
 * where it has none.  *deleted, if not NULL, gets the number of workflows also
 * where it fails: false with session->error and sqlstate set.
 */
extern bool leftovers_delete(Session *session, const char *run_id, int64_t *deleted);

/*
 * The same settings for what deletes, or follows a run: it must not wait for ever, and
 * may take a minute where --timeout says nothing.
 */
extern SessionSettings settings_bounded(const SessionSettings *settings);

/*
 * Which processes hold what is in a schema and have been waiting for a standby for some
 * seconds: whose client was killed does so for ever.  A list of their numbers, to be freed;
 * NULL: there is none that can be seen.
 */
extern char *leftovers_held_by(Session *session, const char *schema);

/* why leftovers_delete failed, as an error and a hint on stderr */
extern void leftovers_explain(const Session *session);

#endif							/* LEFTOVERS_H */
