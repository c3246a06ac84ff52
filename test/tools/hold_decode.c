/*
 * hold_decode.c
 *	  To be preloaded into dbos_payload_bench: holds it for 10 ms
 *
 *	  - before a workflow's first step begins, outside of what is measured, so
 *	    that every step finds the processor as idle as after another delay;
 *	  - where HOLD_DECODE_LOG is set, before it looks at the answer of a step,
 *	    which is after the answer's last byte was read and before its payload can
 *	    be used.
 *
 * Calls are known by their SQL.  How long an answer was really held, the median
 * in ms, is left in the file that HOLD_DECODE_LOG names.
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
#define MAX_HELD 10000

static const char *log_path = NULL;
static bool started = false;	/* a workflow, just now */
static bool armed = false;		/* a step's answer is awaited */
static int64_t held_ns[MAX_HELD];
static int	nheld = 0;

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* how long it really took, in ns */
static int64_t
hold(void)
{
	struct timespec wait = {0, HOLD_NS};
	int64_t		began = now_ns();

	nanosleep(&wait, NULL);
	return now_ns() - began;
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
	log_path = getenv("HOLD_DECODE_LOG");
	started = (strstr(command, "start_workflow(") != NULL);
	armed = (log_path != NULL && strstr(command, "_step(") != NULL);
	return real(conn, command, nparams, types, values, lengths, formats, result_format);
}

char *
PQgetvalue(const PGresult *result, int row, int column)
{
	static char *(*real) (const PGresult *, int, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "PQgetvalue");
	if (armed && nheld < MAX_HELD)
		held_ns[nheld++] = hold();
	armed = false;
	return real(result, row, column);
}

void
PQclear(PGresult *result)
{
	static void (*real) (PGresult *);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "PQclear");
	real(result);
	if (started)
		hold();
	started = false;
}

static int
compare_times(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

__attribute__((destructor))
static void
leave_log(void)
{
	FILE	   *file = nheld > 0 ? fopen(log_path, "w") : NULL;

	if (file == NULL)
		return;
	qsort(held_ns, (size_t) nheld, sizeof(held_ns[0]), compare_times);
	fprintf(file, "%.6f\n", (double) held_ns[nheld / 2] / 1e6);
	fclose(file);
}
