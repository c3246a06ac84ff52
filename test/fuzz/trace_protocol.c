/*
 * trace_protocol.c
 *	  Fuzzes the reading of traffic between a program and its server.
 *
 * The input is what passes, in pieces: a byte with the direction (its first bit: from
 * the server) and the length (0: of two bytes that follow), then so many bytes.  The
 * same bytes cut otherwise must tell the same.
 */
#include <inttypes.h>

#include "fuzz.h"
#include "trace/trace_internal.h"

typedef struct Told
{
	Seen		seen;
	int64_t		unknown;
	int64_t		messages;
	int64_t		connections;
	int			nsteps;
	int64_t		sums[6];
} Told;

static void
show(TracedConnection *connection, bool server, const uint8_t *bytes, size_t n, int64_t now)
{
	uint8_t    *piece = malloc(n);	/* so that reading behind it is found */

	must(piece != NULL);
	memcpy(piece, bytes, n);
	if (server)
		trace_from_server(connection, piece, n, now, now);
	else
		trace_from_program(connection, piece, n, now, now);
	free(piece);
}

static Told
run(const uint8_t *data, size_t size, size_t cut)
{
	Trace	   *trace = trace_begin(&(TraceSettings) {0});
	TracedConnection *connection = trace_connection(trace);
	TraceFigures figures;
	Told		told;
	int64_t		now = 1000;

	while (size >= 1)
	{
		bool		server = (data[0] & 0x80) != 0;
		size_t		n = data[0] & 0x7F;

		data++, size--;
		if (n == 0 && size >= 2)
		{
			n = (size_t) data[0] << 8 | data[1];
			data += 2, size -= 2;
		}
		if (n > size)
			n = size;
		now += 1000;
		for (size_t at = 0; at < n; at += cut)
			show(connection, server, data + at, n - at < cut ? n - at : cut, now);
		data += n, size -= n;
	}
	trace_closed(connection);
	trace->ended = now + 1000;
	workflows_finish(trace);
	trace_figures_make(trace, &figures);
	memset(&told, 0, sizeof(told));
	told.seen = trace->seen;
	told.unknown = trace->not_understood.statements;
	told.messages = trace->not_understood.messages;
	told.connections = trace->not_understood.connections;
	told.nsteps = trace->nsteps;
	for (int i = 0; i < trace->nsteps; i++)
	{
		const StepSample *step = &trace->steps[i];
		double		ns[STEP_TIME_COUNT];

		step_times(trace, step, ns);
		must(step->start <= step->end && step->waiting >= 0 && step->turns >= 0);
		must(ns[STEP_NETWORK] >= 0 && ns[STEP_SERVER] >= 0);
		told.sums[0] += step->waiting;
		told.sums[1] += step->text_bytes;
		told.sums[2] += step->before;
		told.sums[3] += step->between;
		told.sums[4] += step->bytes_up;
		told.sums[5] += step->bytes_down;
	}
	trace_figures_free(&figures);
	trace_free(trace);
	return told;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Told		whole = run(data, size, SIZE_MAX / 2);
	Told		cut = run(data, size, 1);

	must(memcmp(&whole, &cut, sizeof(whole)) == 0);
	cut = run(data, size, 5);
	must(memcmp(&whole, &cut, sizeof(whole)) == 0);
	return 0;
}
