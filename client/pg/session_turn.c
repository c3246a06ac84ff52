/*
 * session_turn.c
 *	  One request of chosen messages: what a driver of another language sends.
 */
#include "pg/session_internal.h"

bool
session_prepare_turn(Session *session, const Turn *turn)
{
	RoundTrip	trip = {0};
	PGresult   *result;

	if (turn->kind != TURN_NAMED || session->prepared[turn->id])
		return true;
	if (!PQsendPrepare(session->conn, turn->name, turn->sql, turn->types ? turn->nparams : 0, turn->types))
		return session_fail_libpq(session);
	result = session_receive(session, &trip);
	PQclear(result);
	session->prepared[turn->id] = (result != NULL);
	return result != NULL;
}

static bool
send_turn(Session *session, const Turn *turn, const Param *params, bool binary_result, RoundTrip *trip)
{
	const char *values[TURN_MAX_PARAMS];
	int			lengths[TURN_MAX_PARAMS];
	int			formats[TURN_MAX_PARAMS];
	bool		named = turn->kind == TURN_NAMED;
	int			sent;

	for (int i = 0; i < turn->nparams; i++)
	{
		values[i] = params[i].value;
		lengths[i] = params[i].length;
		formats[i] = params[i].binary ? 1 : 0;
	}
	trip->encode_end = now_ns();
	if (turn->kind == TURN_SIMPLE)
		sent = PQsendQuery(session->conn, turn->sql);
	else if (named)
		sent = PQsendQueryPrepared(session->conn, turn->name, turn->nparams, values, lengths, formats,
								   binary_result);
	else
		sent = PQsendQueryParams(session->conn, turn->sql, turn->nparams, turn->types, values, lengths,
								 formats, binary_result);
	if (!sent)
		return session_fail_libpq(session);
	trip->sent += turn->kind == TURN_SIMPLE ? wire_sent_simple(turn->sql) :
		wire_sent_extended(turn->sql, named ? turn->name : "", turn->types ? turn->nparams : 0,
						   turn->nparams, params, named);
	return true;
}

PGresult *
session_turn(Session *session, const Turn *turn, const Param *params, bool binary_result, RoundTrip *trip)
{
	PGresult   *result;

	session_begin_trip(session, trip);
	if (!send_turn(session, turn, params, binary_result, trip))
		return NULL;
	result = session_receive(session, trip);
	session_take_sends(session, trip);
	if (result != NULL)
		trip->received = session->notice_bytes +
			wire_received(result, turn->kind == TURN_SIMPLE ? PROTOCOL_SIMPLE :
						  turn->kind == TURN_NAMED ? PROTOCOL_PREPARED : PROTOCOL_EXTENDED);
	return result;
}
