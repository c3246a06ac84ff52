/*
 * calibrate.c
 *	  What tracing itself adds to a round trip.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/conninfo.h"
#include "statistics/percentile.h"
#include "trace/calibrate.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

#define MAX_ROUNDS 400

/* a large message's parameter or row */
#define LARGE "1000000"
#define LARGE_BYTES 1000000
#define BYTEA_TYPE 17

struct Calibrator
{
	pid_t		process;
	Loop	   *loop;
	Watch		watch;			/* the socket to it */
	CalibrationDone done;
	void	   *context;
};

/* what is sent by turns */
typedef struct Exchange
{
	Statement	statement;
	const Param *params;
	int			max_rounds;		/* so many, or what the time holds, but some in any case */
	int			min_rounds;
	int64_t		max_ns;
} Exchange;

/* One round trip in ns, or -1. */
static int64_t
round_trip(Session *session, const Exchange *exchange)
{
	RoundTrip	trip = {0};
	PGresult   *result;

	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &exchange->statement, exchange->params, false, &trip);
	if (result == NULL)
		return -1;
	PQclear(result);
	return trip.last_byte - trip.start;
}

/* Medians by turns, directly [0] and through us [1]; how many rounds, 0 with *why where it failed. */
static int
in_turn(Session *sessions[2], const Exchange *exchange, int64_t medians[2], const char **why)
{
	static int64_t ns[2][MAX_ROUNDS];
	int64_t		until = now_ns() + exchange->max_ns;
	int			warmup = exchange->min_rounds;
	int			n = 0;

	for (int i = -warmup; n < exchange->max_rounds && (n < exchange->min_rounds || now_ns() < until); i++)
	{
		for (int k = 0; k < 2; k++)
		{
			/* neither is always the one after the other */
			int			which = (i & 1) ^ k;
			int64_t		one = round_trip(sessions[which], exchange);

			if (one < 0)
			{
				*why = sessions[which]->error;
				return 0;
			}
			ns[which][n] = one;
		}
		n += i >= 0;
	}
	for (int k = 0; k < 2; k++)
		medians[k] = median_int64(ns[k], n);
	return n;
}

/* What we add to a byte of a large message, beyond what we add to a small one. */
static bool
per_byte(Session *sessions[2], const Exchange *large, const CalibrationAnswer *small, double *ns,
		 const char **why)
{
	int64_t		medians[2];
	double		added;

	if (in_turn(sessions, large, medians, why) == 0)
		return false;
	added = (double) (medians[1] - medians[0]) - (double) (small->through_ns - small->direct_ns);
	*ns = added > 0 ? added / LARGE_BYTES : 0;
	return true;
}

/* false with *why where it failed; the sessions' protocol changes */
static bool
measure(Session *sessions[2], Protocol *protocol, CalibrationAnswer *answer, const char **why)
{
	static const Exchange nothing = {
		{.id = -1, .sql = ""}, NULL, MAX_ROUNDS, 21, NS_PER_S
	};
	static const Exchange down = {
		{.id = -1, .sql = "SELECT pg_catalog.repeat('x', " LARGE ")"}, NULL, 41, 5, NS_PER_S / 4
	};
	char	   *text = xcalloc(1, LARGE_BYTES);
	const Param param = {text, LARGE_BYTES, true};
	const Exchange up = {
		{.id = -1, .sql = "SELECT pg_catalog.length($1)", .nparams = 1, .types = {BYTEA_TYPE}},
		&param, 41, 5, NS_PER_S / 4
	};
	int64_t		medians[2];
	bool		measured;

	*protocol = PROTOCOL_SIMPLE;
	answer->rounds = in_turn(sessions, &nothing, medians, why);
	if (answer->rounds > 0)
	{
		answer->direct_ns = medians[0];
		answer->through_ns = medians[1];
	}
	*protocol = PROTOCOL_EXTENDED;
	measured = answer->rounds > 0 && per_byte(sessions, &up, answer, &answer->up_ns_per_byte, why) &&
		per_byte(sessions, &down, answer, &answer->down_ns_per_byte, why);
	free(text);
	return measured;
}

static void
calibrate(const SessionSettings *settings, int port, CalibrationAnswer *answer)
{
	SessionSettings straight = *settings;
	SessionSettings detour;
	Session		direct;
	Session		through;
	Session    *sessions[2] = {&direct, &through};
	const char *why = NULL;
	char	   *conninfo = NULL;

	memset(answer, 0, sizeof(*answer));
	memset(&through, 0, sizeof(through));
	detour = straight;
	if (!session_open(&direct, &straight))
		snprintf(answer->why, sizeof(answer->why), "%s", direct.error);
	else
	{
		conninfo = conninfo_redirected(direct.conn, "127.0.0.1", port);
		detour.conninfo = conninfo;
		if (!session_open(&through, &detour))
			snprintf(answer->why, sizeof(answer->why), "through this port: %s", through.error);
		else
		{
			/* both sessions' settings are the second's from here on, but for the connection */
			direct.settings = &detour;
			if (!measure(sessions, &detour.protocol, answer, &why))
			{
				answer->rounds = 0;
				snprintf(answer->why, sizeof(answer->why), "%s", why);
			}
		}
	}
	session_close(&through);
	session_close(&direct);
	free(conninfo);
}

/* The process: measures whenever it is given a port, and ends with its parent. */
static void
__attribute__((noreturn))
serve(const SessionSettings *settings, int fd)
{
	int			port;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);	/* a terminal sends it to both: it is for our parent */
	signal(SIGTERM, SIG_IGN);
	while (recv(fd, &port, sizeof(port), 0) == sizeof(port))
	{
		CalibrationAnswer answer;

		calibrate(settings, port, &answer);
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
			break;
	}
	_exit(0);
}

Calibrator *
calibrator_begin(const SessionSettings *settings)
{
	Calibrator *calibrator = xcalloc(1, sizeof(Calibrator));
	int			pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0)
	{
		calibrator->process = fork();
		if (calibrator->process == 0)
		{
			close(pair[0]);
			serve(settings, pair[1]);
		}
		close(pair[1]);
		if (calibrator->process > 0)
		{
			calibrator->watch.fd = pair[0];
			return calibrator;
		}
		close(pair[0]);
	}
	print_error("could not make a process: %s", strerror(errno));
	free(calibrator);
	return NULL;
}

static void
answered(Watch *watch, int can)
{
	Calibrator *calibrator = watch->owner;
	CalibrationDone done = calibrator->done;
	CalibrationAnswer answer;

	(void) can;
	if (recv(watch->fd, &answer, sizeof(answer), 0) != sizeof(answer))
	{
		memset(&answer, 0, sizeof(answer));
		snprintf(answer.why, sizeof(answer.why), "the process that measures has ended");
	}
	answer.why[sizeof(answer.why) - 1] = '\0';
	loop_wait_for(calibrator->loop, watch, 0);
	done(calibrator->context, &answer);
}

void
calibrator_ask(Calibrator *calibrator, Loop *loop, int port, CalibrationDone done, void *context)
{
	calibrator->watch.ready = answered;
	calibrator->watch.owner = calibrator;
	calibrator->loop = loop;
	calibrator->done = done;
	calibrator->context = context;
	loop_wait_for(loop, &calibrator->watch, LOOP_READ);

	/* where it is gone the answer will be that */
	send(calibrator->watch.fd, &port, sizeof(port), MSG_NOSIGNAL);
}

void
calibrator_end(Calibrator *calibrator, Loop *loop)
{
	if (loop != NULL)
		loop_end_watch(loop, &calibrator->watch);
	close(calibrator->watch.fd);
	kill(calibrator->process, SIGKILL);
	waitpid(calibrator->process, NULL, 0);
	free(calibrator);
}
