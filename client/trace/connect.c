/*
 * connect.c
 *	  Connecting to the server, step by step in the loop.
 *
 * SSLRequest is ours: the program was told that there is no TLS, and never learns
 * that it has some for the rest of the way.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trace/connect.h"
#include "util/clock.h"
#include "util/memory.h"

typedef enum Step
{
	STEP_AGAIN,					/* a Unix socket's queue was full: from the beginning */
	STEP_CONNECT,				/* the socket is being connected */
	STEP_ANSWER,				/* SSLRequest was sent */
	STEP_HANDSHAKE
} Step;

struct Attempt
{
	Attempt   **place;			/* where whoever began it has it */
	Upstream   *upstream;
	Loop	   *loop;
	AttemptDone done;
	void	   *context;
	Watch		watch;
	Link		link;
	Step		step;
	int			tried;			/* addresses that did not do */
	bool		plain;			/* this address once more, without the TLS that it failed with */
	int64_t		until;
	char	   *why;			/* what was wrong with the last one */
};

static const unsigned char ssl_request[] = {0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F};

static void try_address(Attempt *attempt);

static const UpstreamAddress *
current_address(const Attempt *attempt)
{
	const Upstream *upstream = attempt->upstream;

	return &upstream->addresses[(upstream->first + attempt->tried) % upstream->naddresses];
}

static void
hang_up(Attempt *attempt)
{
	if (attempt->link.fd >= 0)
		loop_end_watch(attempt->loop, &attempt->watch);
	link_close(&attempt->link);
}

void
attempt_end(Attempt *attempt)
{
	*attempt->place = NULL;
	hang_up(attempt);
	free(attempt->why);
	free(attempt);
}

/* Tell who began it, and be gone. */
static void
finish(Attempt *attempt, Link link)
{
	AttemptDone done = attempt->done;
	void	   *context = attempt->context;
	char	   *why = attempt->why;

	attempt->why = NULL;
	attempt_end(attempt);
	done(context, link, why);
	free(why);
}

static void
succeed(Attempt *attempt)
{
	Link		link = attempt->link;

	loop_end_watch(attempt->loop, &attempt->watch);
	attempt->upstream->first = (attempt->upstream->first + attempt->tried) % attempt->upstream->naddresses;
	attempt->link = (Link) {-1, NULL};
	finish(attempt, link);
}

/* This address does not do: take the next one.  what is taken over, malloc'd. */
static void
fail(Attempt *attempt, char *what)
{
	bool		without_tls = attempt->step == STEP_HANDSHAKE && attempt->upstream->tls == TLS_PREFERRED;

	hang_up(attempt);
	free(attempt->why);
	attempt->why = xasprintf("%s: %s", current_address(attempt)->words, what);
	free(what);
	attempt->plain = without_tls;
	attempt->tried += !without_tls;
	if (attempt->tried < attempt->upstream->naddresses)
	{
		try_address(attempt);
		return;
	}
	finish(attempt, (Link) {-1, NULL});
}

static void
go_on_with_handshake(Attempt *attempt)
{
	char	   *why = NULL;

	switch (tls_go_on(attempt->upstream->tls_settings, attempt->link.ssl,
					  current_address(attempt)->host, &why))
	{
		case TLS_DONE:
			succeed(attempt);
			break;
		case TLS_WANTS_READ:
			loop_wait_for(attempt->loop, &attempt->watch, LOOP_READ);
			break;
		case TLS_WANTS_WRITE:
			loop_wait_for(attempt->loop, &attempt->watch, LOOP_WRITE);
			break;
		case TLS_FAILED:
			fail(attempt, why);
			break;
	}
}

static void
begin_handshake(Attempt *attempt)
{
	attempt->step = STEP_HANDSHAKE;
	attempt->link.ssl = tls_begin(attempt->upstream->tls_settings, attempt->link.fd,
								  current_address(attempt)->host);
	if (attempt->link.ssl == NULL)
		fail(attempt, xstrdup("TLS cannot be used"));
	else
		go_on_with_handshake(attempt);
}

/*
 * The answer to SSLRequest.  One byte is read and no more: whatever came unencrypted
 * behind it, from whomever, must not be taken for what TLS protects.
 */
static void
take_answer(Attempt *attempt)
{
	char		answer;
	ssize_t		size = recv(attempt->link.fd, &answer, 1, 0);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0)
		fail(attempt, xstrdup(size < 0 ? strerror(errno) : "the server closed the connection"));
	else if (answer == 'S')
		begin_handshake(attempt);
	else if (answer == 'N' && attempt->upstream->tls == TLS_PREFERRED)
		succeed(attempt);
	else if (answer == 'N')
		fail(attempt, xstrdup("the server has no TLS, which sslmode asks for"));
	else
		fail(attempt, xstrdup("what answers there is not a PostgreSQL server"));
}

/* Does the server behind a Unix socket run as the user that it must? */
static bool
is_required_peer(const Attempt *attempt)
{
	struct ucred peer;
	socklen_t	size = sizeof(peer);
	struct passwd *user;

	if (attempt->upstream->required_peer == NULL || !current_address(attempt)->is_socket)
		return true;
	if (getsockopt(attempt->link.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	user = getpwuid(peer.uid);
	return user != NULL && strcmp(user->pw_name, attempt->upstream->required_peer) == 0;
}

/* The socket is connected, or will not be. */
static void
take_connected(Attempt *attempt)
{
	TlsMode		tls = attempt->upstream->tls;
	int			error = 0;
	socklen_t	size = sizeof(error);

	if (getsockopt(attempt->link.fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		error = errno;
	if (error != 0)
		fail(attempt, xstrdup(strerror(error)));
	else if (!is_required_peer(attempt))
		fail(attempt, xstrdup("the server does not run as the user that requirepeer names"));
	else if (tls == TLS_NEVER || attempt->plain || current_address(attempt)->is_socket)
		succeed(attempt);
	else if (attempt->upstream->tls_settings->direct)
		begin_handshake(attempt);
	else if (send(attempt->link.fd, ssl_request, sizeof(ssl_request), MSG_NOSIGNAL) != sizeof(ssl_request))
		fail(attempt, xstrdup(strerror(errno)));
	else
	{
		attempt->step = STEP_ANSWER;
		loop_wait_for(attempt->loop, &attempt->watch, LOOP_READ);
	}
}

static void
go_on(Watch *watch, int can)
{
	Attempt    *attempt = watch->owner;

	(void) can;
	switch (attempt->step)
	{
		case STEP_AGAIN:
			break;
		case STEP_CONNECT:
			take_connected(attempt);
			break;
		case STEP_ANSWER:
			take_answer(attempt);
			break;
		case STEP_HANDSHAKE:
			go_on_with_handshake(attempt);
			break;
	}
}

/* Connect to the current address. */
static void
open_address(Attempt *attempt)
{
	const UpstreamAddress *address = current_address(attempt);

	attempt->step = STEP_CONNECT;
	attempt->link.fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (attempt->link.fd < 0)
	{
		fail(attempt, xstrdup(strerror(errno)));
		return;
	}
	link_prepare_socket(attempt->link.fd);
	attempt->watch = (Watch) {.fd = attempt->link.fd, .ready = go_on, .owner = attempt};
	if (connect(attempt->link.fd, (const struct sockaddr *) &address->address, address->length) == 0)
		take_connected(attempt);
	else if (errno == EINPROGRESS)
		loop_wait_for(attempt->loop, &attempt->watch, LOOP_WRITE);
	else if (errno == EAGAIN)
	{
		link_close(&attempt->link);
		attempt->step = STEP_AGAIN;
	}
	else
		fail(attempt, xstrdup(strerror(errno)));
}

static void
try_address(Attempt *attempt)
{
	attempt->until = now_ns() + attempt->upstream->timeout_ns;
	open_address(attempt);
}

void
attempt_begin(Attempt **place, Upstream *upstream, Loop *loop, AttemptDone done, void *context)
{
	Attempt    *attempt = xcalloc(1, sizeof(Attempt));

	*place = attempt;
	attempt->place = place;
	attempt->upstream = upstream;
	attempt->loop = loop;
	attempt->done = done;
	attempt->context = context;
	attempt->link.fd = -1;
	try_address(attempt);
}

void
attempt_tick(Attempt *attempt, int64_t now)
{
	if (now > attempt->until)
		fail(attempt, xstrdup("no answer in time"));
	else if (attempt->step == STEP_AGAIN)
		open_address(attempt);
}
