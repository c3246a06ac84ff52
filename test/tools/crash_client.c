/*
 * crash_client.c
 *	  Runs a seven-step workflow and tells, step by step, what the server has
 *	  acknowledged; for the crash tests, which take server and client down on
 *	  the way.
 *
 *	  crash_client CONNINFO WORKFLOW_ID
 *
 * Prints "pid N", the server process, then after each step that was
 * acknowledged "ack FUNCTION_ID SHA256" of the payload that came back, and
 * "done" at the end; each line is out before the next call.  Payloads are
 * random without a seed: a step that was run twice cannot go unnoticed.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>
#include <openssl/sha.h>

#define NSTEPS 7

/* A step counts once the server is ready for the next: the whole answer is in. */
static PGresult *
call(PGconn *conn, const char *sql, int nparams, const char *const *values, int binary)
{
	PGresult   *result = PQexecParams(conn, sql, nparams, NULL, values, NULL, NULL, binary);

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQtransactionStatus(conn) != PQTRANS_IDLE)
	{
		fprintf(stderr, "crash_client: %s", PQerrorMessage(conn));
		PQclear(result);
		PQfinish(conn);
		exit(1);
	}
	return result;
}

int
main(int argc, char **argv)
{
	PGconn	   *conn;
	const char *values[3] = {argv[argc > 2 ? 2 : 0], "size_workflow", NULL};

	if (argc != 3)
	{
		fprintf(stderr, "usage: crash_client CONNINFO WORKFLOW_ID\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	conn = PQconnectdb(argv[1]);
	if (PQstatus(conn) != CONNECTION_OK)
	{
		fprintf(stderr, "crash_client: %s", PQerrorMessage(conn));
		PQfinish(conn);
		return 1;
	}
	printf("pid %d\n", PQbackendPID(conn));
	PQclear(call(conn, "SELECT dbos_payload.start_workflow($1, $2)", 2, values, 0));

	for (int step = 1; step <= NSTEPS; step++)
	{
		unsigned char digest[SHA256_DIGEST_LENGTH];
		char		function_id[12];
		char		exponent[12];
		PGresult   *result;

		snprintf(function_id, sizeof(function_id), "%d", step);
		snprintf(exponent, sizeof(exponent), "%d", step - 1);
		values[1] = function_id;
		values[2] = exponent;
		result = call(conn, "SELECT dbos_payload.size_step($1, $2, $3)", 3, values, 1);
		SHA256((const unsigned char *) PQgetvalue(result, 0, 0),
			   (size_t) PQgetlength(result, 0, 0), digest);
		printf("ack %d ", step);
		for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
			printf("%02x", digest[i]);
		printf("\n");
		PQclear(result);
	}
	printf("done\n");
	PQfinish(conn);
	return 0;
}
