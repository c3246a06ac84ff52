/*
 * load.c
 *	  Many connections at once, in one event loop.
 *
 * One thread: a step costs the client three system calls, of which the one that waits is
 * shared by all answers that have come meanwhile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "pg/load.h"
#include "pg/session_internal.h"
#include "util/interrupt.h"
#include "util/memory.h"

/* the loop wakes up this often to see a signal that came just before it slept */
#define WAKE_MS 100

/* how long answers may still come after a signal, before they are cancelled */
#define STOP_PATIENCE_NS NS_PER_S

#define MAX_EVENTS 64

/* a connection under way */
typedef struct Lane
{
	Session    *session;
	LoadTurn	turn;
	LoadSample	sample;
	int			nanswered;		/* calls of the turn */
	bool		busy;
	bool		writing;		/* epoll tells when the socket takes more */
} Lane;

typedef struct Loop
{
	Load	   *load;
	Lane	   *lanes;			/* the watcher's is the last */
	int		   *idle;			/* lanes without a turn, in an open loop */
	int			nidle;
	int			nbusy;			/* without the watcher's */
	int			epoll;
	int			timer;			/* -1: none */
	int64_t		due;			/* of the next turn, in an open loop */
	int64_t		watch_at;
	int64_t		stop_at;		/* nothing is sent from then on; grows nearer by a signal or a failure */
} Loop;

static bool
is_open(const Load *load)
{
	return load->rate > 0;
}

static Lane *
watcher_lane(Loop *loop)
{
	return &loop->lanes[loop->load->nsessions];
}

static void
fail(Loop *loop, Lane *lane)
{
	if (loop->load->failed == NULL)
		loop->load->failed = lane->session;
	loop->stop_at = 0;
}

static void
keep_sample(Load *load, const LoadSample *sample)
{
	if (load->nsamples == load->capacity)
	{
		load->capacity = load->capacity > 0 ? 2 * load->capacity : 16384;
		load->samples = xrealloc(load->samples, (size_t) load->capacity * sizeof(LoadSample));
	}
	load->samples[load->nsamples++] = *sample;
}

/* ------------------------------------------------------------------------
 * One connection
 * ------------------------------------------------------------------------
 */

/* Is epoll to tell when the socket takes more? */
static bool
flush(Loop *loop, Lane *lane)
{
	bool		pending;

	if (!session_flush(lane->session, &pending))
		return false;
	if (pending != lane->writing)
	{
		struct epoll_event event = {.events = pending ? EPOLLIN | EPOLLOUT : EPOLLIN,
		.data.u32 = (uint32_t) (lane - loop->lanes)};

		if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, PQsocket(lane->session->conn), &event) != 0)
		{
			session_fail(lane->session, strerror(errno), NULL);
			return false;
		}
		lane->writing = pending;
	}
	return true;
}

#ifdef LIBPQ_HAS_PIPELINING
#define ENTER_PIPELINE(conn) PQenterPipelineMode(conn)
#define EXIT_PIPELINE(conn) PQexitPipelineMode(conn)
#define SYNC(conn) PQpipelineSync(conn)
#define IS_SYNC(status) ((status) == PGRES_PIPELINE_SYNC)
#else
/* the options see to it that nobody asks for a pipeline */
#define ENTER_PIPELINE(conn) 0
#define EXIT_PIPELINE(conn) 0
#define SYNC(conn) 0
#define IS_SYNC(status) false
#endif

static bool
send_turn(Loop *loop, Lane *lane)
{
	Session    *session = lane->session;
	bool		many = lane->turn.ncalls > 1;
	RoundTrip	trip = {.encode_end = lane->sample.sent};
	bool		ok = true;

	for (int i = 0; i < lane->turn.ncalls && ok; i++)
		ok = session_prepare(session, lane->turn.calls[i].statement);
	if (ok && many && !ENTER_PIPELINE(session->conn))
		ok = session_fail_libpq(session);
	for (int i = 0; i < lane->turn.ncalls && ok; i++)
	{
		ok = session_send_extended(session, lane->turn.calls[i].statement, lane->turn.calls[i].params, true, &trip);
		if (ok && many && !SYNC(session->conn))
			ok = session_fail_libpq(session);
	}
	lane->nanswered = 0;
	lane->busy = true;
	return ok && flush(loop, lane);
}

/* The next turn of a connection that has none. */
static void
begin_turn(Loop *loop, Lane *lane, int64_t now)
{
	Load	   *load = loop->load;

	lane->sample = (LoadSample) {now, now, 0};
	if (is_open(load))
	{
		double		gap = (double) NS_PER_S / load->rate;

		lane->sample.due = loop->due;
		loop->due += (int64_t) (load->random != NULL ? random_exponential(load->random, gap) : gap);
	}
	load->next(load->context, (int) (lane - loop->lanes), &lane->turn);
	loop->nbusy++;
	if (!send_turn(loop, lane))
		fail(loop, lane);
}

static void
begin_watch(Loop *loop, int64_t now)
{
	Lane	   *lane = watcher_lane(loop);
	PipelineCall call = {loop->load->watch, loop->load->watch_params};

	lane->turn = (LoadTurn) {&call, 1};
	loop->watch_at = now + loop->load->watch_ns;
	if (!send_turn(loop, lane))
		fail(loop, lane);
}

/* What has come; true once all of the turn is answered, or has failed. */
static bool
take_results(Loop *loop, Lane *lane)
{
	Session    *session = lane->session;
	bool		many = lane->turn.ncalls > 1;

	while (!PQisBusy(session->conn))
	{
		PGresult   *result = PQgetResult(session->conn);
		ExecStatusType status;

		if (result == NULL)
		{
			if (!many)
				return true;
			continue;			/* the end of one call's results */
		}
		status = PQresultStatus(result);
		if (IS_SYNC(status))
			lane->nanswered++;
		else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		{
			session_fail_result(session, result);
			fail(loop, lane);
		}
		else if (lane == watcher_lane(loop))
			loop->load->watched(loop->load->context, result);
		PQclear(result);
		if (many && lane->nanswered == lane->turn.ncalls)
		{
			if (!EXIT_PIPELINE(session->conn))
			{
				session_fail_libpq(session);
				fail(loop, lane);
			}
			return true;
		}
		if (PQstatus(session->conn) == CONNECTION_BAD)
		{
			session->lost = true;
			return true;
		}
	}
	return false;
}

static void
end_turn(Loop *loop, Lane *lane, int64_t now)
{
	Load	   *load = loop->load;

	lane->busy = false;
	if (lane == watcher_lane(loop))
		return;
	loop->nbusy--;
	lane->sample.answered = now;
	if (load->failed == NULL)
		keep_sample(load, &lane->sample);
	if (is_open(load))
		loop->idle[loop->nidle++] = (int) (lane - loop->lanes);
	else if (now < loop->stop_at)
		begin_turn(loop, lane, now);
}

static void
handle_event(Loop *loop, Lane *lane, uint32_t events)
{
	int64_t		now;

	if (!lane->busy)
	{
		/* unasked: a notice, or the end of the connection */
		if (!PQconsumeInput(lane->session->conn))
		{
			session_fail_libpq(lane->session);
			lane->session->lost = true;
			fail(loop, lane);
		}
		return;
	}
	if ((events & EPOLLOUT) && !flush(loop, lane))
	{
		fail(loop, lane);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
		return;
	if (!PQconsumeInput(lane->session->conn))
	{
		session_fail_libpq(lane->session);
		lane->session->lost = true;
		fail(loop, lane);
		return;
	}
	now = now_ns();
	if (take_results(loop, lane))
		end_turn(loop, lane, now);
}

/* ------------------------------------------------------------------------
 * All of them
 * ------------------------------------------------------------------------
 */

static bool
add_socket(Loop *loop, int fd, uint32_t number)
{
	struct epoll_event event = {.events = EPOLLIN,.data.u32 = number};

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
open_loop(Loop *loop)
{
	Load	   *load = loop->load;
	bool		ok = loop->epoll >= 0 && (!is_open(load) || loop->timer >= 0);

	for (int i = 0; i < load->nsessions && ok; i++)
		ok = add_socket(loop, PQsocket(load->sessions[i].conn), (uint32_t) i);
	if (ok && load->watcher != NULL)
		ok = add_socket(loop, PQsocket(load->watcher->conn), (uint32_t) load->nsessions);
	if (ok && is_open(load))
		ok = add_socket(loop, loop->timer, UINT32_MAX);
	if (!ok)
	{
		session_fail(&load->sessions[0], strerror(errno), NULL);
		load->failed = &load->sessions[0];
	}
	return ok;
}

/* The timer rings when the next turn is due; epoll's own waits are whole milliseconds. */
static void
set_timer(const Loop *loop)
{
	struct itimerspec at = {.it_value = {loop->due / NS_PER_S, loop->due % NS_PER_S}};

	timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

/* Sends what is due; is there more to come, or to wait for? */
static bool
go_on(Loop *loop)
{
	Load	   *load = loop->load;
	int64_t		now = now_ns();
	bool		more;

	if (interrupted() && loop->stop_at > now)
		loop->stop_at = now;
	more = now < loop->stop_at && (is_open(load) ? loop->due < load->until : true);
	while (more && is_open(load) && loop->nidle > 0 && loop->due <= now)
	{
		begin_turn(loop, &loop->lanes[loop->idle[--loop->nidle]], now);
		more = now < loop->stop_at && loop->due < load->until;
	}
	if (more && is_open(load) && loop->nidle > 0)
		set_timer(loop);
	if (load->watcher != NULL && more && now >= loop->watch_at && !watcher_lane(loop)->busy)
		begin_watch(loop, now);
	return more || loop->nbusy > 0 || watcher_lane(loop)->busy;
}

/* Has something under way been silent for too long, or was everything stopped long ago? */
static bool
is_stuck(const Loop *loop)
{
	const Load *load = loop->load;
	int64_t		now = now_ns();
	int64_t		timeout = load->sessions[0].settings->timeout_s * NS_PER_S;

	if ((interrupted() || load->failed != NULL) && now - loop->stop_at > STOP_PATIENCE_NS)
		return true;
	for (int i = 0; i < load->nsessions && timeout > 0; i++)
		if (loop->lanes[i].busy && now - loop->lanes[i].sample.sent > timeout)
			return true;
	return false;
}

static void
run_loop(Loop *loop)
{
	int64_t		looked = now_ns();

	while (go_on(loop))
	{
		struct epoll_event events[MAX_EVENTS];
		int64_t		left = (loop->watch_at - now_ns()) / NS_PER_MS + 1;
		int			wait = loop->load->watcher != NULL && left < WAKE_MS ? (left > 0 ? (int) left : 0) : WAKE_MS;
		int			n = epoll_wait(loop->epoll, events, MAX_EVENTS, wait);

		for (int i = 0; i < n; i++)
		{
			uint64_t	rings;

			if (events[i].data.u32 != UINT32_MAX)
				handle_event(loop, &loop->lanes[events[i].data.u32], events[i].events);
			else if (read(loop->timer, &rings, sizeof(rings)) < 0)
				continue;		/* set anew meanwhile */
		}
		if (now_ns() - looked > WAKE_MS * NS_PER_MS)
		{
			looked = now_ns();
			if (is_stuck(loop))
				return;
		}
	}
}

/* What is under way, to its end, cancelled where a signal or --timeout wants it. */
static void
end_calls(Loop *loop)
{
	for (int i = 0; i <= loop->load->nsessions; i++)
	{
		Lane	   *lane = &loop->lanes[i];
		RoundTrip	trip = {0};
		PGresult   *result;

		if (!lane->busy || lane->session == NULL)
			continue;
		if (lane->turn.ncalls > 1 || lane->session->lost)
		{
			lane->session->lost = true; /* its answers cannot be told apart any more */
			if (lane->session->error == NULL)
				session_fail(lane->session, "the server did not answer in time", NULL);
			fail(loop, lane);
			continue;
		}
		result = session_receive(lane->session, &trip);
		if (result == NULL && !interrupted())
			fail(loop, lane);
		PQclear(result);
	}
}

bool
load_run(Load *load)
{
	Loop		loop = {.load = load,.timer = -1};

	load->nsamples = 0;
	load->nunsent = 0;
	load->failed = NULL;
	loop.lanes = xcalloc((size_t) load->nsessions + 1, sizeof(Lane));
	loop.idle = xcalloc((size_t) load->nsessions, sizeof(int));
	for (int i = 0; i < load->nsessions; i++)
		loop.lanes[i].session = &load->sessions[i];
	watcher_lane(&loop)->session = load->watcher;
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (is_open(load))
		loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	load->began = loop.due = loop.watch_at = now_ns();
	load->until = load->began + load->duration_ns;
	loop.stop_at = is_open(load) ? load->until + load->duration_ns : load->until;

	if (open_loop(&loop))
	{
		for (int i = load->nsessions - 1; i >= 0; i--)
		{
			if (is_open(load))
				loop.idle[loop.nidle++] = i;
			else if (load->failed == NULL)
				begin_turn(&loop, &loop.lanes[i], now_ns());
		}
		run_loop(&loop);
		end_calls(&loop);
		if (is_open(load) && loop.due < load->until)
			load->nunsent = (int64_t) ((double) (load->until - loop.due) / (double) NS_PER_S * load->rate) + 1;
	}
	if (loop.timer >= 0)
		close(loop.timer);
	if (loop.epoll >= 0)
		close(loop.epoll);
	free(loop.lanes);
	free(loop.idle);
	return load->failed == NULL;
}

void
load_free(Load *load)
{
	free(load->samples);
	load->samples = NULL;
	load->nsamples = load->capacity = 0;
}
