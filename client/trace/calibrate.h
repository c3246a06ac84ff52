/*
 * calibrate.h
 *	  What tracing itself adds to a round trip: our own sessions, one straight to the
 *	  server and one through ourselves, by turns.
 *
 * A process of its own measures, since the loop must forward meanwhile; it is made
 * before there is any connection, so that it holds none open.
 */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/session.h"
#include "trace/loop.h"

typedef struct Calibrator Calibrator;

/* medians of so many round trips each way, of queries without a text; or why there are none */
typedef struct CalibrationAnswer
{
	int			rounds;			/* 0: none */
	int64_t		direct_ns;
	int64_t		through_ns;
	double		up_ns_per_byte; /* added to large messages, beyond that */
	double		down_ns_per_byte;
	char		why[512];
} CalibrationAnswer;

typedef void (*CalibrationDone) (void *context, const CalibrationAnswer *answer);

/* NULL, with a message on stderr, where there can be no process */
extern Calibrator *calibrator_begin(const SessionSettings *settings);

/* Measure, through this port of 127.0.0.1; done() is called from the loop. */
extern void calibrator_ask(Calibrator *calibrator, Loop *loop, int port, CalibrationDone done, void *context);

/* The process ends. */
extern void calibrator_end(Calibrator *calibrator, Loop *loop);

#endif							/* CALIBRATE_H */
