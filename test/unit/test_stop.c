/*
 * test_stop.c
 *	  When a block and a run have measured enough.
 */
#include "drive/stop.h"
#include "tap.h"
#include "util/clock.h"

/* Blocks of 14, 16, 15 and 15 iterations, or of so many each. */
static Measured
made_blocks(const Parameters *parameters, Block blocks[4], int each)
{
	static const int made[] = {14, 16, 15, 15};

	for (int b = 0; b < 4; b++)
		blocks[b] = (Block) {.niterations = each > 0 ? each : made[b]};
	return (Measured) {.parameters = parameters, .nblocks = 4, .blocks = blocks};
}

/* What a last block must have, and for what there must be time before it. */
static void
test_last_block(void)
{
	Parameters	parameters = {.iterations = DEFAULT_BLOCK_ITERATIONS, .warmup = 3, .time_limit_s = 8};
	Block		blocks[4];
	Measured	measured = made_blocks(&parameters, blocks, 0);
	StopReason	reason;
	StopRule	rule;

	ok(stop_least_iterations(&measured, 4) == LEAST_BLOCK_ITERATIONS, "a last block of 4 is left out beside blocks of 15, one of 5 is not");
	ok(stop_least_iterations(&measured, 0) == 1, "the only one is not left out");
	measured = made_blocks(&parameters, blocks, 5);
	ok(stop_least_iterations(&measured, 4) == 3, "nor one of 3 where the others have 5");
	measured = made_blocks(&parameters, blocks, 1);
	ok(stop_least_iterations(&measured, 4) == 1, "nor one of 1 where they have as many");

	/* 3 warm-ups and 5 iterations of 100 ms at least */
	measured = made_blocks(&parameters, blocks, 0);
	stop_begin(&rule, &parameters);
	stop_note_iteration(&rule, NS_PER_S / 10);
	rule.until_ns = now_ns() + 600 * NS_PER_MS;
	ok(stop_after_block(&rule, &measured, 4, &reason) && reason == STOPPED_BY_TIME, "a block that would be left out is not begun");
	rule.until_ns = now_ns() + 60 * NS_PER_S;
	ok(!stop_after_block(&rule, &measured, 4, &reason), "one for which there is time is");
}

int
main(void)
{
	Parameters	parameters = {.iterations = DEFAULT_BLOCK_ITERATIONS};
	StopRule	rule;
	int64_t		long_ago;

	stop_begin(&rule, &parameters);
	long_ago = now_ns() - DEFAULT_TIME_LIMIT_S * NS_PER_S;
	ok(!stop_in_block(&rule, 1), "20 s do not cut a block off");
	ok(!stop_block(&rule, now_ns(), DEFAULT_BLOCK_ITERATIONS), "a block goes on within its 2 s");
	ok(!stop_block(&rule, long_ago, LEAST_BLOCK_ITERATIONS - 1), "and until it has 5 iterations");
	ok(stop_block(&rule, long_ago, LEAST_BLOCK_ITERATIONS), "then it ends");

	parameters.iterations = 100;
	stop_begin(&rule, &parameters);
	ok(!stop_block(&rule, long_ago, 50), "--iterations: a block is as long as was asked for");

	parameters.iterations = DEFAULT_BLOCK_ITERATIONS;
	parameters.blocks = 10;
	stop_begin(&rule, &parameters);
	ok(!stop_block(&rule, long_ago, 10), "--blocks: likewise");

	parameters.blocks = 0;
	parameters.time_limit_s = 1;
	stop_begin(&rule, &parameters);
	ok(stop_block(&rule, now_ns() - NS_PER_S / LEAST_BLOCKS, LEAST_BLOCK_ITERATIONS),
	   "--time: a block has a tenth of it, so that there are blocks enough for an interval");
	stop_note_iteration(&rule, NS_PER_S / 4);
	stop_note_iteration(&rule, NS_PER_S);
	ok(!stop_in_block(&rule, 1), "an iteration for which there is time is made");
	ok(stop_in_block(&rule, 4) && rule.iteration_ns == NS_PER_S / 4, "those that would be over after it are not");
	rule.strict = false;
	ok(!stop_in_block(&rule, 4), "without --time they are");
	rule.strict = true;
	rule.until_ns = long_ago;
	ok(stop_in_block(&rule, 1), "and the time itself cuts a block off");
	test_last_block();
	return done_testing();
}
