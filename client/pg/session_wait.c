/*
 * session_wait.c
 *	  Waiting for the server, and no longer than is wanted: a call that a signal
 *	  or --timeout ends is cancelled there too.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/session_internal.h"
#include "util/interrupt.h"
#include "util/memory.h"

/* poll() wakes up this often to see a signal that came just before it */
#define POLL_MS 250

/*
 * how long a cancelled call may take to end before the connection is given up:
 * after a signal, and after --timeout, where the server has been silent already
 */
#define CANCEL_PATIENCE_NS (10 * NS_PER_S)
#define LATE_PATIENCE_NS (3 * NS_PER_S)

#define SQLSTATE_CANCELED "57014"

/*
 * pgbouncer before 1.21 gives the server connection to another client once nothing of
 * what it forwarded waits for a ReadyForQuery, even where half of the next call has
 * gone out: server and client then wait for each other for ever
 */
#define POOLED_PIPELINE_TIMEOUT_S 60

/* How long the server may be silent; 0: for ever. */
static int
timeout_s(const Session *session, const Wait *wait)
{
	if (session->settings->timeout_s == 0 && session->pooled && wait->pipelined)
		return POOLED_PIPELINE_TIMEOUT_S;
	return session->settings->timeout_s;
}

/*
 * Nothing may be cancelled any more once the next call is under way: give the
 * process that asks for it so many ms to end, and end it then.
 */
static void
end_cancelling(Wait *wait, int patience_ms)
{
	if (wait->canceller <= 0)
		return;
	while (waitpid(wait->canceller, NULL, WNOHANG) == 0)
	{
		if (patience_ms-- <= 0)
		{
			kill(wait->canceller, SIGKILL);
			waitpid(wait->canceller, NULL, 0);
			break;
		}
		poll(NULL, 0, 1);
	}
	wait->canceller = 0;
}

/*
 * Ask the server to cancel the running call.  PQcancel waits for the server
 * without a limit, so a process of its own does it: a frozen server must not
 * freeze us.
 */
static void
cancel_call(const Session *session, Wait *wait)
{
	PGcancel   *cancel;
	char		error[256];

	end_cancelling(wait, 0);
	cancel = PQgetCancel(session->conn);
	if (cancel != NULL)
	{
		wait->canceller = fork();
		if (wait->canceller == 0)
		{
			alarm(CANCEL_PATIENCE_NS / NS_PER_S);
			PQcancel(cancel, error, (int) sizeof(error));
			_exit(0);
		}
	}
	PQfreeCancel(cancel);
	wait->asked_at = now_ns();
}

/* The call is over: false, with the error kept, where it was cancelled for being late. */
bool
session_wait_end(Session *session, Wait *wait)
{
	char	   *message;

	end_cancelling(wait, 1000);
	if (!wait->late)
		return true;
	message = xasprintf("the server did not answer for %d s%s", timeout_s(session, wait),
						session->lost ? "" : ": the call was cancelled");
	session_fail(session, message, session->lost ? NULL : SQLSTATE_CANCELED);
	free(message);
	return false;
}

/*
 * Wait until the socket can be read, or, where want_write is set, written.
 * Returns poll's events, or 0 with the session lost.  A signal, or the server's
 * silence for longer than --timeout, cancels the running call; the wait goes on so
 * that the answer is drained, but not for ever.
 */
short
session_wait(Session *session, bool want_write, Wait *wait)
{
	int64_t		began = now_ns();
	int64_t		timeout = timeout_s(session, wait) * NS_PER_S;

	for (;;)
	{
		struct pollfd fd = {PQsocket(session->conn), POLLIN, 0};
		int64_t		now;
		int			ready;

		if (want_write)
			fd.events |= POLLOUT;
		ready = poll(&fd, 1, POLL_MS);
		if (ready > 0)
			return fd.revents;
		if (ready < 0 && errno != EINTR)
		{
			session_fail(session, strerror(errno), NULL);
			session->lost = true;
			return 0;
		}
		now = now_ns();
		if (wait->cancelled_at == 0)
		{
			wait->late = timeout > 0 && now - began > timeout;
			if (!wait->late && !interrupted())
				continue;
			wait->cancelled_at = now;
			cancel_call(session, wait);
		}
		else if (now - wait->cancelled_at > (wait->late ? LATE_PATIENCE_NS : CANCEL_PATIENCE_NS))
		{
			session_fail(session, "the server did not end the call that was cancelled", NULL);
			session->lost = true;
			return 0;
		}
		else if (now - wait->asked_at > NS_PER_S)
			cancel_call(session, wait); /* of a pipeline the next call runs by now */
	}
}
