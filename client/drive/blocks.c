/*
 * blocks.c
 *	  How a run goes.
 *
 * A run is blocks, a block is iterations, an iteration is everything that is
 * compared, once, in an order that is drawn anew.  Blocks, and not iterations, are
 * what differs by chance alone: connections, their place in memory and the work
 * that the server does now and then last longer than an iteration.
 */
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "drive/blocks.h"
#include "drive/drive.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* rows are deleted at a block's end once so much of payloads was written to a side */
#define MAX_UNDELETED_BYTES INT64_C(1000000000)

/* more iterations with track_cpu would not tell more */
#define MAX_CPU_ITERATIONS 1000

/*
 * given back where memory is out, so that what was measured can be saved and shown, for
 * which about as much is needed: of what there is, half at most
 */
#define MOST_RESERVE_BYTES ((size_t) 48 * 1024 * 1024)
#define LEAST_RESERVE_BYTES ((size_t) 6 * 1024 * 1024)

/* a run that takes this much of its -T is worth a word */
#define OVER_TIME 1.25

static sigjmp_buf out_of_memory;
static void *reserve = NULL;

static void
memory_is_out(void)
{
	siglongjmp(out_of_memory, 1);
}

/* NULL: there is not even the least */
static void *
make_reserve(void)
{
	for (size_t size = MOST_RESERVE_BYTES; size >= LEAST_RESERVE_BYTES; size /= 2)
	{
		void	   *twice = malloc(2 * size);

		free(twice);
		if (twice != NULL)
			return malloc(size);
	}
	return NULL;
}

void
run_prepare(Run *run)
{
	const Parameters *parameters = run->parameters;

	workload_make(parameters, &run->workload);
	measured_init(&run->measured, parameters);
	if (parameters->has_seed)
		random_seed(&run->random, (uint64_t) parameters->seed);
	else
		random_seed_from_kernel(&run->random);

	for (int side = 0; side < parameters->nsides; side++)
	{
		for (Drive drive = 0; drive < DRIVE_COUNT; drive++)
		{
			for (Origin origin = 0; origin < ORIGIN_COUNT; origin++)
			{
				if (!parameters->drives[drive] || !parameters->origins[origin] ||
					(drive_is_profile(drive) && origin != ORIGIN_CLIENT))
					continue;
				for (WorkflowKind kind = 0; kind < WORKFLOW_COUNT; kind++)
				{
					int			nsteps;
					const Step *steps = workload_steps(&run->workload, kind, &nsteps);

					/* a workflow with a given id is the one with a step per size */
					if (kind == WORKFLOW_MULTIPLE || parameters->workflow_id == NULL)
						measured_add_series(&run->measured, side, kind, drive, origin, steps, nsteps);
				}
			}
		}
		if (parameters->workflow_id == NULL)
			baselines_add(&run->measured, side, &run->workload);
	}
}

void
run_free(Run *run)
{
	for (int side = 0; side < MAX_SIDES; side++)
	{
		side_close(&run->sides[side]);
		profile_schemas_free(&run->sides[side].schemas);
	}
	measured_free(&run->measured);
}

/* The first calls: each series on a fresh connection of its own. */
static void
run_first_calls(Run *run, bool lost_before)
{
	int			n = run->measured.nseries;
	int		   *order = xcalloc((size_t) n, sizeof(int));

	for (int i = 0; i < n; i++)
		order[i] = i;
	random_shuffle(&run->random, order, (size_t) n, sizeof(int));
	for (int i = 0; i < n && block_goes_on(run); i++)
	{
		Series	   *series = &run->measured.series[order[i]];
		RunSide    *side = &run->sides[series->side];

		if (connect_side(run, series->side, lost_before))
			run_workflow(run, series, &side->session, PURPOSE_FIRST);
		disconnect_side(side);
	}
	free(order);
}

static void
open_baselines(Run *run, int number)
{
	RunSide    *side = &run->sides[number];

	if (run->measured.nbaselines == 0)
		return;
	next_workflow_id(run, side, side->baselines_id);
	side->baselines_open = baselines_open(&side->baselines, &side->session, &run->workload,
										  side->baselines_id, &run->random, !side->has_extension);
	if (run->parameters->baselines)
		side->undeleted_bytes += 2 * run->workload.batched.payload_bytes;
	if (!side->baselines_open && !interrupted())
	{
		print_error("%sbaselines: %s; this block has none", side_prefix(run, number),
					side->session.error);
		after_failure(run, &side->session);
	}
}

/*
 * Fresh connections, in an order drawn anew: who comes second finds other memory.
 * The first calls come before, so that a side never has more than one beside its
 * control connection.
 */
static void
open_block(Run *run)
{
	bool		lost_before = run->block_over;
	int			first = (int) random_below(&run->random, (uint64_t) run->parameters->nsides);

	run->block_over = run->block_failed = false;
	if (run->parameters->workflow_id == NULL)
		run_first_calls(run, lost_before);
	for (int i = 0; i < run->parameters->nsides && block_goes_on(run); i++)
	{
		int			side = (first + i) % run->parameters->nsides;

		if (connect_side(run, side, lost_before))
			open_baselines(run, side);
	}
	if (lost_before && goes_on(run))
		run->measured.nreconnects++;
}

static void
close_block(Run *run)
{
	for (int number = 0; number < run->parameters->nsides; number++)
	{
		RunSide    *side = &run->sides[number];
		Measured   *measured = &run->measured;

		if (side->connected && !side->session.lost)
		{
			int64_t		again;

			if (session_tcp_info(&side->session, &measured->tcp_rtt_ms[number], &again))
				measured->tcp_retransmits[number] = again +
					(measured->tcp_retransmits[number] == UNKNOWN ? 0 :
					 measured->tcp_retransmits[number]);
			if (side->baselines_open)
				baselines_close(&side->baselines);
		}
		disconnect_side(side);
		side->baselines_open = false;
	}
}

/*
 * What the backends use in the block's measured iterations, and how long these take: from
 * look to look, without what lies between a span's end and the next one's begin.
 */
typedef struct Span
{
	BackendUse	before[MAX_SIDES];
	int64_t		began;
} Span;

/* A look in the middle of its own round trip: of either half as much is in cpu_ms as in wall_ms. */
static int64_t
look_at_use(Run *run, BackendUse use[MAX_SIDES])
{
	int64_t		began = now_ns();

	for (int side = 0; side < run->parameters->nsides; side++)
		side_usage(&run->sides[side], &use[side]);
	return began + (now_ns() - began) / 2;
}

static void
begin_span(Run *run, Span *span)
{
	span->began = look_at_use(run, span->before);
}

/* what one look does not know, the block does not */
static void
end_span(Run *run, const Span *span, BackendUse block[MAX_SIDES])
{
	BackendUse	after[MAX_SIDES];
	double		wall_ms = (double) (look_at_use(run, after) - span->began) / (double) NS_PER_MS;

	for (int side = 0; side < run->parameters->nsides; side++)
	{
		const BackendUse *before = &span->before[side];
		const BackendUse *now = &after[side];

		block[side].wall_ms += wall_ms;
		block[side].cpu_ms += now->cpu_ms - before->cpu_ms;
		block[side].delay_ms += now->delay_ms - before->delay_ms;
		add_difference(&block[side].voluntary_switches, now->voluntary_switches, before->voluntary_switches);
		add_difference(&block[side].involuntary_switches, now->involuntary_switches, before->involuntary_switches);
	}
}

/*
 * Where commits wait for standbys each measured iteration has a twin that does not, by
 * whose commits it is known what of its own is the flush.  Is there anything to pair?
 */
static bool
is_paired(const Run *run)
{
	for (int i = 0; run->parameters->workflow_id == NULL && i < run->measured.nseries; i++)
		if (takes_part(run, &run->measured.series[i], PURPOSE_FLUSH))
			return true;
	return false;
}

/* From now on nobody's commits wait for standbys, or all do that did. */
static void
commit_locally(Run *run, bool on)
{
	for (int number = 0; number < run->parameters->nsides && block_goes_on(run); number++)
	{
		RunSide    *side = &run->sides[number];

		if (side_commit_locally(side, on))
			continue;
		if (!interrupted())
		{
			print_error("%s%s", side_prefix(run, number), side->session.error);
			after_failure(run, &side->session);
		}
		run->block_over = true;	/* whatever its commits wait for now */
	}
}

/*
 * A pair: in the order waiting, local, local, waiting, waiting …, so that neither comes
 * first more often than the other and there is little to switch.  The use of the backends
 * is that of the waiting ones.  Local: what the session is until now, and is then.
 */
static void
run_pair(Run *run, bool *local, Span *span, BackendUse use[MAX_SIDES])
{
	for (int half = 0; half < 2 && block_goes_on(run); half++)
	{
		if (half == 1)
		{
			if (!*local)
				end_span(run, span, use);
			*local = !*local;
			commit_locally(run, *local);
			if (!*local)
				begin_span(run, span);
		}
		if (block_goes_on(run))
			run_iteration(run, *local ? PURPOSE_FLUSH : PURPOSE_MEASURE);
	}
	finish_pair(run);
}

/* The measured iterations of a block. */
static void
run_iterations(Run *run, Progress *progress)
{
	int			n = run->parameters->workflow_id != NULL ? 1 : run->parameters->iterations;
	bool		paired = is_paired(run);
	bool		local = paired && random_below(&run->random, 2) == 1;
	BackendUse	use[MAX_SIDES] = {0};
	int64_t		began;
	Span		span;

	if (local)
		commit_locally(run, true);
	else
		begin_span(run, &span);
	began = now_ns();
	for (int i = 0; i < n && block_goes_on(run); i++)
	{
		int64_t		iteration_began = now_ns();

		if ((run->measured.niterations > 0 && stop_in_block(&run->stop, 1)) ||
			stop_block(&run->stop, began, i))
			break;
		if (!measured_begin_iteration(&run->measured))
			memory_is_out();
		if (paired)
			run_pair(run, &local, &span, use);
		else
			run_iteration(run, PURPOSE_MEASURE);
		stop_note_iteration(&run->stop, now_ns() - iteration_began);
		progress_show(progress, "measuring", run->nblocks, i + 1, n);
	}
	if (!local)
		end_span(run, &span, use);
	else if (block_goes_on(run))
		commit_locally(run, false);
	memcpy(run->measured.blocks[run->measured.nblocks - 1].backend, use, sizeof(use));
}

/* One more iteration, in which the server reads its processors' clocks too. */
static void
run_cpu_iteration(Run *run)
{
	bool		on = false;

	if (run->measured.series[0].ncpu >= MAX_CPU_ITERATIONS || run->parameters->workflow_id != NULL ||
		stop_in_block(&run->stop, 1))
		return;
	for (int side = 0; side < run->parameters->nsides; side++)
		on = side_track_cpu(&run->sides[side], true) || on;
	if (on)
		run_iteration(run, PURPOSE_CPU);
	for (int side = 0; side < run->parameters->nsides; side++)
		if (!run->sides[side].session.lost)
			side_track_cpu(&run->sides[side], false);
}

/* Rows go as the run goes: the disk of a long run is bounded. */
static void
delete_rows(Run *run)
{
	if (run->parameters->keep || run->parameters->workflow_id != NULL)
		return;
	for (int number = 0; number < run->parameters->nsides && goes_on(run); number++)
	{
		RunSide    *side = &run->sides[number];

		if (side->undeleted_bytes <= MAX_UNDELETED_BYTES)
			continue;
		if (!side_delete_rows(side) && !interrupted())
		{
			leftovers_explain(&side->control);
			after_failure(run, &side->control);
		}
	}
}

/*
 * Is the newest block one that the time or a signal has left so little of that its medians,
 * which count as much as any block's, would tell less?  What has failed in it is counted.
 */
static bool
is_too_short(const Run *run)
{
	const Measured *measured = &run->measured;
	int			nbefore = measured->nblocks - 1;

	return !run->block_failed && measured->blocks[nbefore].niterations < stop_least_iterations(measured, nbefore);
}

/* A block, from its connections to its end; it is kept where it has measured enough. */
static void
run_block(Run *run, Progress *progress)
{
	if (!measured_begin_block(&run->measured))
		memory_is_out();
	run->nblocks++;
	open_block(run);
	for (int i = 0; i < run->parameters->warmup && block_goes_on(run); i++)
	{
		int64_t		began;

		/* one is measured behind it */
		if (stop_in_block(&run->stop, 2))
			break;
		began = now_ns();
		run_iteration(run, PURPOSE_WARMUP);
		stop_note_iteration(&run->stop, now_ns() - began);
		progress_show(progress, "warm-up", run->nblocks, i + 1, run->parameters->warmup);
	}
	if (block_goes_on(run))
		run_iterations(run, progress);
	if (block_goes_on(run))
		run_cpu_iteration(run);
	close_block(run);

	/* what was thinned out already is not begun again */
	if ((run->nblocks - 1) % run->measured.every != 0 || is_too_short(run))
		measured_forget_block(&run->measured);
	measured_thin(&run->measured, SAMPLE_MEMORY_BYTES);
	delete_rows(run);
}

static StopReason
run_until_stopped(Run *run, Progress *progress)
{
	StopReason	reason = STOPPED_BY_BLOCKS;
	bool		enough = false;

	while (!enough && goes_on(run))
	{
		run_block(run, progress);
		enough = stop_after_block(&run->stop, &run->measured, run->nblocks, &reason);
	}
	if (interrupted())
		return STOPPED_BY_INTERRUPT;
	return run->given_up ? STOPPED_BY_FAILURE : reason;
}

void
run_blocks(Run *run)
{
	const Parameters *parameters = run->parameters;
	Progress	progress;
	int64_t		began = now_ns();

	reserve = make_reserve();
	stop_begin(&run->stop, parameters);
	progress_begin(&progress, run->progress_s,
				   parameters->blocks > 0 ? parameters->blocks : run->stop.strict ? 0 : LEAST_BLOCKS,
				   parameters->blocks == 0 && !run->stop.strict, run->stop.until_ns);
	if (reserve == NULL)
	{
		print_error("out of memory: a run has to have %zu MB more, and nothing was measured", 2 * LEAST_RESERVE_BYTES / 1000000);
		run->failed = true;
		run->measured.stopped = STOPPED_BY_MEMORY;
	}
	else if (sigsetjmp(out_of_memory, 1) == 0)
	{
		memory_set_handler(memory_is_out);
		run->measured.stopped = run_until_stopped(run, &progress);
	}
	else
	{
		/* libpq may be in the middle of a call: these connections are not used again */
		memory_set_handler(NULL);
		free(reserve);
		reserve = NULL;
		print_error("out of memory: the run ends here, with what it has measured");
		run->failed = true;
		run->measured.stopped = STOPPED_BY_MEMORY;
		for (int side = 0; side < parameters->nsides; side++)
			run->sides[side].session.lost = run->sides[side].control.lost = true;
		close_block(run);
	}
	memory_set_handler(NULL);
	free(reserve);
	reserve = NULL;
	if (run->measured.nblocks > 0 &&
		run->measured.blocks[run->measured.nblocks - 1].niterations == 0)
		measured_forget_block(&run->measured);
	progress_end(&progress);
	run->measured_s = (double) (now_ns() - began) / (double) NS_PER_S;
	if (run->stop.strict && run->measured.stopped == STOPPED_BY_TIME &&
		run->measured_s > OVER_TIME * parameters->time_limit_s)
		print_hint("-T %d was too short for all that is compared, which is measured once at least: that took %.1f s",
				   parameters->time_limit_s, run->measured_s);
}
