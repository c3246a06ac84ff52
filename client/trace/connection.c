/*
 * connection.c
 *	  A program's connection: its beginning, its end, and who gets none.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trace/connection_internal.h"
#include "trace/startup.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

/* how long a start-up packet may take, as authentication_timeout is by default */
#define STARTUP_TIMEOUT_NS (60 * NS_PER_S)

/* how long somebody who was told that nothing will become of it may take to hang up */
#define PARTING_NS (5 * NS_PER_S)

/* SSLRequest and GSSENCRequest, once each, and again after a change of mind */
#define MAX_ENCRYPTION_REQUESTS 4

/* each complaint is made so often */
#define MAX_COMPLAINTS 5

/* who connects beyond the limit is told so, as long as there are no more of these */
#define MAX_REFUSED 8

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

void
connection_close(Connection *c)
{
	Connections *all = c->all;

	if (c->traced != NULL)
		trace_closed(c->traced);
	if (c->attempt != NULL)
		attempt_end(c->attempt);
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

/* Nothing more will be said to the program; when it hangs up, so do we. */
void
connection_part(Connection *c, int64_t until)
{
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
	connection_part(c, now_ns() + PARTING_NS);
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
	c->state = STATE_FORWARDING;
	c->server = link;
	c->request_arrived = now;
	c->server_watch = (Watch) {.fd = link.fd, .ready = connection_server_ready, .owner = c};
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
	if (c->npacket > length && !connection_pass_on(c, &c->up, c->packet + length, c->npacket - length, now))
		return;
	free(c->packet);
	c->packet = NULL;
	connection_watch(c);
}

static void
connect_to_server(Connection *c, bool cancel)
{
	c->cancel = cancel;
	c->state = STATE_CONNECTING;
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
		connection_program_ready(c, can);
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
