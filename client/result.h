/*
 * result.h
 *	  Everything that a run found, as the reports and files read it.
 */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>

#include "environment.h"
#include "options.h"
#include "sample.h"
#include "stats.h"

/* seven against one, for one drive and origin */
typedef struct Comparison
{
	const Series *multiple;
	const Series *batched;
	Summary		multiple_ms;
	Summary		batched_ms;
	Interval	ratio;			/* multiple / batched; estimate and interval */
	double		floor_ms;		/* p50 of the smallest step's round trip */
	double		saved_ms;		/* multiple p50 - batched p50 */
	double		expected_saving_ms; /* (n - 1) x floor */
	double		predicted_ratio;	/* (batched + (n - 1) x floor) / batched */
	double		break_even_rtt_ms;	/* round-trip time at which batching saves 10 %; NAN: unknown */
} Comparison;

typedef struct Result
{
	const Options *options;
	const Environment *environment;
	char		started_at[40];	/* ISO 8601, UTC */
	int			nseries;
	Series	  **series;			/* multiple and batched next to each other, per drive and origin */
	int			narms;
	Arm		   *arms;
	bool		interrupted;
	bool		connection_lost;
	int			nreconnects;
	int			nretries;
	double		tcp_rtt_ms;		/* the kernel's own, at the end; NAN: not TCP */
	int64_t		tcp_retransmits;	/* segments sent again; UNKNOWN: not TCP */
} Result;

/* the multiple and the batched series of series[i] and series[i + 1] */
extern void comparison_make(const Series *multiple, const Series *batched, Comparison *comparison);

/* reports, on standard output */
extern void report_tables(const Result *result);	/* a table per size, deltas, the two approaches */
extern void report_split(const Result *result);	/* parts in ms and percent, CPU, arms, network twice */

/*
 * Result files.  open_* before the run, so that a path that cannot be written
 * is said before and not after it; write_* at the end.  All return false with
 * a message on stderr.
 */
extern bool json_write(const Result *result, const char *path);
extern bool csv_write(const Result *result, const char *path);
extern bool samples_write(const Result *result, const char *path);
extern bool output_path_check(const char *path);

#endif							/* RESULT_H */
