/*
 * test_measured.c
 *	  Samples by blocks: rows stay with their iterations when blocks are forgotten.
 */
#include <string.h>

#include "sample/measured.h"
#include "tap.h"

#define BLOCKS 40
#define ITERATIONS 5

static const Step steps[2] = {
	{"size_step", 1, 1, 0, 0},
	{"size_step", 2, 10, 1, 0},
};

/* Block b, iteration i, step s gets a time of its own. */
static int64_t
mark(int b, int i, int s)
{
	return b * 1000 + i * 10 + s;
}

static void
fill(Measured *measured, int b)
{
	Series	   *series = &measured->series[0];

	measured_begin_block(measured);
	for (int s = 0; s <= 2; s++)
		series_first_row(measured, series)[s].ns[METRIC_ROUND_TRIP] = mark(b, 9, s);
	for (int i = 0; i < ITERATIONS; i++)
	{
		measured_begin_iteration(measured);
		for (int s = 0; s <= 2; s++)
			series_row(measured, series)[s].ns[METRIC_ROUND_TRIP] = mark(b, i, s);
		baseline_sample(measured, &measured->baselines[0])->ns[METRIC_WAIT] = mark(b, i, 7);
	}
}

/* Are exactly the blocks 0, every, 2 * every ... there, whole and in order? */
static bool
holds_blocks(const Measured *measured, int every)
{
	const Series *series = &measured->series[0];

	for (int b = 0; b < measured->nblocks; b++)
	{
		const Block *block = &measured->blocks[b];

		if (block->niterations != ITERATIONS || block->first_iteration != b * ITERATIONS)
			return false;
		for (int s = 0; s <= 2; s++)
		{
			if (series->first[b * 3 + s].ns[METRIC_ROUND_TRIP] != mark(b * every, 9, s))
				return false;
			for (int i = 0; i < ITERATIONS; i++)
			{
				int			at = block->first_iteration + i;

				if (series->samples[at * 3 + s].ns[METRIC_ROUND_TRIP] != mark(b * every, i, s) ||
					measured->baselines[0].samples[at].ns[METRIC_WAIT] != mark(b * every, i, 7))
					return false;
			}
		}
	}
	return measured->niterations == measured->nblocks * ITERATIONS;
}

int
main(void)
{
	static const Parameters parameters = {.nsides = 1};
	Measured	measured;
	size_t		limit;

	measured_init(&measured, &parameters);
	measured_add_series(&measured, 0, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_SERVER, steps, 2);
	measured_add_baseline(&measured, 0, BASELINE_NO_OP, 0);
	for (int b = 0; b < BLOCKS; b++)
		fill(&measured, b);
	ok(measured.nblocks == BLOCKS && holds_blocks(&measured, 1), "all blocks are there");

	limit = (size_t) measured.niterations * measured_iteration_bytes(&measured);
	measured_thin(&measured, limit);
	ok(measured.nblocks == BLOCKS && measured.every == 1, "within the limit nothing is forgotten");
	measured_thin(&measured, limit - 1);
	ok(measured.nblocks == BLOCKS / 2 && measured.every == 2, "beyond it every second block is");
	ok(holds_blocks(&measured, 2), "and the others are whole");

	fill(&measured, BLOCKS);
	measured_forget_block(&measured);
	ok(measured.nblocks == BLOCKS / 2 && holds_blocks(&measured, 2), "the newest block can be forgotten");
	fill(&measured, BLOCKS);
	ok(measured.nblocks == BLOCKS / 2 + 1 && holds_blocks(&measured, 2), "and another one takes its place");
	measured_free(&measured);
	return done_testing();
}
