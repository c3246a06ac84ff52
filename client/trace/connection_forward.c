/*
 * connection_forward.c
 *	  The bytes of a connection, each way.
 *
 * A chunk is read, written and only then observed: what observing takes lies in time
 * in which the program or the server works.  Nothing is read from one end before all
 * that was read from it has been taken by the other, so a connection holds one buffer
 * each way at most, and whoever sends faster than the other end takes waits in its own
 * kernel, as it would without us.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/connection_internal.h"
#include "trace/startup.h"
#include "util/clock.h"
#include "util/memory.h"

/* of our own round trips those of more bytes are not the ones that are counted by time */
#define SMALL_EXCHANGE 256

/* so many buffers in one go, so that others have their turn */
#define MOVES_A_TURN 8

/* What each end is waited for, by what is held. */
void
connection_watch(Connection *c)
{
	bool		up_held = c->up.held_from < c->up.held_to;
	bool		down_held = c->down.held_from < c->down.held_to;

	loop_wait_for(c->all->loop, &c->program_watch,
				  (!up_held && !c->up.ended ? LOOP_READ : 0) | (down_held ? LOOP_WRITE : 0));
	loop_wait_for(c->all->loop, &c->server_watch,
				  (!down_held && !c->down.ended ? LOOP_READ : 0) | (up_held ? LOOP_WRITE : 0));
}

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
		connection_part(c, INT64_MAX);
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
bool
connection_pass_on(Connection *c, Way *way, const unsigned char *bytes, size_t n, int64_t arrived)
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
	passed = connection_pass_on(c, &c->down, answers, length, arrived);
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
	return connection_pass_on(c, way, buffer, (size_t) got, arrived);
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

void
connection_server_ready(Watch *watch, int can)
{
	Connection *c = watch->owner;

	if ((can & LOOP_WRITE) && !write_held(c, &c->up))
		return;
	if ((can & LOOP_READ) && !move(c, &c->down))
		return;
	if (c->state == STATE_FORWARDING)
		connection_watch(c);
}

void
connection_program_ready(Connection *c, int can)
{
	if ((can & LOOP_WRITE) && !write_held(c, &c->down))
		return;
	if ((can & LOOP_READ) && !move(c, &c->up))
		return;
	if (c->state == STATE_FORWARDING)
		connection_watch(c);
}
