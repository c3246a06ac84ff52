/*
 * test_stop.c
 *	  When a block and a run have measured enough.
 */
#include "drive/stop.h"
#include "tap.h"
#include "util/clock.h"

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
	return done_testing();
}
