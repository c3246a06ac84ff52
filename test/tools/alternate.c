/*
 * alternate.c
 *	  Times statements in turn, in one session; for "make measure".
 *
 *	  alternate [-n ROUNDS] [-w ROUNDS] [-M MODE] [-s SQL]... [-p SQL] [-a SQL]
 *				NAME BEFORE SQL ...
 *
 *	  -n ROUNDS  how often each statement is timed (default: until SIGTERM)
 *	  -w ROUNDS  rounds before that which are not printed (default 0)
 *	  -M MODE    prepared (default), extended or simple
 *	  -s SQL     run once at the start
 *	  -p SQL     makes the payload, a bytea, that statements get as $2
 *	  -a SQL     run after each timed call; its columns are printed too
 *
 * For each statement: its name, what to run before each timed call (lines, each
 * a command and a transaction of its own), and the statement itself, which
 * answers in binary, but in the simple protocol.
 * Its $1, an integer, is the number of the call, which no other call has.  Odd
 * rounds go forwards, even ones backwards.
 *
 * Prints "pid N", the server process, then a line for each call, separated by
 * tabs: name, start and duration in ns (of the monotonic clock), bytes that came
 * back, and the columns of -a.  Bytes are the kernel's count of the connection's,
 * whole messages, by TCP; elsewhere 0.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <libpq-fe.h>

#define INT4OID 23
#define BYTEAOID 17
#define MAX_STATEMENTS 16

typedef struct
{
	const char *name;
	const char *before;
	const char *sql;
	int			nparams;
	char		prepared[16];
} Statement;

typedef enum
{
	PREPARED,
	EXTENDED,
	SIMPLE
} Mode;

static PGconn *conn;
static Mode mode = PREPARED;
static const Oid types[2] = {INT4OID, BYTEAOID};
static volatile sig_atomic_t stopped = 0;

static void
stop(int signal)
{
	(void) signal;
	stopped = 1;
}

static void
fail(const char *sql)
{
	fprintf(stderr, "alternate: %s(in: %s)\n", PQerrorMessage(conn), sql);
	exit(1);
}

/* What the server answered to sql, which must be a success. */
static PGresult *
checked(PGresult *result, const char *sql)
{
	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		fail(sql);
	return result;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t
bytes_received(void)
{
	struct tcp_info info;
	socklen_t	size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(PQsocket(conn), IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

static void
prepare(Statement *statement, int number)
{
	statement->nparams = strstr(statement->sql, "$2") != NULL ? 2 :
		strstr(statement->sql, "$1") != NULL ? 1 : 0;
	snprintf(statement->prepared, sizeof(statement->prepared), "statement_%d", number);
	PQclear(checked(PQprepare(conn, statement->prepared, statement->sql, statement->nparams, types),
					statement->sql));
}

/* Runs each line of commands. */
static void
run_lines(const char *commands)
{
	char	   *copy = strdup(commands);
	char	   *rest = NULL;

	if (copy == NULL)
		abort();
	for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		PQclear(checked(PQexec(conn, line), line));
	free(copy);
}

/* The statement's text with what it gets as literals; malloc'd. */
static char *
with_literals(const char *sql, uint32_t number, const PGresult *payload)
{
	size_t		room = strlen(sql) + 100 + (payload != NULL ? 2 * (size_t) PQgetlength(payload, 0, 0) : 0);
	char	   *text = malloc(room);
	char	   *limit = text + room;
	char	   *end = text;

	if (text == NULL)
		abort();
	for (const char *from = sql; *from != '\0'; from++)
	{
		if (from[0] == '$' && from[1] == '1')
			end += snprintf(end, (size_t) (limit - end), "%u", number);
		else if (from[0] == '$' && from[1] == '2' && payload != NULL)
		{
			const unsigned char *bytes = (const unsigned char *) PQgetvalue(payload, 0, 0);

			end += snprintf(end, (size_t) (limit - end), "'\\x");
			for (int i = 0; i < PQgetlength(payload, 0, 0); i++)
			{
				*end++ = "0123456789abcdef"[bytes[i] >> 4];
				*end++ = "0123456789abcdef"[bytes[i] & 15];
			}
			end += snprintf(end, (size_t) (limit - end), "'::bytea");
		}
		else
		{
			*end++ = *from;
			continue;
		}
		from++;
	}
	*end = '\0';
	return text;
}

/* One timed call, printed unless it is of the warm-up. */
static void
call(const Statement *statement, uint32_t number, const PGresult *payload, const char *after,
	 int print)
{
	uint32_t	number_sent = htonl(number);
	const char *values[2] = {(const char *) &number_sent, NULL};
	int			lengths[2] = {sizeof(number_sent), 0};
	static const int formats[2] = {1, 1};
	uint64_t	received;
	int64_t		start;
	int64_t		end;
	char	   *text = NULL;
	PGresult   *result;

	if (payload != NULL)
	{
		values[1] = PQgetvalue(payload, 0, 0);
		lengths[1] = PQgetlength(payload, 0, 0);
	}
	run_lines(statement->before);
	if (mode == SIMPLE)
		text = with_literals(statement->sql, number, payload);

	received = bytes_received();
	start = now_ns();
	if (mode == PREPARED)
		result = PQexecPrepared(conn, statement->prepared, statement->nparams, values, lengths,
								formats, 1);
	else if (mode == EXTENDED)
		result = PQexecParams(conn, statement->sql, statement->nparams, types, values, lengths,
							  formats, 1);
	else
		result = PQexec(conn, text);
	end = now_ns();
	free(text);
	received = bytes_received() - received;
	PQclear(checked(result, statement->sql));

	if (print)
		printf("%s\t%lld\t%lld\t%llu", statement->name, (long long) start,
			   (long long) (end - start), (unsigned long long) received);
	if (after != NULL)
	{
		result = checked(PQexec(conn, after), after);
		for (int i = 0; print && i < PQnfields(result); i++)
			printf("\t%s", PQgetvalue(result, 0, i));
		PQclear(result);
	}
	if (print)
		printf("\n");
}

static void
usage(void)
{
	fprintf(stderr, "usage: alternate [-n ROUNDS] [-w ROUNDS] [-M MODE] [-s SQL]... [-p SQL] [-a SQL] NAME BEFORE SQL ...\n");
	exit(1);
}

int
main(int argc, char **argv)
{
	Statement	statements[MAX_STATEMENTS];
	int			nstatements;
	long		rounds = -1;
	long		warmup = 0;
	uint32_t	number = 0;
	const char *after = NULL;
	PGresult   *payload = NULL;
	int			option;

	conn = PQconnectdb("");
	if (PQstatus(conn) != CONNECTION_OK)
		fail("connecting");
	while ((option = getopt(argc, argv, "n:w:M:s:p:a:")) != -1)
	{
		switch (option)
		{
			case 'n':
				rounds = atol(optarg);
				break;
			case 'w':
				warmup = atol(optarg);
				break;
			case 'M':
				if (strcmp(optarg, "prepared") == 0)
					mode = PREPARED;
				else if (strcmp(optarg, "extended") == 0)
					mode = EXTENDED;
				else if (strcmp(optarg, "simple") == 0)
					mode = SIMPLE;
				else
					usage();
				break;
			case 's':
				PQclear(checked(PQexec(conn, optarg), optarg));
				break;
			case 'p':
				payload = checked(PQexecParams(conn, optarg, 0, NULL, NULL, NULL, NULL, 1), optarg);
				break;
			case 'a':
				after = optarg;
				break;
			default:
				usage();
		}
	}
	nstatements = (argc - optind) / 3;
	if (nstatements == 0 || nstatements > MAX_STATEMENTS || (argc - optind) % 3 != 0)
		usage();
	for (int i = 0; i < nstatements; i++)
	{
		char	  **given = argv + optind + 3 * i;

		statements[i].name = given[0];
		statements[i].before = given[1];
		statements[i].sql = given[2];
		prepare(&statements[i], i);
	}

	signal(SIGTERM, stop);
	printf("pid %d\n", PQbackendPID(conn));
	fflush(stdout);
	for (long round = 0; !stopped && (rounds < 0 || round < warmup + rounds); round++)
	{
		for (int i = 0; i < nstatements; i++)
			call(&statements[round % 2 == 0 ? i : nstatements - 1 - i], ++number, payload, after,
				 round >= warmup);
	}
	PQclear(payload);
	PQfinish(conn);
	return fflush(stdout) == 0 ? 0 : 1;
}
