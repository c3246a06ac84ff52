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

/* so many rounds, or what this time holds, but some in any case */
#define MAX_ROUNDS 400
#define MIN_ROUNDS 21
#define MAX_NS NS_PER_S

/* before them, not counted */
#define WARMUP 20

struct Calibrator
{
	pid_t		process;
	Loop	   *loop;
	Watch		watch;			/* the socket to it */
	CalibrationDone done;
	void	   *context;
};

/* One round trip of a query that has no text: ns, or -1. */
static int64_t
round_trip(Session *session)
{
	static const Statement nothing = {.id = -1, .sql = ""};
	RoundTrip	trip = {0};
	PGresult   *result;

	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &nothing, NULL, false, &trip);
	if (result == NULL)
		return -1;
	PQclear(result);
	return trip.last_byte - trip.start;
}

static void
measure(Session *direct, Session *through, CalibrationAnswer *answer)
{
	static int64_t ns[2][MAX_ROUNDS];
	Session    *sessions[2] = {direct, through};
	int64_t		until = now_ns() + MAX_NS;
	int			n = 0;

	for (int i = -WARMUP; n < MAX_ROUNDS && (n < MIN_ROUNDS || now_ns() < until); i++)
	{
		for (int k = 0; k < 2; k++)
		{
			/* neither is always the one after the other */
			int			which = (i & 1) ^ k;
			int64_t		one = round_trip(sessions[which]);

			if (one < 0)
			{
				snprintf(answer->why, sizeof(answer->why), "%s", sessions[which]->error);
				return;
			}
			ns[which][n] = one;
		}
		n += i >= 0;
	}
	answer->rounds = n;
	answer->direct_ns = median_int64(ns[0], n);
	answer->through_ns = median_int64(ns[1], n);
}

static void
calibrate(const SessionSettings *settings, int port, CalibrationAnswer *answer)
{
	SessionSettings simple = *settings;
	SessionSettings detour;
	Session		direct;
	Session		through;
	char	   *conninfo = NULL;

	memset(answer, 0, sizeof(*answer));
	memset(&through, 0, sizeof(through));
	simple.protocol = PROTOCOL_SIMPLE;
	detour = simple;
	if (!session_open(&direct, &simple))
		snprintf(answer->why, sizeof(answer->why), "%s", direct.error);
	else
	{
		conninfo = conninfo_redirected(direct.conn, "127.0.0.1", port);
		detour.conninfo = conninfo;
		if (!session_open(&through, &detour))
			snprintf(answer->why, sizeof(answer->why), "through this port: %s", through.error);
		else
			measure(&direct, &through, answer);
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
