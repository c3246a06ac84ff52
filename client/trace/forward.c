/*
 * forward.c
 *	  Standing between programs and their server: the beginning, the loop, the end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pg/conninfo.h"
#include "statistics/percentile.h"
#include "trace/calibrate.h"
#include "trace/connection.h"
#include "trace/forward.h"
#include "trace/listen.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

/* descriptors that are not programs' and servers': files, libraries, listening, refusing */
#define RESERVED_DESCRIPTORS 40

/* by the limit of open files there are fewer, mostly */
#define MAX_CONNECTIONS 10000

/* fewer than this are worth a word at the start */
#define FEW_CONNECTIONS 64

/* a turn of the loop lasts so long at most: signals, the clock, late servers */
#define TICK_MS 100

/* after a descriptor could not be had for a program: how long nobody is accepted */
#define NO_DESCRIPTORS_NS NS_PER_S

#define ACCEPTS_A_TURN 64

/* measuring takes two seconds, and more where a round trip takes more than 10 ms */
#define CALIBRATION_NS (20 * NS_PER_S)

typedef struct Forwarder Forwarder;

/* a socket that is listened on */
typedef struct Door
{
	Watch		watch;
	Forwarder  *forwarder;
	bool		own;			/* for our own sessions */
} Door;

struct Forwarder
{
	const ForwardSettings *settings;
	bool		logged_in;		/* our own sessions can be */
	char	   *user;			/* of CONNINFO, for the program's URL */
	char	   *database;
	Upstream	upstream;
	Loop	   *loop;
	Connections connections;
	Calibrator *calibrator;
	bool		calibrating;
	bool		calibration_failed;
	Listeners	listeners;		/* for programs */
	Listeners	own_listeners;
	Door		doors[MAX_LISTENERS + 1];
	int			ndoors;
	int64_t		closed_until;	/* nobody is accepted; 0: they are */
	int64_t		began;
	int64_t		shown;
};

/* ------------------------------------------------------------------------
 * Who connects
 * ------------------------------------------------------------------------
 */

static void
open_doors(Forwarder *f, bool open)
{
	for (int i = 0; i < f->ndoors; i++)
		loop_wait_for(f->loop, &f->doors[i].watch, open ? LOOP_READ : 0);
}

static void
somebody_knocks(Watch *watch, int can)
{
	Door	   *door = watch->owner;
	Forwarder  *f = door->forwarder;

	(void) can;
	for (int i = 0; i < ACCEPTS_A_TURN; i++)
	{
		int			fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
		{
			connection_accept(&f->connections, fd, door->own);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
		{
			/* who waits at the door would wake us up all the time */
			complain(&f->connections, COMPLAINT_DESCRIPTORS, "a program could not be accepted: %s", strerror(errno));
			f->closed_until = now_ns() + NO_DESCRIPTORS_NS;
			open_doors(f, false);
		}
		return;
	}
}

static void
add_doors(Forwarder *f, const Listeners *listeners, bool own)
{
	for (int i = 0; i < listeners->n; i++)
	{
		Door	   *door = &f->doors[f->ndoors++];

		door->forwarder = f;
		door->own = own;
		door->watch = (Watch) {.fd = listeners->fds[i], .ready = somebody_knocks, .owner = door};
	}
}

/* As many connections as descriptors allow, two for each. */
static int
connection_limit(void)
{
	struct rlimit files;
	rlim_t		wanted = 2 * MAX_CONNECTIONS + RESERVED_DESCRIPTORS;
	int			limit;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return FEW_CONNECTIONS;
	if (files.rlim_cur < wanted)
	{
		files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &files);
		getrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur >= wanted)
		return MAX_CONNECTIONS;
	limit = ((int) files.rlim_cur - RESERVED_DESCRIPTORS) / 2;
	return limit > 1 ? limit : 1;
}

/* ------------------------------------------------------------------------
 * What tracing adds
 * ------------------------------------------------------------------------
 */

/* A CalibrationDone. */
static void
calibrated(void *context, const CalibrationAnswer *answer)
{
	Forwarder  *f = context;
	Connections *all = &f->connections;
	TraceCalibration calibration = {0};

	f->calibrating = false;
	if (answer->rounds == 0)
	{
		if (!f->calibration_failed)
			print_warning("what tracing adds could not be measured: %s", answer->why);
		f->calibration_failed = true;
		return;
	}
	calibration.rounds = answer->rounds;
	calibration.direct_ns = answer->direct_ns;
	calibration.through_ns = answer->through_ns;
	calibration.up_ns_per_byte = answer->up_ns_per_byte;
	calibration.down_ns_per_byte = answer->down_ns_per_byte;
	if (all->ninside > 0)
		calibration.program_side_ns = answer->through_ns - median_int64(all->inside_ns, all->ninside);
	all->ninside = 0;
	trace_calibration(all->trace, &calibration);
}

static void
start_calibration(Forwarder *f)
{
	if (!f->logged_in)
		return;
	f->calibrating = true;
	f->connections.ninside = 0;
	calibrator_ask(f->calibrator, f->loop, f->own_listeners.port, calibrated, f);
}

/* ------------------------------------------------------------------------
 * The beginning
 * ------------------------------------------------------------------------
 */

typedef struct ServerThere
{
	bool		known;
	bool		there;
} ServerThere;

/* An AttemptDone. */
static void
server_answered(void *context, Link link, const char *why)
{
	ServerThere *server = context;

	server->known = true;
	server->there = link.fd >= 0;
	if (!server->there)
		print_error("could not connect to the server: %s", why);
	link_close(&link);
}

/* Our own session did not come about: is the server there for others, at least? */
static bool
find_server(Forwarder *f, const char *session_error)
{
	ServerThere server = {false, false};
	Attempt    *attempt;

	attempt_begin(&attempt, &f->upstream, f->loop, server_answered, &server);
	while (!server.known)
	{
		loop_turn(f->loop);
		if (attempt != NULL)
			attempt_tick(attempt, now_ns());
	}
	if (!server.there)
		return false;
	print_warning("could not log in with this CONNINFO: %s", session_error);
	print_hint("programs are forwarded all the same, with what they log in by; but the round trip to the server and what tracing adds cannot be measured, and are n/a in the report");
	return true;
}

static void
announce(const Forwarder *f)
{
	const UpstreamAddress *server = &f->upstream.addresses[f->upstream.first];

	fprintf(stderr, "Forwarding to %s%s.  Point the program here instead of there:\n", server->words,
			server->is_socket || f->upstream.tls == TLS_NEVER ? "" :
			f->upstream.tls == TLS_ALWAYS ? ", by TLS" : ", by TLS if it has it");
	fprintf(stderr, "\n    postgresql://%s@%s:%d/%s?sslmode=disable\n\n", f->user, f->listeners.host,
			f->listeners.port, f->database);
	fputs("There is no TLS between the program and this (hence sslmode=disable); passwords pass\n"
		  "through unread.", stderr);
	if (f->settings->time_limit_s > 0)
		fprintf(stderr, "  The report comes after %d s, or at Ctrl-C.\n", f->settings->time_limit_s);
	else
		fputs("  Ctrl-C ends the tracing and prints the report.\n", stderr);
	if (!f->listeners.only_here)
		print_warning("other hosts can connect to this port, and what they send crosses the network as it is, without TLS");
	if (f->connections.max < FEW_CONNECTIONS)
		print_warning("by the limit of open files (ulimit -n) %d connection%s can be forwarded at once",
					  f->connections.max, plural(f->connections.max));
}

/* Log in once: whether that works, and where it leads to. */
static bool
find_way(Forwarder *f)
{
	Session		session;
	bool		found;

	f->logged_in = session_open(&session, &f->settings->session);
	found = upstream_prepare(&f->upstream, session.conn) && (f->logged_in || find_server(f, session.error));
	f->user = xstrdup(PQuser(session.conn) && *PQuser(session.conn) ? PQuser(session.conn) : "USER");
	f->database = xstrdup(PQdb(session.conn) && *PQdb(session.conn) ? PQdb(session.conn) : "DATABASE");
	session_close(&session);
	return found;
}

/* What a tracing tells of its server, malloc'd. */
static char *
server_words(const Forwarder *f)
{
	const UpstreamAddress *server = &f->upstream.addresses[f->upstream.first];

	return xasprintf("%s%s", server->words,
					 !server->is_socket && f->upstream.tls == TLS_ALWAYS ? ", TLS" : "");
}

static bool
begin(Forwarder *f)
{
	const ForwardSettings *settings = f->settings;
	TraceSettings traced = {
		.json_path = settings->json_path,
		.samples_path = settings->samples_path,
		.also = settings->also,
		.context = settings->context,
	};
	TraceSettings own = {0};
	char	   *words;

	/* before there is anything that it could inherit */
	f->calibrator = calibrator_begin(&settings->session);
	if (f->calibrator == NULL)
		return false;
	if (!listeners_open(&f->listeners, settings->listen) ||
		!listeners_open(&f->own_listeners, "127.0.0.1:0"))
		return false;
	f->loop = loop_create(TICK_MS);
	if (f->loop == NULL)
	{
		print_error("could not wait for connections: %s", strerror(errno));
		return false;
	}
	if (!find_way(f))
		return false;

	words = server_words(f);
	traced.server = words;
	traced.conninfo = f->logged_in ? settings->session.conninfo : NULL;
	own.server = words;
	f->connections.loop = f->loop;
	f->connections.upstream = &f->upstream;
	f->connections.max = connection_limit();
	f->connections.trace = trace_begin(&traced);
	f->connections.own_trace = trace_begin(&own);
	free(words);
	add_doors(f, &f->listeners, false);
	add_doors(f, &f->own_listeners, true);
	return true;
}

/* ------------------------------------------------------------------------
 * The loop, and the end
 * ------------------------------------------------------------------------
 */

static void
show_progress(Forwarder *f, int64_t now)
{
	bool		terminal = f->settings->progress_s == 0 && isatty(STDERR_FILENO);
	int64_t		every = terminal ? NS_PER_S : f->settings->progress_s * NS_PER_S;
	char		line[160];

	if (every == 0 || now - f->shown < every)
		return;
	f->shown = now;
	trace_progress_line(f->connections.trace, line, sizeof(line));
	fprintf(stderr, "%s%" PRId64 " s, %d connection%s: %s%s", terminal ? "\r" : "",
			(now - f->began) / NS_PER_S, f->connections.n, plural(f->connections.n), line,
			terminal ? "\033[K" : "\n");
	f->connections.line_shown = terminal;
}

/* What the clock asks for, ten times a second; called after each turn, returns the time. */
static int64_t
tick(Forwarder *f)
{
	static int64_t last = 0;
	int64_t		now = now_ns();

	if (now - last < TICK_MS * NS_PER_MS)
		return now;
	last = now;
	connections_tick(&f->connections);
	show_progress(f, now);
	if (f->closed_until != 0 && now > f->closed_until)
	{
		f->closed_until = 0;
		open_doors(f, true);
	}
	return now;
}

/* Wait until it is measured; a server that has gone silent must not cost the report. */
static void
end_calibration(Forwarder *f)
{
	int64_t		until = now_ns() + CALIBRATION_NS;

	while (f->calibrating && tick(f) < until)
		loop_turn(f->loop);
}

static void
forward_until_end(Forwarder *f)
{
	int64_t		until = f->settings->time_limit_s > 0 ?
		f->began + f->settings->time_limit_s * NS_PER_S : INT64_MAX;

	do
		loop_turn(f->loop);
	while (tick(f) < until && !interrupted());

	/* what tracing adds, once more, while programs go on */
	end_calibration(f);
	if (!f->calibrating)
	{
		start_calibration(f);
		end_calibration(f);
	}
	if (f->calibrating)
		print_warning("what tracing adds was not measured at the end: there was no answer in time");
	if (f->connections.line_shown)
		fputs("\r\033[K", stderr);
}

static void
print_counts(const Connections *all)
{
	char		up[32];
	char		down[32];

	fprintf(stderr, "Forwarded: %" PRId64 " connection%s, %s bytes up and %s down, %" PRId64 " cancel request%s.\n",
			all->forwarded, plural(all->forwarded), format_integer(all->bytes_up, up, sizeof(up)),
			format_integer(all->bytes_down, down, sizeof(down)), all->cancels, plural(all->cancels));
}

static void
finish(Forwarder *f)
{
	if (f->loop != NULL)
		open_doors(f, false);
	connections_end(&f->connections);
	if (f->calibrator != NULL)
		calibrator_end(f->calibrator, f->loop);
	listeners_close(&f->listeners);
	listeners_close(&f->own_listeners);
	free(f->user);
	free(f->database);
	if (f->connections.trace != NULL)
		trace_free(f->connections.trace);
	if (f->connections.own_trace != NULL)
		trace_free(f->connections.own_trace);
	upstream_free(&f->upstream);
	if (f->loop != NULL)
		loop_free(f->loop);
	free(f);
}

ForwardOutcome
forward(const ForwardSettings *settings)
{
	Forwarder  *f = xcalloc(1, sizeof(Forwarder));
	ForwardOutcome outcome = FORWARD_NOT_STARTED;

	f->settings = settings;
	if (begin(f))
	{
		announce(f);
		interrupt_at_once(false);
		f->began = f->shown = now_ns();
		open_doors(f, true);
		start_calibration(f);
		forward_until_end(f);
		open_doors(f, false);
		connections_end(&f->connections);
		print_counts(&f->connections);
		outcome = trace_end(f->connections.trace, stdout) ? FORWARD_REPORTED : FORWARD_NOT_WRITTEN;
	}
	finish(f);
	return outcome;
}
