/*
 * wire.c
 *	  How many bytes a call puts on the wire.
 *
 * Counted from what libpq is given and what it returned, so that counting costs
 * the measured path nothing; a test compares it with a proxy's count.
 */
#include <string.h>

#include "pg/session_internal.h"

#define HEADER 5				/* type byte and int32 length */
#define STRING(s) ((int64_t) strlen(s) + 1)

static int64_t
param_bytes(const Param *param)
{
	if (param->value == NULL)
		return 0;
	return param->binary ? param->length : (int64_t) strlen(param->value);
}

/*
 * As libpq's PQsendQueryParams (prepared false), with so many types declared, and
 * PQsendQueryPrepared (true) send it, with one result format code.
 */
int64_t
wire_sent_extended(const char *sql, const char *statement_name, int ntypes,
				   int nparams, const Param *params, bool prepared)
{
	int64_t		parse = HEADER + STRING(statement_name) + STRING(sql) + 2 + 4 * (int64_t) ntypes;
	int64_t		bind = HEADER + STRING("") + STRING(statement_name) +
		2 + 2 + 2 + 2;			/* counts of formats, params, result formats; one result format */
	int64_t		describe = HEADER + 1 + STRING("");
	int64_t		execute = HEADER + STRING("") + 4;
	int64_t		sync = HEADER;

	for (int i = 0; i < nparams; i++)
		bind += 2 + 4 + param_bytes(&params[i]);
	return (prepared ? 0 : parse) + bind + describe + execute + sync;
}

int64_t
wire_sent_simple(const char *query)
{
	return HEADER + STRING(query);
}

int64_t
wire_received(const PGresult *result, Protocol protocol)
{
	ExecStatusType status = PQresultStatus(result);
	int			ncolumns = PQnfields(result);
	int64_t		bytes = 0;

	if (status == PGRES_EMPTY_QUERY)
		return HEADER + HEADER + 1; /* EmptyQueryResponse, ReadyForQuery */
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		return 0;

	if (protocol == PROTOCOL_EXTENDED)
		bytes += HEADER;		/* ParseComplete */
	if (protocol != PROTOCOL_SIMPLE)
		bytes += HEADER;		/* BindComplete */

	if (status == PGRES_TUPLES_OK)
	{
		bytes += HEADER + 2;	/* RowDescription */
		for (int column = 0; column < ncolumns; column++)
			bytes += STRING(PQfname(result, column)) + 4 + 2 + 4 + 2 + 4 + 2;
		for (int row = 0; row < PQntuples(result); row++)
		{
			bytes += HEADER + 2;	/* DataRow */
			for (int column = 0; column < ncolumns; column++)
				bytes += 4 + PQgetlength(result, row, column);
		}
	}
	else if (protocol != PROTOCOL_SIMPLE)
		bytes += HEADER;		/* NoData */

	bytes += HEADER + STRING(PQcmdStatus((PGresult *) result));	/* CommandComplete */
	bytes += HEADER + 1;		/* ReadyForQuery */
	return bytes;
}

int64_t
wire_notice(const PGresult *notice)
{
	static const char codes[] = "SVCMDHPpqWstcdnFLR";
	int64_t		bytes = HEADER + 1;

	for (const char *code = codes; *code != '\0'; code++)
	{
		const char *field = PQresultErrorField(notice, *code);

		if (field != NULL)
			bytes += 1 + STRING(field);
	}
	return bytes;
}
