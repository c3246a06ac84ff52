/*
 * load.c
 *	  The client's event loop by itself, against a server that the environment leads to.
 *
 * load steps CLIENTS SECONDS: a closed loop of 1-byte record_step, each client on a
 *	  workflow of its own; prints "steps N".
 * load stall CLIENTS RATE: for 3 s every step needs a lock that another process takes away
 *	  for 100 ms, and RATE steps a second are due (0: a closed loop).  By one clock,
 *	  prints of those steps that were due (in a closed loop: sent) while the lock was
 *	  gone or before it how many there are, and how many are told to have lasted until
 *	  it was back: "in N waited N across N": across counts whatever was under way when it
 *	  came back.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pg/load.h"
#include "util/memory.h"

#define MOST_CLIENTS 64
#define STALL_NS (100 * NS_PER_MS)

typedef struct Client
{
	char		id[64];
	uint32_t	number;
	uint32_t	sent;
	Param		params[2];
	PipelineCall call;
} Client;

typedef struct Stall
{
	int64_t		taken;
	int64_t		back;			/* just before it is given back */
} Stall;

static const SessionSettings settings = {.conninfo = NULL,.protocol = PROTOCOL_PREPARED};
static const Statement record = {0, "SELECT dbos_payload.record_step($1, $2, 'step', '\\x61')", 2, {25, 23}};
static const Statement locked = {1, "SELECT pg_catalog.pg_advisory_xact_lock_shared(1)", 0, {0}};

static void
give_up(const Session *session)
{
	fprintf(stderr, "load: %s\n", session->error);
	exit(1);
}

static void
connect_or_exit(Session *session)
{
	if (!session_open(session, &settings))
		give_up(session);
}

static void
next_step(void *context, int session, LoadTurn *turn)
{
	Client	   *client = (Client *) context + session;

	client->sent = htonl(client->number++);
	*turn = (LoadTurn) {&client->call, 1};
}

static void
start(Session *session, Client *client, int i)
{
	const char *values[] = {client->id};

	snprintf(client->id, sizeof(client->id), "load-%ld-%d", (long) getpid(), i);
	if (!session_do(session, "SELECT dbos_payload.start_workflow($1, 'load')", 1, values))
		give_up(session);
	client->params[0] = (Param) {client->id, 0, false};
	client->params[1] = (Param) {(char *) &client->sent, sizeof(client->sent), true};
	client->call = (PipelineCall) {&record, client->params};
}

static void
next_locked(void *context, int session, LoadTurn *turn)
{
	static const PipelineCall call = {&locked, NULL};

	(void) context;
	(void) session;
	*turn = (LoadTurn) {&call, 1};
}

/* In a process of its own: once it is asked, takes the lock for a while and tells when. */
static void
take_lock(int asked, int told)
{
	Session		session;
	Stall		stall;
	char		go;

	connect_or_exit(&session);
	if (write(told, "r", 1) != 1 || read(asked, &go, 1) != 1)
		_exit(1);
	usleep(500000);
	if (!session_do(&session, "SELECT pg_catalog.pg_advisory_lock(1)", 0, NULL))
		give_up(&session);
	stall.taken = now_ns();
	usleep(STALL_NS / 1000);
	stall.back = now_ns();
	if (!session_do(&session, "SELECT pg_catalog.pg_advisory_unlock(1)", 0, NULL))
		give_up(&session);
	if (write(told, &stall, sizeof(stall)) != sizeof(stall))
		_exit(1);
	session_close(&session);
	_exit(0);
}

/* False where the load was over before the lock was back: the machine had other things to do. */
static bool
run_stalled(Load *load)
{
	int			ask[2];
	int			tell[2];
	int			status;
	char		ready;
	pid_t		child;
	Stall		stall;
	int			in = 0;
	int			waited = 0;
	int			across = 0;

	if (pipe(ask) != 0 || pipe(tell) != 0 || (child = fork()) < 0)
	{
		perror("load");
		exit(1);
	}
	if (child == 0)
		take_lock(ask[0], tell[1]);
	for (int i = 0; i < load->nsessions; i++)
		connect_or_exit(&load->sessions[i]);
	if (read(tell[0], &ready, 1) != 1 || write(ask[1], "g", 1) != 1)
		exit(1);
	if (!load_run(load))
		give_up(load->failed);
	if (read(tell[0], &stall, sizeof(stall)) != sizeof(stall) || waitpid(child, &status, 0) != child || status != 0)
		exit(1);
	for (int i = 0; i < load->nsessions; i++)
		session_close(&load->sessions[i]);
	close(ask[0]);
	close(ask[1]);
	close(tell[0]);
	close(tell[1]);
	if (stall.back >= load->until)
		return false;
	for (int i = 0; i < load->nsamples; i++)
	{
		const LoadSample *sample = &load->samples[i];

		across += sample->due <= stall.back && sample->answered > stall.back;
		if (sample->due < stall.taken || sample->due >= stall.back)
			continue;
		in++;
		waited += sample->answered >= stall.back;
	}
	printf("in %d waited %d across %d\n", in, waited, across);
	return true;
}

int
main(int argc, char **argv)
{
	static Session sessions[MOST_CLIENTS];
	static Client clients[MOST_CLIENTS];
	Load		load = {.sessions = sessions,.context = clients};

	if (argc != 4 || (load.nsessions = atoi(argv[2])) < 1 || load.nsessions > MOST_CLIENTS)
	{
		fprintf(stderr, "load: load steps CLIENTS SECONDS | load stall CLIENTS RATE\n");
		return 1;
	}
	if (strcmp(argv[1], "stall") == 0)
	{
		load.next = next_locked;
		load.duration_ns = 3 * NS_PER_S;
		load.rate = atof(argv[3]);
		while (!run_stalled(&load))
			;
	}
	else
	{
		for (int i = 0; i < load.nsessions; i++)
		{
			connect_or_exit(&sessions[i]);
			start(&sessions[i], &clients[i], i);
		}
		load.next = next_step;
		load.duration_ns = (int64_t) (atof(argv[3]) * (double) NS_PER_S);
		if (!load_run(&load))
			give_up(load.failed);
		printf("steps %d\n", load.nsamples);
	}
	load_free(&load);
	for (int i = 0; i < load.nsessions; i++)
		session_close(&sessions[i]);
	return 0;
}
