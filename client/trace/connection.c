/*
 * connection.c
 *	  A program's connection and the server's connection that it is forwarded to.
 *
 * A chunk is read, written and only then observed: what observing takes lies in time
 * in which the program or the server works.  Nothing is read from one end before all
 * that was read from it has been taken by the other, so a connection holds one buffer
 * each way at most, and whoever sends faster than the other end takes waits in its own
 * kernel, as it would without us.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trace/connection.h"
#include "trace/startup.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

#define BUFFER_SIZE (64 * 1024)

/* so many buffers in one go, so that others have their turn */
#define MOVES_A_TURN 8

/* how long a start-up packet may take, as authentication_timeout is by default */
#define STARTUP_TIMEOUT_NS (60 * NS_PER_S)

/* how long somebody who was told that nothing will become of it may take to hang up */
#define PARTING_NS (5 * NS_PER_S)

/* SSLRequest and GSSENCRequest, once each, and again after a change of mind */
#define MAX_ENCRYPTION_REQUESTS 4

/* of our own round trips those of more bytes are not the ones that are counted by time */
#define SMALL_EXCHANGE 256

/* each complaint is made so often */
#define MAX_COMPLAINTS 5

/* who connects beyond the limit is told so, as long as there are no more of these */
#define MAX_REFUSED 8

typedef enum State
{
	STATE_STARTUP,				/* the program says what it wants */
	STATE_CONNECTING,			/* so we connect to the server */
	STATE_FORWARDING,
	STATE_PARTING				/* all is said to the program: it is to hang up */
} State;

/* one direction */
typedef struct Way
{
	Link	   *from;
	Link	   *to;
	unsigned char *held;		/* BUFFER_SIZE bytes, once they are needed */
	size_t		held_from;		/* those from here ... */
	size_t		held_to;		/* to here are still to be written */
	int64_t		arrived;		/* when they were read */
	bool		ended;			/* nothing comes any more */
	bool		end_passed;
} Way;

struct Connection
{
	Connections *all;
	Connection *next;
	Connection *previous;
	State		state;
	bool		own;
	bool		refused;
	bool		cancel;
	int			encryption_requests;
	int64_t		until;			/* start-up, parting: when it is given up */
	Link		program;
	Link		server;
	Watch		program_watch;
	Watch		server_watch;
	Way			up;
	Way			down;
	unsigned char *packet;		/* the start-up packet, and what came with it */
	size_t		npacket;
	size_t		packet_length;
	unsigned char *first_answers;	/* while a way to prove a password may have to be withheld */
	size_t		nfirst_answers;
	Attempt    *attempt;
	TracedConnection *traced;
	size_t		exchanged;		/* own: bytes of the last request and its answer */
	int64_t		request_arrived;	/* own: when the first of them was read */
	int64_t		answer_passed;	/* own: when the last of its answer was handed on */
};

void
complain(Connections *all, Complaint complaint, const char *format,...)
{
	char		text[1024];
	va_list		args;
	int			n = ++all->complaints[complaint];

	if (n > MAX_COMPLAINTS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (all->line_shown)
		fputs("\r\033[K", stderr);
	all->line_shown = false;
	print_warning("%s%s", text, n == MAX_COMPLAINTS ? " (more of these are counted, and not said)" : "");
}

static void
connection_close(Connection *c)
{
	Connections *all = c->all;

	if (c->traced != NULL)
		trace_closed(c->traced);
	if (c->attempt != NULL)
		attempt_end(c->attempt);
	if (c->state == STATE_CONNECTING)
		all->nconnecting--;
	loop_end_watch(all->loop, &c->program_watch);
	if (c->server.fd >= 0)
		loop_end_watch(all->loop, &c->server_watch);
	link_close(&c->program);
	link_close(&c->server);
	if (c->next != NULL)
		c->next->previous = c->previous;
	*(c->previous != NULL ? &c->previous->next : &all->first) = c->next;
	all->n -= !c->own;
	all->nrefused -= c->refused;
	free(c->up.held);
	free(c->down.held);
	free(c->packet);
	free(c->first_answers);
	free(c);
}

/* What each end is waited for, by what is held. */
static void
watch_both(Connection *c)
{
	bool		up_held = c->up.held_from < c->up.held_to;
	bool		down_held = c->down.held_from < c->down.held_to;

	loop_wait_for(c->all->loop, &c->program_watch,
				  (!up_held && !c->up.ended ? LOOP_READ : 0) | (down_held ? LOOP_WRITE : 0));
	loop_wait_for(c->all->loop, &c->server_watch,
				  (!down_held && !c->down.ended ? LOOP_READ : 0) | (up_held ? LOOP_WRITE : 0));
}

/* Nothing more will be said to the program; when it hangs up, so do we. */
static void
part(Connection *c, int64_t until)
{
	if (c->state == STATE_CONNECTING)
		c->all->nconnecting--;
	c->state = STATE_PARTING;
	c->until = until;
	if (c->server.fd >= 0)
		loop_end_watch(c->all->loop, &c->server_watch);
	link_close(&c->server);
	if (c->traced != NULL)
		trace_closed(c->traced);
	c->traced = NULL;
	link_end_writing(&c->program);
	loop_wait_for(c->all->loop, &c->program_watch, LOOP_READ);
}

/* Tell the program why it gets no server.  A fresh connection takes a short message at once. */
static void
refuse(Connection *c, const char *sqlstate, const char *message)
{
	ByteBuffer	error = {0};

	startup_add_error(&error, sqlstate, message);
	link_write(&c->program, error.bytes, error.length);
	free(error.bytes);
	part(c, now_ns() + PARTING_NS);
}

/* ------------------------------------------------------------------------
 * Forwarding
 * ------------------------------------------------------------------------
 */

/* Bytes have been handed on. */
static void
observe(Connection *c, const Way *way, const unsigned char *bytes, size_t n, int64_t arrived,
		int64_t forwarded)
{
	bool		up = way == &c->up;

	if (c->own)
	{
		Connections *all = c->all;

		if (up && c->answer_passed > c->request_arrived)
		{
			/* the next request: what was the one before? */
			if (c->exchanged < SMALL_EXCHANGE && all->ninside < MAX_INSIDE)
				all->inside_ns[all->ninside++] = c->answer_passed - c->request_arrived;
			c->request_arrived = arrived;
			c->exchanged = 0;
		}
		if (!up)
			c->answer_passed = forwarded;
		c->exchanged += n;
	}
	else
		*(up ? &c->all->bytes_up : &c->all->bytes_down) += (int64_t) n;
	if (c->traced == NULL)
		return;
	if (up)
		trace_from_program(c->traced, bytes, n, arrived, forwarded);
	else
		trace_from_server(c->traced, bytes, n, arrived, forwarded);
}

/*
 * The receiver is gone.  A program that is gone wants nothing any more; of a server
 * there may be last words to read, which say why.  False where the connection is closed.
 */
static bool
receiver_gone(Connection *c, Way *way)
{
	if (way == &c->down)
	{
		connection_close(c);
		return false;
	}
	way->held_from = way->held_to = 0;
	way->ended = way->end_passed = true;
	return true;
}

/* What has come to its end is ended for the other side too; false where the connection is closed. */
static bool
pass_end(Connection *c, Way *way)
{
	if (!way->ended || way->end_passed || way->held_from < way->held_to)
		return true;
	way->end_passed = true;
	if (way == &c->down)
	{
		/*
		 * Nobody is left whom the program could say anything to.  What it has said and
		 * we have not read would, if we closed now, take the server's last words from it.
		 */
		part(c, INT64_MAX);
		return false;
	}
	link_end_writing(way->to);
	return true;
}

/* Write what is held; false where the connection is closed. */
static bool
write_held(Connection *c, Way *way)
{
	unsigned char *bytes = way->held + way->held_from;
	ssize_t		put = link_write(way->to, bytes, way->held_to - way->held_from);

	if (put == LINK_GONE)
		return receiver_gone(c, way);
	if (put > 0)
	{
		way->held_from += (size_t) put;
		if (way->held_from == way->held_to)
			way->held_from = way->held_to = 0;
		observe(c, way, bytes, (size_t) put, way->arrived, now_ns());
	}
	return pass_end(c, way);
}

/* Keep what could not be written at once. */
static void
hold(Way *way, const unsigned char *bytes, size_t n, int64_t arrived)
{
	if (way->held == NULL)
		way->held = xcalloc(1, BUFFER_SIZE);
	memcpy(way->held, bytes, n);
	way->held_from = 0;
	way->held_to = n;
	way->arrived = arrived;
}

/* Write n bytes, BUFFER_SIZE at most, and hold what does not go; false where the connection is closed. */
static bool
pass_on(Connection *c, Way *way, const unsigned char *bytes, size_t n, int64_t arrived)
{
	ssize_t		put = link_write(way->to, bytes, n);
	int64_t		forwarded = now_ns();

	if (put == LINK_GONE)
		return receiver_gone(c, way);
	if (put < 0)
		put = 0;
	if ((size_t) put < n)
		hold(way, bytes + put, n - (size_t) put, arrived);
	if (put > 0)
		observe(c, way, bytes, (size_t) put, arrived, forwarded);
	return true;
}

/*
 * The server's answers before it has said how a password is to be proved: gathered,
 * amended, and passed on together.
 */
static bool
pass_first_answers(Connection *c, const unsigned char *bytes, size_t n, int64_t arrived)
{
	unsigned char *answers;
	size_t		length;
	bool		passed;

	memcpy(c->first_answers + c->nfirst_answers, bytes, n);
	c->nfirst_answers += n;
	length = c->nfirst_answers;
	if (!startup_withhold_binding(c->first_answers, &length) && c->nfirst_answers <= BUFFER_SIZE / 2)
		return true;
	answers = c->first_answers;
	c->first_answers = NULL;
	passed = pass_on(c, &c->down, answers, length, arrived);
	free(answers);
	return passed;
}

/* Read what is there, a buffer at most, and hand it on; false where the connection is closed. */
static bool
move_once(Connection *c, Way *way, bool *more)
{
	static unsigned char buffer[BUFFER_SIZE];
	size_t		room = way == &c->down && c->first_answers != NULL ? BUFFER_SIZE - c->nfirst_answers : BUFFER_SIZE;
	ssize_t		got = link_read(way->from, buffer, room);
	int64_t		arrived = now_ns();

	*more = false;
	if (got == LINK_WAIT)
		return true;
	if (got == LINK_GONE && way == &c->up)
	{
		connection_close(c);
		return false;
	}
	if (got <= 0)
	{
		way->ended = true;
		return pass_end(c, way);
	}
	*more = got == BUFFER_SIZE;
	if (way == &c->down && c->first_answers != NULL)
		return pass_first_answers(c, buffer, (size_t) got, arrived);
	return pass_on(c, way, buffer, (size_t) got, arrived);
}

/* Where a buffer was full there is more, mostly: some of it without asking; false where it is closed. */
static bool
move(Connection *c, Way *way)
{
	bool		more = true;

	for (int i = 0; i < MOVES_A_TURN && more && way->held_from == way->held_to && !way->ended; i++)
		if (!move_once(c, way, &more))
			return false;
	return true;
}

static void
server_ready(Watch *watch, int can)
{
	Connection *c = watch->owner;

	if ((can & LOOP_WRITE) && !write_held(c, &c->up))
		return;
	if ((can & LOOP_READ) && !move(c, &c->down))
		return;
	if (c->state == STATE_FORWARDING)
		watch_both(c);
}

/* ------------------------------------------------------------------------
 * The beginning
 * ------------------------------------------------------------------------
 */

/* The server is connected, or cannot be; an AttemptDone. */
static void
server_connected(void *context, Link link, const char *why)
{
	Connection *c = context;
	Connections *all = c->all;
	size_t		length = c->packet_length;
	int64_t		now = now_ns();

	if (link.fd < 0)
	{
		char	   *message = xasprintf("dbos_payload_bench trace could not connect to the server: %s", why);

		complain(all, COMPLAINT_NO_SERVER, "could not connect to the server for a program: %s", why);
		refuse(c, "08006", message);
		free(message);
		return;
	}
	all->nconnecting--;
	c->state = STATE_FORWARDING;
	c->server = link;
	c->request_arrived = now;
	c->server_watch = (Watch) {.fd = link.fd, .ready = server_ready, .owner = c};
	if (link.ssl != NULL && !c->cancel)
		c->first_answers = xcalloc(1, BUFFER_SIZE);

	/* a new connection's kernel has room for it */
	if (link_write(&c->server, c->packet, length) != (ssize_t) length)
	{
		refuse(c, "08006", "dbos_payload_bench trace lost the server while it connected");
		return;
	}
	if (!c->cancel)
		c->traced = trace_connection(c->own ? all->own_trace : all->trace);
	if (!c->own)
		*(c->cancel ? &all->cancels : &all->forwarded) += 1;
	if (c->npacket > length && !pass_on(c, &c->up, c->packet + length, c->npacket - length, now))
		return;
	free(c->packet);
	c->packet = NULL;
	watch_both(c);
}

static void
connect_to_server(Connection *c, bool cancel)
{
	c->cancel = cancel;
	c->state = STATE_CONNECTING;
	c->all->nconnecting++;
	loop_wait_for(c->all->loop, &c->program_watch, 0);
	attempt_begin(&c->attempt, c->all->upstream, c->all->loop, server_connected, c);
}

/* No TLS towards the program: it goes on without, or hangs up. */
static void
answer_encryption(Connection *c)
{
	size_t		left = c->npacket - c->packet_length;

	memmove(c->packet, c->packet + c->packet_length, left);
	c->npacket = left;
	link_write(&c->program, "N", 1);
}

/* Somebody who will not be served. */
static void
turn_away(Connection *c, StartupKind kind)
{
	switch (kind)
	{
		case STARTUP_HTTP:
			complain(c->all, COMPLAINT_NOT_POSTGRESQL,
					 "what connected speaks HTTP; this port is for programs that speak PostgreSQL's protocol");
			break;
		case STARTUP_TLS:
			complain(c->all, COMPLAINT_TLS,
					 "a program began with TLS, without asking whether there is any; there is none here: put sslmode=disable into its URL (and no sslnegotiation=direct)");
			break;
		case STARTUP_OTHER_VERSION:
			complain(c->all, COMPLAINT_VERSION, "a program asked for a version of PostgreSQL's protocol that is not 3");
			break;
		default:
			complain(c->all, COMPLAINT_NOT_POSTGRESQL,
					 "what connected does not speak PostgreSQL's protocol");
			break;
	}
	refuse(c, kind == STARTUP_OTHER_VERSION ? "0A000" : "08P01",
		   kind == STARTUP_OTHER_VERSION ? "dbos_payload_bench trace forwards version 3 of the protocol" :
		   kind == STARTUP_TLS ? "dbos_payload_bench trace has no TLS towards programs: connect with sslmode=disable" :
		   "this is dbos_payload_bench trace, which forwards PostgreSQL's protocol");
}

/* The program has hung up, or was lost, before it said what it wanted. */
static void
program_left(Connection *c)
{
	if (c->encryption_requests > 0 && c->npacket == 0)
		complain(c->all, COMPLAINT_TLS,
				 "a program hung up when it was told that there is no TLS here; if it insists on TLS, put sslmode=disable into its URL");
	connection_close(c);
}

/* Bytes of the start-up. */
static void
read_startup(Connection *c)
{
	ssize_t		got = link_read(&c->program, c->packet + c->npacket, STARTUP_MAX - c->npacket);

	if (got == LINK_WAIT)
		return;
	if (got <= 0)
	{
		program_left(c);
		return;
	}
	c->npacket += (size_t) got;
	for (;;)
	{
		StartupKind kind = startup_read(c->packet, c->npacket, &c->packet_length);

		switch (kind)
		{
			case STARTUP_MORE:
				return;
			case STARTUP_SESSION:
				if (!c->refused)
					connect_to_server(c, false);
				else
				{
					char	   *message = xasprintf("dbos_payload_bench trace forwards %d connections at once and no more (by its limit of open files: ulimit -n)",
													c->all->max);

					refuse(c, "53300", message);
					free(message);
				}
				return;
			case STARTUP_CANCEL:
				connect_to_server(c, true);
				return;
			case STARTUP_ENCRYPTION:
				if (++c->encryption_requests <= MAX_ENCRYPTION_REQUESTS)
				{
					answer_encryption(c);
					continue;
				}
				kind = STARTUP_UNKNOWN;
				/* FALLTHROUGH */
			default:
				turn_away(c, kind);
				return;
		}
	}
}

/* Nobody listens any more to what the program says: read until it hangs up. */
static void
read_parting(Connection *c)
{
	char		dropped[4096];
	ssize_t		got = link_read(&c->program, dropped, sizeof(dropped));
	int64_t		until = now_ns() + PARTING_NS;

	if (got == 0 || got == LINK_GONE)
		connection_close(c);
	else if (c->until > until)
		c->until = until;
}

static void
program_ready(Watch *watch, int can)
{
	Connection *c = watch->owner;

	if (c->state == STATE_STARTUP)
		read_startup(c);
	else if (c->state == STATE_PARTING)
		read_parting(c);
	else
	{
		if ((can & LOOP_WRITE) && !write_held(c, &c->down))
			return;
		if ((can & LOOP_READ) && !move(c, &c->up))
			return;
		if (c->state == STATE_FORWARDING)
			watch_both(c);
	}
}

void
connection_accept(Connections *all, int fd, bool own)
{
	bool		refused = !own && all->n - all->nrefused >= all->max;
	Connection *c;

	if (refused)
		complain(all, COMPLAINT_TOO_MANY,
				 "%d connections are forwarded at once and no more, by the limit of open files (ulimit -n): one was refused",
				 all->max);
	if (refused && all->nrefused >= MAX_REFUSED)
	{
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(Connection));
	link_prepare_socket(fd);
	c->all = all;
	c->own = own;
	c->refused = refused;
	c->until = now_ns() + STARTUP_TIMEOUT_NS;
	c->program = (Link) {fd, NULL};
	c->server = (Link) {-1, NULL};
	c->program_watch = (Watch) {.fd = fd, .ready = program_ready, .owner = c};
	c->up.from = c->down.to = &c->program;
	c->up.to = c->down.from = &c->server;
	c->packet = xcalloc(1, STARTUP_MAX);
	c->next = all->first;
	if (c->next != NULL)
		c->next->previous = c;
	all->first = c;
	all->n += !own;
	all->nrefused += refused;
	loop_wait_for(all->loop, &c->program_watch, LOOP_READ);
}

/* ------------------------------------------------------------------------
 * All of them
 * ------------------------------------------------------------------------
 */

void
connections_tick(Connections *all)
{
	int64_t		now = now_ns();
	Connection *next;

	for (Connection *c = all->first; c != NULL; c = next)
	{
		next = c->next;
		if (c->attempt != NULL)
			attempt_tick(c->attempt, now);
		else if ((c->state == STATE_STARTUP || c->state == STATE_PARTING) && now > c->until)
			connection_close(c);
	}
}

void
connections_end(Connections *all)
{
	while (all->first != NULL)
		connection_close(all->first);
}
