/*
 * run.c
 *	  The command run: look at everything first, measure in blocks, save, report,
 *	  clean up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command/options.h"
#include "drive/blocks.h"
#include "environment/environment.h"
#include "figures/figures.h"
#include "pg/notices.h"
#include "report/report.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"
#include "util/output.h"

#define EXIT_STEPS_FAILED 2

/* what is worth a word before it is written: payload bytes of all of the run */
#define MUCH_BYTES INT64_C(10000000000)

/* Can every result be written where it is wanted? */
static bool
check_outputs(const Options *options)
{
	return (options->json_path == NULL || output_path_check(options->json_path)) &&
		(options->csv_path == NULL || output_path_check(options->csv_path)) &&
		(options->samples_path == NULL || output_path_check(options->samples_path)) &&
		(options->plot_dir == NULL || plots_check_dir(options->plot_dir));
}

/* Connect to both sides and judge them; what stops the run is on stderr. */
static bool
open_sides(Run *run, const Options *options, Environment *environments)
{
	bool		allowed = true;

	for (int i = 0; i < options->run.nsides; i++)
	{
		if (!side_open(&run->sides[i], &options->sides[i]))
		{
			print_connection_error(run->sides[i].control.error);
			return false;
		}
	}
	for (int i = 0; i < options->run.nsides; i++)
		if (!environment_read(&run->sides[i].control, &options->run, &environments[i]))
			return false;
	for (int i = 0; i < options->run.nsides; i++)
		allowed = environment_allows_run(&environments[i], options->allow_unsafe) && allowed;
	return allowed;
}

/* The run begins to live on its servers; says what dead ones have left there. */
static bool
begin_sides(Run *run, const char *run_id)
{
	for (int i = 0; i < run->parameters->nsides; i++)
	{
		RunSide    *side = &run->sides[i];
		Leftovers	leftovers;
		int64_t		workflows = 0;

		if (!side_begin(side, run_id))
		{
			print_error("%s", side->control.error);
			return false;
		}
		if (!leftovers_find(&side->control, &leftovers))
			print_warning("could not look for what dead runs left: %s", side->control.error);
		for (int j = 0; j < leftovers.n; j++)
			workflows += leftovers.runs[j].workflows;
		if (leftovers.n > 0)
		{
			print_warning("%d dead run%s left the rows of %" PRId64 " workflow%s here, which take room and time",
						  leftovers.n, plural(leftovers.n), workflows, plural(workflows));
			print_hint("\"dbos_payload_bench clean\", with the same connection, deletes them");
		}
		leftovers_free(&leftovers);
	}
	return true;
}

/* How much will be written, where somebody looks on or it is much. */
static void
announce_volume(const Run *run, int progress_s)
{
	int64_t		block = run_block_bytes(run);
	int64_t		total = run_total_bytes(run);
	char		text[64] = "";

	if (progress_s == 0 && total < MUCH_BYTES && block < MUCH_BYTES / LEAST_BLOCKS)
		return;
	if (total >= 0)
		snprintf(text, sizeof(text), ", %.3g MB in all", (double) total / 1e6);
	print_hint("a block writes %.3g MB of payloads to each server%s; they are %s",
			   (double) block / 1e6, text, run->parameters->keep ? "kept" :
			   "deleted as the run goes, beyond 1 GB, and at its end");
}

/* Save all that was measured; true where every file is whole. */
static bool
write_results(const Run *run, const Figures *figures, const Options *options)
{
	bool		written = true;

	if (options->json_path != NULL)
		written = figures_write(figures, options->json_path) && written;
	if (options->csv_path != NULL)
		written = csv_write(figures, options->csv_path) && written;
	if (options->samples_path != NULL)
		written = samples_write(&run->measured, options->samples_path) && written;
	if (options->plot_dir != NULL && figures->niterations > 0)
		written = plots_write(figures, options->plot_dir) && written;
	return written;
}

static void
print_results(const Run *run, const Figures *figures, const Options *options)
{
	const Measured *measured = &run->measured;

	if (options->transcript && measured->niterations > 0)
		transcript_print(&measured->series[0],
						 measured->nseries > 1 && measured->series[1].kind == WORKFLOW_BATCHED ?
						 &measured->series[1] : NULL, 0, stdout);
	if (measured->niterations == 0)
		print_warning("nothing was measured");
	else if (options->full)
		report_full(figures, stdout);
	else
		report_answer(figures, stdout);
	fflush(stdout);
}

/* Take the run's own rows away; a workflow with a given id is somebody's. */
static bool
clean_up(Run *run)
{
	bool		clean = true;

	if (run->parameters->keep || run->nworkflows == 0)
		return true;
	interrupt_forget();			/* a signal from here on ends the program */
	for (int i = 0; i < run->parameters->nsides; i++)
	{
		RunSide    *side = &run->sides[i];

		if (!side_delete_rows(side))
		{
			leftovers_explain(&side->control);
			clean = false;
		}
	}
	return clean;
}

/* From the first block to the last row deleted; the exit status. */
static int
measure_and_report(Run *run, const Options *options, Environment *environments,
				   const char *started_at)
{
	const char *conninfos[MAX_SIDES] = {options->sides[0].conninfo, options->sides[1].conninfo};
	const Protocol protocols[MAX_SIDES] = {options->sides[0].protocol, options->sides[1].protocol};
	FiguresContext context = {
		.started_at = started_at,
		.run_id = run_id_uuid(run->sides[0].run_id),
		.argc = options->argc,
		.argv = options->argv,
		.assume_rtt_ms = options->assume_rtt_ms,
		.environments = environments,
		.conninfos = conninfos,
		.protocols = protocols,
	};
	Figures		figures;
	bool		was_interrupted;
	bool		written;
	bool		clean;

	interrupt_at_once(false);
	run_blocks(run);

	was_interrupted = interrupted();
	context.measured_s = run->measured_s;
	context.interrupted = was_interrupted;
	context.connection_lost = run->connection_lost;
	figures_make(&run->measured, &context, &figures);
	written = write_results(run, &figures, options);	/* what is on disk survives a closed terminal */
	print_results(run, &figures, options);
	figures_free(&figures);
	if (was_interrupted)
		print_warning("interrupted: the figures are of what was measured until then");
	clean = clean_up(run);
	notices_show_counts();

	if (was_interrupted && written && clean)
		return EXIT_INTERRUPTED;
	return run->failed || !written || !clean ? EXIT_STEPS_FAILED : EXIT_SUCCESS;
}

int
run_command(const Options *options)
{
	Run		   *run = xcalloc(1, sizeof(Run));
	Environment environments[MAX_SIDES] = {0};
	char		run_id[RUN_ID_SIZE];
	char		seconds[32];
	char		started_at[40];
	struct timespec now;
	struct tm	utc;
	bool		ready;
	int			status = EXIT_FAILURE;

	/* compare orders runs by it */
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(started_at, sizeof(started_at), "%s.%03dZ", seconds, (int) (now.tv_nsec / NS_PER_MS) % 1000);
	run->parameters = &options->run;
	run->progress_s = options->progress_s;
	run_id_make(run_id);

	/* everything that is wrong before the run is said before the run */
	ready = check_outputs(options) &&
		open_sides(run, options, environments) &&
		begin_sides(run, run_id);
	run_prepare(run);
	if (ready && options->run.workflow_id != NULL)
		ready = resume_check(&run->sides[0].control, &run->workload, run->recorded_before, stdout);
	if (ready)
	{
		announce_volume(run, options->progress_s);
		status = measure_and_report(run, options, environments, started_at);
	}
	run_free(run);
	for (int i = 0; i < MAX_SIDES; i++)
		environment_free(&environments[i]);
	free(run);
	return status;
}
