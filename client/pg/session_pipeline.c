/*
 * session_pipeline.c
 *	  Many calls in one network wait, by libpq's pipeline mode.
 */
#include <poll.h>
#include <string.h>

#include "pg/session_internal.h"

#ifdef LIBPQ_HAS_PIPELINING

typedef struct Pipeline
{
	Session    *session;
	PipelineArrived arrived;
	void	   *context;
	RoundTrip  *trip;
	int			nsent;
	int			nanswered;		/* calls whose Sync has come back */
	bool		answered;		/* the current call has given its result */
	Wait		wait;
} Pipeline;

/* Hand over every result that is complete. */
static void
take_results(Pipeline *pipeline)
{
	Session    *session = pipeline->session;

	while (pipeline->nanswered < pipeline->nsent && !PQisBusy(session->conn))
	{
		PGresult   *result = PQgetResult(session->conn);
		ExecStatusType status;

		if (result == NULL)
			continue;			/* the end of one call's results */
		status = PQresultStatus(result);
		if (status == PGRES_PIPELINE_SYNC)
		{
			pipeline->nanswered++;
			pipeline->answered = false;
		}
		else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		{
			pipeline->trip->received += wire_received(result, session->settings->protocol);
			pipeline->arrived(pipeline->context, pipeline->nanswered, result);
			pipeline->answered = true;
		}
		else if (!pipeline->answered)
		{
			session_fail(session, PQresultErrorMessage(result),
						 PQresultErrorField(result, PG_DIAG_SQLSTATE));
			pipeline->arrived(pipeline->context, pipeline->nanswered, NULL);
			pipeline->answered = true;
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

bool
session_pipeline(Session *session, const PipelineCall *calls, int ncalls, bool binary_result,
				 PipelineArrived arrived, void *context, RoundTrip *trip, int *nanswered)
{
	Pipeline	pipeline = {.session = session, .arrived = arrived, .context = context, .trip = trip};
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
		session->lost = true;	/* whatever is still under way cannot be told apart */
	return ok;
}

#else

/* libpq before 14 has none; the options see to it that nobody comes here */
bool
session_pipeline(Session *session, const PipelineCall *calls, int ncalls, bool binary_result,
				 PipelineArrived arrived, void *context, RoundTrip *trip, int *nanswered)
{
	(void) calls;
	(void) ncalls;
	(void) binary_result;
	(void) arrived;
	(void) context;
	(void) trip;
	(void) nanswered;
	session_fail(session, "this client's libpq has no pipeline mode", NULL);
	return false;
}

#endif
