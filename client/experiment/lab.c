/*
 * lab.c
 *	  Connections, statements, time and payloads of an experiment.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive/workload.h"
#include "experiment/lab.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* on a terminal: not before this, and not more often than that */
#define TERMINAL_DELAY_NS (2 * NS_PER_S)
#define TERMINAL_EVERY_NS (NS_PER_S / 5)

bool
lab_is_alive(const Lab *lab)
{
	return !interrupted() && !lab->failed;
}

bool
lab_goes_on(const Lab *lab)
{
	return lab_is_alive(lab) && now_ns() < lab->deadline;
}

double
least_of(const double *values, int n)
{
	double		least = values[0];

	for (int i = 1; i < n; i++)
		least = fmin(least, values[i]);
	return least;
}

double
lab_seconds_left(const Lab *lab)
{
	return fmax(0.0, (double) (lab->deadline - now_ns()) / (double) NS_PER_S);
}

void
lab_fail(Lab *lab, const Session *session, const char *what)
{
	/* an interrupted call says that it was cancelled, which somebody asked for */
	if (!interrupted())
	{
		lab_progress_end(lab);
		print_error("%s: %s", what, session->error != NULL ? session->error : "the connection was lost");
		lab->failed = true;
	}
}

bool
lab_delete_workflows(Lab *lab)
{
	if (leftovers_delete(&lab->control, lab->run_id, NULL))
		return true;
	if (!interrupted())
	{
		leftovers_explain(&lab->control);
		lab->failed = true;
	}
	return false;
}

bool
lab_connect(Lab *lab, Session *session)
{
	if (session_open(session, lab->options->settings) &&
		session_do(session, "SELECT pg_catalog.set_config('bytea_output', 'hex', false)", 0, NULL))
		return true;
	if (!interrupted())
	{
		lab_progress_end(lab);
		print_connection_error(session->error);
		lab->failed = true;
	}
	return false;
}

static PGresult *
query(Lab *lab, const char *format, va_list args)
{
	va_list		again;
	char	   *sql;
	int			length;
	PGresult   *result;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	sql = xcalloc((size_t) length + 1, 1);
	vsnprintf(sql, (size_t) length + 1, format, args);
	result = session_query(&lab->control, sql, 0, NULL);
	if (result == NULL)
		lab_fail(lab, &lab->control, lab->name);
	free(sql);
	return result;
}

PGresult *
lab_query(Lab *lab, const char *format,...)
{
	va_list		args;
	PGresult   *result;

	va_start(args, format);
	result = query(lab, format, args);
	va_end(args);
	return result;
}

bool
lab_do(Lab *lab, const char *format,...)
{
	va_list		args;
	PGresult   *result;

	va_start(args, format);
	result = query(lab, format, args);
	va_end(args);
	PQclear(result);
	return result != NULL;
}

double
lab_number(Lab *lab, const char *format,...)
{
	va_list		args;
	PGresult   *result;
	double		number = NAN;

	va_start(args, format);
	result = query(lab, format, args);
	va_end(args);
	if (result != NULL && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
		number = strtod(PQgetvalue(result, 0, 0), NULL);
	PQclear(result);
	return number;
}

void
lab_progress(Lab *lab, const char *what, double done)
{
	LabProgress *progress = &lab->progress;
	int64_t		now = now_ns();
	int64_t		every = progress->terminal ? TERMINAL_EVERY_NS : progress->every_s * NS_PER_S;
	double		spent = (double) (now - lab->began) / (double) NS_PER_S;
	double		left = (double) (lab->deadline - now) / (double) NS_PER_S;

	if ((!progress->terminal && progress->every_s == 0) || now - progress->shown < every ||
		(progress->terminal && now - lab->began < TERMINAL_DELAY_NS))
		return;
	progress->shown = now;
	if (left < 0)				/* what must be done takes longer than was planned */
		left = done > 0 ? spent * (1 - done) / done : 0;
	fprintf(stderr, "%s%s", progress->terminal ? "\r" : "", lab->name);
	if (lab->nplaces > 1)
		fprintf(stderr, ", %d of %d", lab->place, lab->nplaces);
	fprintf(stderr, ": %s, %.0f %%, %.0f s left%s%s", what, 100.0 * fmin(1.0, done), left + lab->seconds_after,
			lab->nplaces > 1 ? " of all" : "", progress->terminal ? "\033[K" : "\n");
	progress->on_line = progress->terminal;
}

void
lab_progress_end(Lab *lab)
{
	if (lab->progress.on_line)
		fputs("\r\033[K", stderr);
	lab->progress.on_line = false;
}

bool
lab_has_room(const Lab *lab, double bytes)
{
	double		free_bytes = lab->environment->free_bytes;

	if (isnan(free_bytes) || free_bytes >= bytes)
		return true;
	print_error("%s: it needs up to %.1f GB on the server's disk, where %.1f GB are free. Make room, or give it less to do (--sizes, -T, --to).",
				lab->name, bytes / 1e9, free_bytes / 1e9);
	return false;
}

unsigned char *
lab_payload_file(const char *path, size_t most, size_t *size)
{
	FILE	   *file = fopen(path, "rb");
	unsigned char *bytes = NULL;
	bool		good = file != NULL;

	*size = 0;
	if (good)
	{
		bytes = xcalloc(most + 1, 1);
		*size = fread(bytes, 1, most + 1, file);
		good = !ferror(file);
	}
	if (!good)
		print_error("--payload \"%s\": could not %s it: %s", path, file != NULL ? "read" : "open", strerror(errno));
	else if (*size > most)
		print_error("--payload \"%s\": it has more than %zu bytes, which is the most that this experiment takes", path, most);
	else if (*size == 0)
		print_error("--payload \"%s\": it is empty; a payload has a byte at least", path);
	good = good && *size > 0 && *size <= most;
	if (file != NULL)
		fclose(file);
	if (good)
		return bytes;
	free(bytes);
	return NULL;
}

void
lab_fill(Lab *lab, unsigned char *buffer, size_t size, int compressible)
{
	payload_fill(buffer, size, true, (int64_t) random_next(&lab->random), compressible);
}
