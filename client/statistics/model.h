/*
 * model.h
 *	  What the measured curve predicts: time = floor + slope x bytes for every
 *	  part, and what other round-trip times would make of the two approaches.
 *
 * A fit is weighted least squares on the medians of the sizes, each weighted by
 * 1 / median^2, so that an error of 10 % counts the same at 1 byte and at 1 MB.
 * Its 95 % intervals come from redrawing each size's median from its own order
 * statistics (1,000 times, a fixed seed); they say how well the line is known,
 * not whether a line is right.  Whether it is right is said by the worst
 * residual: the step where TOAST begins shows there.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sample/result.h"

/* a line misses its medians by more than this somewhere: it is called poor */
#define MODEL_POOR_PERCENT 20.0

#define MODEL_BYTES_PER_MB 1000000.0

typedef struct Fit
{
	bool		known;			/* at least three sizes have a median above zero */
	int			npoints;
	Interval	floor_ms;
	Interval	slope_ms_per_mb;	/* 1 MB = 1,000,000 bytes */
	double		r_squared;		/* of the weighted fit; NAN where all medians are alike */
	double		worst_percent;	/* largest (measured - line) / measured, with its sign */
	int64_t		worst_bytes;	/* the size where that is */
} Fit;

typedef enum PredictionKind
{
	PREDICT_MULTIPLE_BY_FIT,	/* the line at every size, summed */
	PREDICT_BATCHED_BY_FIT,		/* the line at the size of the batch */
	PREDICT_BATCHED_BY_FLOORS,	/* the measured steps without n - 1 floors */
	PREDICT_ONE_WAIT,			/* pipeline, procedure: calls without n - 1 network waits */
	PREDICTION_COUNT
} PredictionKind;

typedef struct Prediction
{
	bool		known;
	double		predicted_ms;
	double		measured_ms;	/* NAN: not measured in this run */
} Prediction;

/* one drive and origin */
typedef struct PairModel
{
	const Series *multiple;
	const Series *batched;		/* NULL: there is none */
	double		rtt_ms;			/* the network's part of the smallest step, else the empty query */
	double		floor_ms;		/* p50 of the smallest step's round trip */
	Fit			fits[METRIC_COUNT]; /* round trip, the parts, the server's total */
	Prediction	predictions[PREDICTION_COUNT];
	double		break_even_10_ms;	/* round-trip time from which batching saves 10 %, */
	double		break_even_half_ms; /* and half; 0: at any; NAN: never, or unknown */
} PairModel;

typedef struct ModelResult
{
	int			npairs;
	PairModel  *pairs;			/* owned: model_free */
} ModelResult;

/* line in ms at this many bytes; NAN where the fit is not known */
extern double fit_at(const Fit *fit, int64_t bytes);

/*
 * Fit a line to n points: median_ms[i] is the median of sorted_ns[i][0 ..
 * count[i] - 1], the values of size bytes[i].  Used by model_make.
 */
extern void fit_make(int n, const int64_t *bytes, int64_t *const *sorted_ns,
					 const int *count, Fit *fit);

/*
 * The round-trip time from which one call instead of n saves this share (0.1:
 * 10 %) of the time, where n calls take multiple_ms and one takes batched_ms at
 * a round-trip time of rtt_ms.  0: at any; NAN: at none, or unknown.
 */
extern double model_break_even_rtt_ms(double multiple_ms, double batched_ms, int n,
									  double rtt_ms, double share);

extern void model_make(const Result *result, ModelResult *model);
extern void model_free(ModelResult *model);

/*
 * What a drive would take at a round-trip time of rtt_ms: every round trip
 * becomes longer by the difference to the one now, bandwidth is not modelled.
 * kind WORKFLOW_BATCHED: the batch.  *measured: from a measurement of this
 * drive, else from the calls without their waits.  NAN where unknown.
 */
extern double model_at_rtt(const ModelResult *model, WorkflowKind kind, Drive drive,
						   Origin origin, double rtt_ms, bool *measured);

/* on standard output */
extern void report_model(const Result *result);

#endif							/* MODEL_H */
