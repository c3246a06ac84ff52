/*
 * simulate.h
 *	  What the simulations share: the machine that made-up times come from, and
 *	  the lines that are printed.
 */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "made_samples.h"
#include "util/random.h"

#define ITERATIONS 30
#define NOISE 0.25				/* of a single time, on the logarithm */

typedef enum Pace
{
	PACE_STEADY,
	PACE_LINEAR,
	PACE_STEP,
	PACE_WALK,
	PACE_COUNT
} Pace;

/* the logarithm of a machine's pace, by how far it is through its work */
typedef struct Machine
{
	Pace		pace;
	double		step_at;
	double		walked;
	double		walk;			/* standard deviation of one move */
} Machine;

/* of the steps of made_init(); the last: the batch */
extern const double base_ms[MADE_SIZES + 1];

/* simulate_machine.c: all chance of a simulation, of one seed */
extern Random state;
extern const char *const pace_names[PACE_COUNT];

extern double normal(void);
extern void ar_step(double *z, double phi);
extern Machine machine_begin(Pace pace, double nmoves);
extern double machine_move(Machine *machine, double done);

/* simulate_coverage.c: prints, of each noise, how often intervals hold the truth */
extern void simulate_coverages(int ntrials);

#endif							/* SIMULATE_H */
