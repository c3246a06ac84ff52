/*
 * hold_decode.c
 *	  To be preloaded into dbos_payload_bench: holds it for 10 ms before it looks
 *	  at the answer of a step, which is after the answer's last byte was read and
 *	  before its payload can be used.
 *
 * A step is known by its SQL.  How long it was really held, in ms on average,
 * and how often, is left in the file that HOLD_DECODE_LOG names.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>

#define HOLD_NS 10000000

static bool armed = false;
static int64_t held_ns = 0;
static int64_t nheld = 0;

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int
PQsendQueryParams(PGconn *conn, const char *command, int nparams, const Oid *types,
				  const char *const *values, const int *lengths, const int *formats,
				  int result_format)
{
	static int	(*real) (PGconn *, const char *, int, const Oid *, const char *const *,
						 const int *, const int *, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "PQsendQueryParams");
	armed = (strstr(command, "size_step(") != NULL || strstr(command, "record_step(") != NULL);
	return real(conn, command, nparams, types, values, lengths, formats, result_format);
}

char *
PQgetvalue(const PGresult *result, int row, int column)
{
	static char *(*real) (const PGresult *, int, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "PQgetvalue");
	if (armed)
	{
		struct timespec hold = {0, HOLD_NS};
		int64_t		began = now_ns();

		nanosleep(&hold, NULL);
		held_ns += now_ns() - began;
		nheld++;
		armed = false;
	}
	return real(result, row, column);
}

__attribute__((destructor))
static void
leave_log(void)
{
	const char *path = getenv("HOLD_DECODE_LOG");
	FILE	   *file = path != NULL && nheld > 0 ? fopen(path, "w") : NULL;

	if (file == NULL)
		return;
	fprintf(file, "%.6f %lld\n", (double) held_ns / (double) nheld / 1e6, (long long) nheld);
	fclose(file);
}
