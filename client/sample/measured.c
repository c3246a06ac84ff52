/*
 * measured.c
 *	  Everything that a run measured, sample by sample.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sample/measured.h"
#include "util/memory.h"

#define FIRST_ITERATIONS 64
#define FIRST_BLOCKS 16
#define KEPT_BLOCKS 20			/* thinning leaves at least half of these */

static size_t
row_size(const Series *series)
{
	return (size_t) series->nsteps + 1;
}

static void
reset_samples(Sample *samples, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sample_reset(&samples[i]);
}

void
measured_init(Measured *measured, const Parameters *parameters)
{
	*measured = (Measured) {.parameters = parameters, .every = 1, .stopped = STOPPED_BY_BLOCKS};
	for (int side = 0; side < MAX_SIDES; side++)
	{
		measured->tcp_rtt_ms[side] = NAN;
		measured->tcp_retransmits[side] = UNKNOWN;
	}
}

Series *
measured_add_series(Measured *measured, int side, WorkflowKind kind, Drive drive, Origin origin,
					const Step *steps, int nsteps)
{
	Series	   *series;

	measured->series = xrealloc(measured->series,
								(size_t) (measured->nseries + 1) * sizeof(Series));
	series = &measured->series[measured->nseries++];
	*series = (Series) {
		.side = side, .kind = kind, .drive = drive, .origin = origin, .steps = steps, .nsteps = nsteps
	};
	return series;
}

Baseline *
measured_add_baseline(Measured *measured, int side, BaselineKind kind, int64_t payload_bytes)
{
	Baseline   *baseline;

	measured->baselines = xrealloc(measured->baselines,
								   (size_t) (measured->nbaselines + 1) * sizeof(Baseline));
	baseline = &measured->baselines[measured->nbaselines++];
	*baseline = (Baseline) {.side = side, .kind = kind, .payload_bytes = payload_bytes};
	return baseline;
}

void
measured_add_move(Measured *measured, int side, char *server, char *changed)
{
	int			n = measured->nmoves[side]++;

	measured->moves[side] = xrealloc(measured->moves[side], (size_t) (n + 1) * sizeof(Move));
	measured->moves[side][n] = (Move) {measured->niterations, server, changed};
}

void
measured_free(Measured *measured)
{
	for (int side = 0; side < MAX_SIDES; side++)
	{
		for (int i = 0; i < measured->nmoves[side]; i++)
		{
			free(measured->moves[side][i].server);
			free(measured->moves[side][i].changed);
		}
		free(measured->moves[side]);
	}
	for (int i = 0; i < measured->nseries; i++)
	{
		free(measured->series[i].samples);
		free(measured->series[i].first);
		free(measured->series[i].cpu);
	}
	for (int i = 0; i < measured->nbaselines; i++)
		free(measured->baselines[i].samples);
	free(measured->series);
	free(measured->baselines);
	free(measured->blocks);
	memset(measured, 0, sizeof(*measured));
}

/* Room for n samples; false, with *samples as it was, where memory is out. */
static bool
grow(Sample **samples, size_t n)
{
	Sample	   *grown = realloc(*samples, n * sizeof(Sample));

	if (grown == NULL)
		return false;
	*samples = grown;
	return true;
}

static bool
grow_blocks(Measured *measured)
{
	int			capacity = measured->block_capacity ? 2 * measured->block_capacity : FIRST_BLOCKS;
	Block	   *blocks = realloc(measured->blocks, (size_t) capacity * sizeof(Block));

	if (blocks == NULL)
		return false;
	measured->blocks = blocks;
	for (int i = 0; i < measured->nseries; i++)
		if (!grow(&measured->series[i].first, (size_t) capacity * row_size(&measured->series[i])))
			return false;
	measured->block_capacity = capacity;
	return true;
}

static bool
grow_iterations(Measured *measured)
{
	int			capacity = measured->iteration_capacity ?
		2 * measured->iteration_capacity : FIRST_ITERATIONS;

	for (int i = 0; i < measured->nseries; i++)
		if (!grow(&measured->series[i].samples, (size_t) capacity * row_size(&measured->series[i])))
			return false;
	for (int i = 0; i < measured->nbaselines; i++)
		if (!grow(&measured->baselines[i].samples, (size_t) capacity))
			return false;
	measured->iteration_capacity = capacity;
	return true;
}

bool
measured_begin_block(Measured *measured)
{
	Block	   *block;

	if (measured->nblocks == measured->block_capacity && !grow_blocks(measured))
		return false;
	block = &measured->blocks[measured->nblocks++];
	memset(block, 0, sizeof(*block));
	block->first_iteration = measured->niterations;
	for (int side = 0; side < MAX_SIDES; side++)
		block->backend[side] = (BackendUse) {NAN, NAN, NAN, UNKNOWN, UNKNOWN};
	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];

		reset_samples(series_first_row(measured, series), row_size(series));
	}
	return true;
}

bool
measured_begin_iteration(Measured *measured)
{
	if (measured->niterations == measured->iteration_capacity && !grow_iterations(measured))
		return false;
	measured->niterations++;
	measured->blocks[measured->nblocks - 1].niterations++;
	for (int i = 0; i < measured->nseries; i++)
	{
		const Series *series = &measured->series[i];

		reset_samples(series_row(measured, series), row_size(series));
	}
	for (int i = 0; i < measured->nbaselines; i++)
		sample_reset(baseline_sample(measured, &measured->baselines[i]));
	return true;
}

CpuSample *
series_add_cpu(Series *series)
{
	CpuSample  *row = realloc(series->cpu,
							  (size_t) (series->ncpu + 1) * row_size(series) * sizeof(CpuSample));

	if (row == NULL)
		return NULL;
	series->cpu = row;
	row += (size_t) series->ncpu++ * row_size(series);
	for (size_t s = 0; s < row_size(series); s++)
		cpu_sample_reset(&row[s]);
	return row;
}

Sample *
series_row(const Measured *measured, const Series *series)
{
	return series->samples + (size_t) (measured->niterations - 1) * row_size(series);
}

Sample *
series_first_row(const Measured *measured, const Series *series)
{
	return series->first + (size_t) (measured->nblocks - 1) * row_size(series);
}

Sample *
baseline_sample(const Measured *measured, const Baseline *baseline)
{
	return baseline->samples + (measured->niterations - 1);
}

size_t
measured_iteration_bytes(const Measured *measured)
{
	size_t		samples = (size_t) measured->nbaselines;

	for (int i = 0; i < measured->nseries; i++)
		samples += row_size(&measured->series[i]);
	return samples * sizeof(Sample);
}

/* Move n rows of so many samples from one place to an earlier one. */
static void
move(Sample *samples, size_t row, int to, int from, int n)
{
	memmove(samples + (size_t) to * row, samples + (size_t) from * row, (size_t) n * row * sizeof(Sample));
}

void
measured_forget_block(Measured *measured)
{
	measured->niterations = measured->blocks[--measured->nblocks].first_iteration;
}

void
measured_thin(Measured *measured, size_t limit)
{
	int			kept = 0;
	int			niterations = 0;

	if ((size_t) measured->niterations * measured_iteration_bytes(measured) <= limit ||
		measured->nblocks < KEPT_BLOCKS)
		return;
	for (int b = 0; b < measured->nblocks; b += 2)
	{
		Block		block = measured->blocks[b];

		for (int i = 0; i < measured->nseries; i++)
		{
			Series	   *series = &measured->series[i];

			move(series->samples, row_size(series), niterations, block.first_iteration, block.niterations);
			move(series->first, row_size(series), kept, b, 1);
		}
		for (int i = 0; i < measured->nbaselines; i++)
			move(measured->baselines[i].samples, 1, niterations, block.first_iteration, block.niterations);
		block.first_iteration = niterations;
		niterations += block.niterations;
		measured->blocks[kept++] = block;
	}
	measured->nblocks = kept;
	measured->niterations = niterations;
	measured->every *= 2;
}
