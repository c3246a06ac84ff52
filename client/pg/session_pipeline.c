/*
 * session_pipeline.c
 *	  What takes libpq's pipeline mode: many calls in one network wait, and one call in
 *	  two waits, of which the second is its commit.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pg/session_internal.h"
#include "util/memory.h"

#ifdef LIBPQ_HAS_PIPELINING

typedef struct Pipeline
{
	Session    *session;
	const PipelineListener *listener;
	RoundTrip  *trip;
	int			nsent;
	int			nanswered;		/* calls whose Sync has come back */
	Wait		wait;
} Pipeline;

/* Hand over every result that is complete. */
static void
take_results(Pipeline *pipeline)
{
	Session    *session = pipeline->session;
	const PipelineListener *listener = pipeline->listener;

	while (pipeline->nanswered < pipeline->nsent && !PQisBusy(session->conn))
	{
		PGresult   *result = PQgetResult(session->conn);
		ExecStatusType status;

		if (result == NULL)
			continue;			/* the end of one call's results */
		status = PQresultStatus(result);
		if (status == PGRES_PIPELINE_SYNC)
		{
			if (listener->answered != NULL)
				listener->answered(listener->context, pipeline->nanswered);
			pipeline->nanswered++;
		}
		else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		{
			pipeline->trip->received += wire_received(result, session->settings->protocol);
			listener->arrived(listener->context, pipeline->nanswered, result);
		}
		else
		{
			/* without a result, or after it: at the commit */
			session_fail_result(session, result);
			listener->arrived(listener->context, pipeline->nanswered, NULL);
		}
		PQclear(result);
		if (PQstatus(session->conn) == CONNECTION_BAD)
		{
			session->lost = true;
			return;
		}
	}
}

/*
 * Write and read until nothing is left to write (until_answered false) or until
 * every call that was sent is answered (true).
 */
static bool
exchange(Pipeline *pipeline, bool until_answered)
{
	Session    *session = pipeline->session;
	bool		pending;

	if (!session_flush(session, &pending))
		return false;
	while (!session->lost && (until_answered ? pipeline->nanswered < pipeline->nsent : pending))
	{
		short		events = session_wait(session, pending, &pipeline->wait);

		if (events == 0 ||
			((events & POLLOUT) && !session_flush(session, &pending)) ||
			((events & (POLLIN | POLLERR | POLLHUP)) && !session_read(session, pipeline->trip)))
			return false;
		take_results(pipeline);
	}
	return !session->lost;
}

/* Add to the error of a lost connection what its pooler may have to do with it. */
static void
explain_pooler(Session *session)
{
	char	   *message = xasprintf("%s; a pooler is in between, and one that gives the server connection to others between calls that are pipelined, as pgbouncer does before 1.21, loses them or mixes them up: connect to the server itself, or take another drive",
									session->error);

	session_fail(session, message, session->sqlstate);
	free(message);
}

bool
session_pipeline(Session *session, const PipelineCall *calls, int ncalls, bool binary_result,
				 const PipelineListener *listener, RoundTrip *trip, int *nanswered)
{
	Pipeline	pipeline = {.session = session,.listener = listener,.trip = trip,.wait = {.pipelined = true}};
	bool		ok = true;

	session_begin_trip(session, trip);
	if (!PQenterPipelineMode(session->conn))
		return session_fail_libpq(session);
	for (int i = 0; i < ncalls && ok; i++)
	{
		ok = session_send_extended(session, calls[i].statement, calls[i].params,
								   binary_result, trip);
		if (ok && !PQpipelineSync(session->conn))
			ok = session_fail_libpq(session);
		pipeline.nsent++;

		/* a payload that does not fit the socket is written while answers are read */
		ok = ok && exchange(&pipeline, false);
	}
	ok = ok && exchange(&pipeline, true);
	session_take_sends(session, trip);
	trip->received += session->notice_bytes;
	*nanswered = pipeline.nanswered;
	if (!session_wait_end(session, &pipeline.wait) && ok)
	{
		/* its answers are all there: only the calls have failed */
		PQexitPipelineMode(session->conn);
		return false;
	}
	if (ok && !PQexitPipelineMode(session->conn))
		ok = session_fail_libpq(session);
	if (!ok)
	{
		session->lost = true;	/* whatever is still under way cannot be told apart */
		if (session->pooled)
			explain_pooler(session);
	}
	return ok;
}

/* Write all and read until there is a result; NULL, with the error kept, where none came. */
static PGresult *
next_result(Session *session, Wait *wait, RoundTrip *trip)
{
	bool		pending;

	if (!session_flush(session, &pending))
		return NULL;
	for (;;)
	{
		short		events;

		if (!PQisBusy(session->conn))
		{
			PGresult   *result = PQgetResult(session->conn);

			if (result != NULL)
				return result;
			continue;			/* the end of one call's results */
		}
		events = session_wait(session, pending, wait);
		if (events == 0 ||
			((events & POLLOUT) && !session_flush(session, &pending)) ||
			((events & (POLLIN | POLLERR | POLLHUP)) && !session_read(session, trip)))
			return NULL;
	}
}

/* Keep a failed result's error; whether it is one. */
static bool
keep_failure(Session *session, const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC)
		return false;
	session_fail_result(session, result);
	return true;
}

/* The Sync, and what comes until its own answer; false, with the error kept, where the commit failed. */
static bool
commit_split(Session *session, Wait *wait, RoundTrip *trip)
{
	RoundTrip	commit = {0};
	bool		failed = false;
	PGresult   *result;

	first_send_arm();
	commit.encode_end = now_ns();
	if (!PQpipelineSync(session->conn))
		return session_fail_libpq(session);
	do
	{
		result = next_result(session, wait, &commit);
		if (result == NULL)
			return false;
		failed = keep_failure(session, result) || failed;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
			break;
		PQclear(result);
	} while (!session->lost);
	PQclear(result);
	if (first_send_at() != 0)
		commit.encode_end = first_send_at();
	trip->last_byte = commit.last_byte;
	trip->commit_wait = commit.last_byte - commit.encode_end;
	return !failed;
}

PGresult *
session_call_split(Session *session, const Statement *statement, const Param *params,
				   bool binary_result, RoundTrip *trip)
{
	Wait		wait = {0};
	PGresult   *result = NULL;
	bool		answered = false;	/* all that was sent has its answer */
	bool		failed = true;

	session_begin_trip(session, trip);
	if (!PQenterPipelineMode(session->conn))
	{
		session_fail_libpq(session);
		return NULL;
	}
	if (!session_send_extended(session, statement, params, binary_result, trip))
		;						/* it has said why */
	else if (!PQsendFlushRequest(session->conn))
		session_fail_libpq(session);
	else
		result = next_result(session, &wait, trip);
	session_take_sends(session, trip);
	if (result != NULL)
	{
		char		sqlstate[6];
		char	   *error;

		failed = keep_failure(session, result);
		error = failed ? xstrdup(session->error) : NULL;
		memcpy(sqlstate, session->sqlstate, sizeof(sqlstate));
		answered = commit_split(session, &wait, trip);
		failed = failed || !answered;
		answered = answered || trip->commit_wait != 0;
		if (error != NULL)
			session_fail(session, error, sqlstate);	/* the first is the one to tell */
		free(error);
	}
	if (!session_wait_end(session, &wait))
		failed = true;
	if (!answered || !PQexitPipelineMode(session->conn))
		session->lost = true;	/* whatever is still under way cannot be told apart */
	if (failed || session->lost)
	{
		PQclear(result);
		return NULL;
	}

	/* its Sync is counted; a Flush is as long */
	trip->sent += 5;
	trip->received = wire_received(result, session->settings->protocol) + session->notice_bytes;
	return result;
}

#else

/* libpq before 14 has none; the options see to it that nobody comes here */
bool
session_pipeline(Session *session, const PipelineCall *calls, int ncalls, bool binary_result,
				 const PipelineListener *listener, RoundTrip *trip, int *nanswered)
{
	(void) calls;
	(void) ncalls;
	(void) binary_result;
	(void) listener;
	(void) trip;
	(void) nanswered;
	session_fail(session, "this client's libpq has no pipeline mode", NULL);
	return false;
}

PGresult *
session_call_split(Session *session, const Statement *statement, const Param *params,
				   bool binary_result, RoundTrip *trip)
{
	(void) statement;
	(void) params;
	(void) binary_result;
	(void) trip;
	session_fail(session, "this client's libpq has no pipeline mode", NULL);
	return NULL;
}

#endif
