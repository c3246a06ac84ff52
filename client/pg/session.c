/*
 * session.c
 *	  The connection to the server: one round trip at a time.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pg/notices.h"
#include "pg/session_internal.h"
#include "util/memory.h"

/* a signal does not end an attempt to connect: none is without a limit */
#define CONNECT_TIMEOUT_S 10

const char *const protocol_names[PROTOCOL_COUNT] = {"simple", "extended", "prepared"};

/* Keep a failure's message, without the newline that libpq ends it with. */
void
session_fail(Session *session, const char *message, const char *sqlstate)
{
	size_t		length = strlen(message);

	while (length > 0 && message[length - 1] == '\n')
		length--;
	free(session->error);
	session->error = xasprintf("%.*s", (int) length, message);
	snprintf(session->sqlstate, sizeof(session->sqlstate), "%s", sqlstate ? sqlstate : "");
	if (PQstatus(session->conn) == CONNECTION_BAD)
		session->lost = true;
}

/* Likewise what libpq says; always false, so that it can be returned. */
bool
session_fail_libpq(Session *session)
{
	session_fail(session, PQerrorMessage(session->conn), NULL);
	return false;
}

/*
 * Likewise what the server says of a statement, without the excerpt of the statement's
 * text, which is the program's own and tells its user nothing.
 */
void
session_fail_result(Session *session, const PGresult *result)
{
	const char *message = PQresultErrorMessage(result);
	const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *excerpt = NULL;
	const char *rest;
	char	   *text;

	if (primary != NULL && PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION) != NULL)
		excerpt = strstr(message, primary);
	if (excerpt != NULL)
		excerpt += strlen(primary);
	else
		excerpt = message + strlen(message);
	rest = excerpt;
	/* "LINE 1: ...", in the server's language or another one, and the mark below it */
	for (int line = 0; line < 2 && *rest == '\n'; line++)
		rest += 1 + strcspn(rest + 1, "\n");
	text = xasprintf("%.*s%s", (int) (excerpt - message), message, rest);
	session_fail(session, text, PQresultErrorField(result, PG_DIAG_SQLSTATE));
	free(text);
}

/* Count a notice's bytes and keep a warning: nothing is written in a timed call. */
static void
receive_notice(void *context, const PGresult *notice)
{
	Session    *session = context;

	session->notice_bytes += wire_notice(notice);
	notices_keep(notice);
}

bool
session_open(Session *session, const SessionSettings *settings)
{
	const char *keywords[] = {"fallback_application_name", "connect_timeout", "dbname", NULL};
	const char *values[] = {"dbos_payload_bench", NULL, settings->conninfo, NULL};
	char		timeout[16];

	memset(session, 0, sizeof(*session));
	session->settings = settings;

	/* the user's own limit comes first */
	snprintf(timeout, sizeof(timeout), "%d",
			 settings->timeout_s > 0 ? settings->timeout_s : CONNECT_TIMEOUT_S);
	if (getenv("PGCONNECT_TIMEOUT") == NULL)
		values[1] = timeout;
	session->conn = PQconnectdbParams(keywords, values, 1);
	if (session->conn == NULL || PQstatus(session->conn) != CONNECTION_OK)
	{
		session_fail(session, session->conn ? PQerrorMessage(session->conn) : "out of memory", NULL);
		session->lost = true;
		return false;
	}
	PQsetNoticeReceiver(session->conn, receive_notice, session);
	if (PQsetnonblocking(session->conn, 1) != 0)
		return session_fail_libpq(session);
	return true;
}

/* Close the connection and free what the session owns; may be called twice. */
void
session_close(Session *session)
{
	PQfinish(session->conn);
	session->conn = NULL;
	free(session->error);
	session->error = NULL;
}

char *
session_server(const Session *session)
{
	const char *host = PQhost(session->conn);
	const char *address = PQhostaddr(session->conn);
	bool		named = host != NULL && address != NULL && *address != '\0' && strcmp(host, address) != 0;

	return xasprintf("%s%s%s%s:%s", host ? host : "", named ? " (" : "", named ? address : "", named ? ")" : "",
					 PQport(session->conn));
}

/* Write what libpq still holds; *pending tells whether some is left. */
bool
session_flush(Session *session, bool *pending)
{
	int			left = PQflush(session->conn);

	if (left < 0)
	{
		session->lost = true;
		return session_fail_libpq(session);
	}
	*pending = (left > 0);
	return true;
}

/* Read what has come and stamp it. */
bool
session_read(Session *session, RoundTrip *trip)
{
	if (trip->first_byte == 0)
		trip->first_byte = now_ns();
	if (!PQconsumeInput(session->conn))
	{
		session->lost = true;
		return session_fail_libpq(session);
	}
	trip->last_byte = now_ns();
	return true;
}

/* Write the request to its end and read all of the answer; its last result, or NULL. */
static PGresult *
drain(Session *session, Wait *wait, RoundTrip *trip)
{
	PGresult   *kept = NULL;
	bool		pending;

	if (!session_flush(session, &pending))
		return NULL;
	for (;;)
	{
		short		events;

		if (!PQisBusy(session->conn))
		{
			PGresult   *result = PQgetResult(session->conn);

			if (result == NULL)
				return kept;
			PQclear(kept);
			kept = result;
			continue;
		}
		events = session_wait(session, pending, wait);
		if (events == 0 ||
			((events & POLLOUT) && !session_flush(session, &pending)) ||
			((events & (POLLIN | POLLERR | POLLHUP)) && !session_read(session, trip)))
		{
			PQclear(kept);
			return NULL;
		}
	}
}

/* One call's answer, to ReadyForQuery; NULL, with the error kept, where it failed. */
PGresult *
session_receive(Session *session, RoundTrip *trip)
{
	Wait		wait = {0};
	PGresult   *result = drain(session, &wait, trip);
	ExecStatusType status = PQresultStatus(result);

	if (!session_wait_end(session, &wait))
		;						/* it has said why */
	else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
		return result;
	else if (result != NULL)
		session_fail_result(session, result);
	else if (!session->lost)
		session_fail_libpq(session);
	PQclear(result);
	return NULL;
}

PGresult *
session_query(Session *session, const char *sql, int nparams, const char *const *values)
{
	RoundTrip	trip = {0};
	PGresult   *result;

	if (!PQsendQueryParams(session->conn, sql, nparams, NULL, values, NULL, NULL, 0))
	{
		session_fail_libpq(session);
		return NULL;
	}
	result = session_receive(session, &trip);
	notices_show();
	return result;
}

bool
session_do(Session *session, const char *sql, int nparams, const char *const *values)
{
	PGresult   *result = session_query(session, sql, nparams, values);

	PQclear(result);
	return result != NULL;
}

bool
session_is_direct(Session *session)
{
	PGresult   *result = session_query(session, "SELECT pg_catalog.pg_backend_pid()", 0, NULL);
	bool		direct = result != NULL && PQntuples(result) == 1 &&
		strtol(PQgetvalue(result, 0, 0), NULL, 10) == PQbackendPID(session->conn);

	PQclear(result);
	return direct;
}

static void
statement_name(char *name, size_t size, const Statement *statement)
{
	snprintf(name, size, "dbos_payload_%d", statement->id);
}

bool
session_prepare(Session *session, const Statement *statement)
{
	char		name[STATEMENT_NAME_SIZE];
	RoundTrip	trip = {0};
	PGresult   *result;

	if (session->settings->protocol != PROTOCOL_PREPARED || session->prepared[statement->id])
		return true;
	statement_name(name, sizeof(name), statement);
	if (!PQsendPrepare(session->conn, name, statement->sql, statement->nparams, statement->types))
		return session_fail_libpq(session);
	result = session_receive(session, &trip);
	PQclear(result);
	session->prepared[statement->id] = (result != NULL);
	return result != NULL;
}

/* Send by the extended protocol; false with the error kept. */
bool
session_send_extended(Session *session, const Statement *statement, const Param *params,
					  bool binary_result, RoundTrip *trip)
{
	bool		prepared = session->settings->protocol == PROTOCOL_PREPARED;
	const char *values[SESSION_MAX_PARAMS];
	int			lengths[SESSION_MAX_PARAMS];
	int			formats[SESSION_MAX_PARAMS];
	char		name[STATEMENT_NAME_SIZE] = "";
	int			sent;

	for (int i = 0; i < statement->nparams; i++)
	{
		values[i] = params[i].value;
		lengths[i] = params[i].length;
		formats[i] = params[i].binary ? 1 : 0;
	}
	if (trip->encode_end == 0)
		trip->encode_end = now_ns();
	if (prepared)
	{
		statement_name(name, sizeof(name), statement);
		sent = PQsendQueryPrepared(session->conn, name, statement->nparams,
								   values, lengths, formats, binary_result);
	}
	else
		sent = PQsendQueryParams(session->conn, statement->sql, statement->nparams,
								 statement->types, values, lengths, formats, binary_result);
	if (!sent)
		return session_fail_libpq(session);
	trip->sent += wire_sent_extended(statement->sql, name, statement->nparams, statement->nparams, params,
									 prepared);
	return true;
}

/*
 * The statement's text with each $n replaced by a quoted literal, as a client
 * without parameters sends it.  malloc'd; NULL with the error kept.
 */
static char *
interpolate(Session *session, const Statement *statement, const Param *params)
{
	char	   *literals[SESSION_MAX_PARAMS] = {NULL};
	size_t		length = strlen(statement->sql) + 1;
	char	   *query = NULL;
	char	   *out;
	bool		ok = true;

	for (int i = 0; i < statement->nparams && ok; i++)
	{
		const char *value = params[i].value;

		literals[i] = value ? PQescapeLiteral(session->conn, value, strlen(value)) : xstrdup("NULL");
		ok = (literals[i] != NULL);
		if (ok)
			length += strlen(literals[i]);
		else
			session_fail_libpq(session);
	}
	if (ok)
	{
		out = query = xcalloc(length, 1);
		for (const char *in = statement->sql; *in != '\0'; in++)
		{
			if (in[0] == '$' && in[1] >= '1' && in[1] < '1' + statement->nparams)
			{
				const char *literal = literals[in[1] - '1'];
				size_t		bytes = strlen(literal);

				memcpy(out, literal, bytes);
				out += bytes;
				in++;
			}
			else
				*out++ = *in;
		}
		*out = '\0';
	}
	for (int i = 0; i < statement->nparams; i++)
		PQfreemem(literals[i]);
	return query;
}

static bool
send_simple(Session *session, const Statement *statement, const Param *params, RoundTrip *trip)
{
	char	   *query = interpolate(session, statement, params);
	int			sent;

	if (query == NULL)
		return false;
	trip->encode_end = now_ns();
	sent = PQsendQuery(session->conn, query);
	if (!sent)
		session_fail_libpq(session);
	else
		trip->sent += wire_sent_simple(query);
	free(query);
	return sent != 0;
}

/* Before the first byte of a timed call. */
void
session_begin_trip(Session *session, RoundTrip *trip)
{
	trip->encode_end = trip->send_end = trip->first_byte = trip->last_byte = 0;
	trip->sent = trip->received = 0;
	session->notice_bytes = 0;
	first_send_arm();
}

/* After it: the stamps of its sends, where they were seen. */
void
session_take_sends(Session *session, RoundTrip *trip)
{
	if (first_send_at() == 0)
		session->sends_unseen = true;
	else
	{
		trip->encode_end = first_send_at();
		trip->send_end = last_send_at();
	}
}

PGresult *
session_call(Session *session, const Statement *statement, const Param *params,
			 bool binary_result, RoundTrip *trip)
{
	Protocol	protocol = session->settings->protocol;
	PGresult   *result;
	bool		sent;

	session_begin_trip(session, trip);
	if (protocol == PROTOCOL_SIMPLE)
		sent = send_simple(session, statement, params, trip);
	else
		sent = session_send_extended(session, statement, params, binary_result, trip);
	if (!sent)
		return NULL;
	result = session_receive(session, trip);
	session_take_sends(session, trip);
	if (result != NULL)
		trip->received = wire_received(result, protocol) + session->notice_bytes;
	return result;
}

bool
session_tcp_info(const Session *session, double *rtt_ms, int64_t *retransmits)
{
	struct tcp_info info;
	socklen_t	length = sizeof(info);

	if (session->conn == NULL ||
		getsockopt(PQsocket(session->conn), IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return false;
	*rtt_ms = info.tcpi_rtt / 1000.0;
	*retransmits = info.tcpi_total_retrans;
	return true;
}
