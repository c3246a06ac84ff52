/*
 * observe.h
 *	  What a tracing sees: the bytes of a program and its server as they pass, read
 *	  into turns, statements, steps and workflows.
 *
 * The forwarder hands bytes on first and shows them here afterwards.  Nothing that
 * is called here waits, changes bytes or keeps a payload: of a long parameter only
 * its length.  What is not understood is counted and said, and never stops anything.
 * All times are of util/clock.h, in ns.  One thread.
 */
#ifndef OBSERVE_H
#define OBSERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Trace Trace;
typedef struct TracedConnection TracedConnection;

struct TraceFigures;

typedef struct TraceSettings
{
	const char *conninfo;		/* for the second figure, by pg_stat_statements; NULL: none */
	const char *server;			/* the server in words, without a password, for the report */
	const char *json_path;		/* NULL: no such file; "-": standard output */
	const char *samples_path;

	/* what else is made of the figures, after the report; NULL: nothing; false: it could not be written */
	bool		(*also) (void *context, const struct TraceFigures *figures);
	void	   *context;
} TraceSettings;

/*
 * What our own session measured, directly and through ourselves by turns: medians
 * of its round trips.  program_side_ns is what a turn through ourselves takes that
 * lies outside what trace_from_program and trace_from_server were told of it: the
 * session's round trip less (answer handed on - request arrived).
 */
typedef struct TraceCalibration
{
	int64_t		direct_ns;		/* program -> server -> program, without us */
	int64_t		through_ns;		/* the same through us */
	int64_t		program_side_ns;	/* program -> us and us -> program, of through_ns */
	int			rounds;			/* measured each way */

	/*
	 * What we add to each byte of large messages, beyond the above: of a message of
	 * 1 MB, say, ((through - direct) - (through_ns - direct_ns)) / bytes; 0: not
	 * measured.
	 */
	double		up_ns_per_byte;
	double		down_ns_per_byte;
} TraceCalibration;

/* Settings are copied.  Opens the second figure's session where there is one; never fails. */
extern Trace *trace_begin(const TraceSettings *settings);

/*
 * A program's connection, whose start-up packet has been forwarded: the first bytes
 * that are shown of it are those after that packet (passwords too: they are not
 * looked at), and the server's first answer to it.  Ours until trace_closed.
 * Not for cancel requests, and not for the calibration's own connections.
 */
extern TracedConnection *trace_connection(Trace *trace);

/*
 * Bytes that passed, in order, called after they were handed on.  arrived_ns: when
 * read() had returned them; forwarded_ns: when the last of them was written.
 */
extern void trace_from_program(TracedConnection *connection, const unsigned char *bytes, size_t n,
							   int64_t arrived_ns, int64_t forwarded_ns);
extern void trace_from_server(TracedConnection *connection, const unsigned char *bytes, size_t n,
							  int64_t arrived_ns, int64_t forwarded_ns);

/* One side has gone; frees the connection. */
extern void trace_closed(TracedConnection *connection);

/* Several can be given (at the start, at the end): their mean by rounds counts. */
extern void trace_calibration(Trace *trace, const TraceCalibration *calibration);

/* steps, workflows and what is slow so far, without a newline, for a terminal's line */
extern void trace_progress_line(const Trace *trace, char *buffer, size_t size);

/*
 * The end, after every connection was closed: figures of all that was seen; the
 * report to out (NULL: none), JSON and samples where the settings ask for them.
 * False, with a message on stderr, where a file could not be written.  The trace is
 * then still to be freed.
 */
extern bool trace_end(Trace *trace, FILE *out);
extern void trace_free(Trace *trace);

#endif							/* OBSERVE_H */
