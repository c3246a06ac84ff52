/*
 * make_profiles.c
 *	  What the SDKs' statements cost beyond ours, and why.
 *
 * Each part is a difference of medians of a block, and the database's what the others
 * leave: so they add up in every block, and their estimates, which are means over the
 * blocks, too.
 */
#include <math.h>
#include <stdlib.h>

#include "engine/profile.h"
#include "figures/blocks.h"
#include "figures/make.h"
#include "util/memory.h"

/* a value per iteration, NAN where there is none */
typedef double (*ValueOf) (const Series *series, int step, int iteration);

static double
step_ms(const Series *series, int step, int iteration)
{
	return sample_ms(series_sample(series, step, iteration), METRIC_ROUND_TRIP);
}

/* the workflow with its start and end, in each of which are round trips too */
static double
workflow_ms(const Series *series, int step, int iteration)
{
	const Sample *whole = series_sample(series, step, iteration);

	return sample_ms(whole, METRIC_START) + sample_ms(whole, METRIC_ROUND_TRIP) + sample_ms(whole, METRIC_END);
}

/* the blocks' medians; all NAN where there is no such series (-1); the caller's */
static double *
medians_of(const Measured *measured, int place, int step, ValueOf value_of)
{
	double	   *values = xcalloc((size_t) measured->niterations + 1, sizeof(double));
	double	   *medians = xcalloc((size_t) measured->nblocks + 1, sizeof(double));

	for (int i = 0; i < measured->niterations; i++)
		values[i] = place < 0 ? NAN : value_of(&measured->series[place], step, i);
	block_medians(measured, values, medians);
	free(values);
	return medians;
}

/* of an empty query, likewise */
static double *
empty_medians(const Measured *measured, int side)
{
	double	   *values = xcalloc((size_t) measured->niterations + 1, sizeof(double));
	double	   *medians = xcalloc((size_t) measured->nblocks + 1, sizeof(double));

	for (int i = 0; i < measured->niterations; i++)
	{
		values[i] = NAN;
		for (int b = 0; b < measured->nbaselines; b++)
			if (measured->baselines[b].kind == BASELINE_EMPTY && measured->baselines[b].side == side)
				values[i] = sample_ms(&measured->baselines[b].samples[i], METRIC_ROUND_TRIP);
	}
	block_medians(measured, values, medians);
	free(values);
	return medians;
}

/* how many round trips: of a step, or of the workflow with its start and end */
static int
count_turns(const Series *series, bool whole)
{
	bool		is_profile = drive_is_profile(series->drive);
	int			of_step = is_profile ?
		profile_turns(series->drive, STAGE_CHECK) + profile_turns(series->drive, STAGE_RECORD) : 1;
	int			around = is_profile ?
		profile_turns(series->drive, STAGE_START) + profile_turns(series->drive, STAGE_END) : 2;

	return whole ? around + series->nsteps * of_step : of_step;
}

static void
make_profile(const Making *making, int place, int step, const double *empty, ProfileFigures *figures)
{
	const Measured *measured = making->measured;
	const Series *series = &measured->series[place];
	bool		whole = step == series->nsteps;
	ValueOf		value_of = whole ? workflow_ms : step_ms;
	int			own = making_series(making, series->side, series->kind, DRIVE_CALLS, ORIGIN_CLIENT);
	int			plain = making_series(making, series->side, series->kind, drive_plain(series->drive), ORIGIN_CLIENT);
	double	   *profile_ms = medians_of(measured, place, step, value_of);
	double	   *own_ms = medians_of(measured, own, step, value_of);
	double	   *plain_ms = medians_of(measured, plain, step, value_of);
	int			nblocks = measured->nblocks;
	double	   *difference = xcalloc(5 * (size_t) (nblocks + 1), sizeof(double));
	double	   *network = difference + nblocks + 1;
	double	   *round_trips = network + nblocks + 1;
	double	   *format = round_trips + nblocks + 1;
	double	   *database = format + nblocks + 1;
	const Cell *cell = whole ? &making->figures->workflows[place].whole : &making->figures->workflows[place].steps[step];

	figures->side = series->side;
	figures->kind = series->kind;
	figures->drive = series->drive;
	figures->step = whole ? -1 : step;
	figures->payload_bytes = cell->payload_bytes;
	figures->text_bytes = cell->volume[VOLUME_TEXT_BYTES];
	figures->turns = count_turns(series, whole);
	figures->own_turns = whole ? series->nsteps + 2 : 1;
	for (int b = 0; b < nblocks; b++)
	{
		difference[b] = profile_ms[b] - own_ms[b];
		network[b] = figures->turns * empty[b];
		round_trips[b] = isnan(own_ms[b]) ? NAN : (figures->turns - figures->own_turns) * empty[b];
		format[b] = profile_ms[b] - plain_ms[b];
		database[b] = difference[b] - round_trips[b] - format[b];
	}
	figures->profile_ms = estimate_blocks(profile_ms, nblocks);
	figures->own_ms = estimate_blocks(own_ms, nblocks);
	figures->difference_ms = estimate_blocks(difference, nblocks);
	figures->network_ms = estimate_blocks(network, nblocks);
	figures->round_trips_ms = estimate_blocks(round_trips, nblocks);
	figures->format_ms = estimate_blocks(format, nblocks);
	figures->database_ms = estimate_blocks(database, nblocks);
	free(profile_ms);
	free(own_ms);
	free(plain_ms);
	free(difference);
}

void
make_profiles(Making *making)
{
	const Measured *measured = making->measured;
	Figures    *figures = making->figures;
	size_t		most = 1;

	for (int i = 0; i < measured->nseries; i++)
		most += (size_t) measured->series[i].nsteps + 1;
	figures->profiles = xcalloc(most, sizeof(ProfileFigures));
	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];
		double	   *empty;

		if (!drive_is_profile(series->drive) || drive_is_plain(series->drive))
			continue;
		empty = empty_medians(measured, series->side);
		for (int step = 0; step <= series->nsteps; step++)
			make_profile(making, i, step, empty, &figures->profiles[figures->nprofiles++]);
		free(empty);
	}
}
