/*
 * run.c
 *	  The command run: look at everything first, measure in blocks, save, report,
 *	  clean up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options.h"
#include "drive/blocks.h"
#include "drive/schemas.h"
#include "environment/environment.h"
#include "figures/figures.h"
#include "pg/notices.h"
#include "report/report.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"
#include "util/timestamp.h"

#define EXIT_STEPS_FAILED 2

/*
 * Without the extension there is nothing but profiles; sides are compared by what both
 * can do.
 */
static void
leave_out_ours(Parameters *parameters, const Environment *environment)
{
	if (environment->portable_version != NULL)
		parameters_without_extension(parameters);
	if (environment->extension_version != NULL || environment->portable_version != NULL ||
		!has_profiles(parameters) || !has_own_drives(parameters))
		return;
	print_warning("the extension dbos_payload is not in this database: the profiles are measured alone");
	for (Drive drive = 0; drive < OWN_DRIVES; drive++)
		parameters->drives[drive] = false;
	parameters->baselines = false;
	parameters->origins[ORIGIN_SERVER] = false;
}

/*
 * Connect to both sides and judge them; what stops the run is on stderr.  What cannot
 * be done there, and need not be, is taken out of the parameters.
 */
static bool
open_sides(Run *run, const Options *options, Parameters *parameters, Environment *environments)
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
	{
		run->sides[i].has_extension = environments[i].extension_version != NULL;
		run->sides[i].others_times = environment_tells_others_times(&environments[i]);
		run->sides[i].has_tables = run->sides[i].has_extension || environments[i].portable_version != NULL;
		leave_out_ours(parameters, &environments[i]);
		allowed = environment_allows_run(&environments[i], options->allow_unsafe) && allowed;
	}
	return allowed;
}

/* Dead runs' schemas take room. */
static bool
warn_of_schemas(RunSide *side)
{
	DeadSchemas schemas;
	bool		found = dead_schemas_find(&side->control, &schemas);

	if (!found)
		print_error("could not look for schemas that dead runs left: %s", side->control.error);
	else if (schemas.n > 0)
	{
		print_warning("dead runs left %d schema%s here, which take%s room", schemas.n, plural(schemas.n),
					  schemas.n == 1 ? "s" : "");
		print_hint("\"dbos_payload_bench clean\", with the same connection, drops them");
	}
	dead_schemas_free(&schemas);
	return found;
}

/* Say what --keep leaves. */
static void
name_schemas(const RunSide *side)
{
	for (Layout layout = 0; layout < LAYOUT_COUNT; layout++)
		if (*side->schemas.names[layout] != '\0')
			print_hint("kept: the schema %s; DROP SCHEMA %s CASCADE takes it away",
					   side->schemas.names[layout], side->schemas.names[layout]);
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
		if (!warn_of_schemas(side))
			return false;
		/* from here on there is something to take away */
		if (has_profiles(run->parameters))
			interrupt_at_once(false);
		if (!side_create_schemas(side, i, run->parameters))
		{
			print_error("%s", side->control.error);
			return false;
		}
	}
	return true;
}

/* How much will be written, where somebody looks on or it is much. */
static void
announce_size(const Environment *environment, const Options *options)
{
	for (int i = 0; i < environment->nchecks; i++)
	{
		const Check *check = &environment->checks[i];

		if (strcmp(check->subject, SIZE_SUBJECT) == 0 &&
			(options->progress_s > 0 || environment_has_warning(environment, SIZE_SUBJECT)))
			print_hint("%s: %s; what it writes is %s", check->subject, check->value, options->run.keep ?
					   "kept" : "deleted as the run goes, beyond 1 GB of payloads, and at its end");
	}
}

/* Drop the profiles' schemas; they are there before the first block. */
static bool
drop_schemas(Run *run)
{
	bool		clean = true;

	for (int i = 0; i < run->parameters->nsides; i++)
	{
		RunSide    *side = &run->sides[i];

		if (run->parameters->keep)
			name_schemas(side);
		else if (has_profiles(run->parameters) && !side_drop_schemas(side))
		{
			print_error("the schemas of the run were not dropped: %s", side->control.error);
			print_hint("once the server is well, \"dbos_payload_bench clean\" drops what runs left behind");
			clean = false;
		}
	}
	return clean;
}

/* Take the run's own rows away; a workflow with a given id is somebody's. */
static bool
clean_up(Run *run)
{
	bool		clean;

	interrupt_forget();			/* a signal from here on ends the program */
	clean = drop_schemas(run);
	if (run->parameters->keep || run->nworkflows == 0)
		return clean;
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
	const Measured *measured = &run->measured;
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
	figures_make(measured, &context, &figures);
	/* what is on disk survives a closed terminal */
	written = options->samples_path == NULL || samples_write(measured, options->samples_path);
	written = write_figures(&figures, options) && written;
	if (options->transcript && measured->niterations > 0)
		transcript_print(&measured->series[0],
						 measured->nseries > 1 && measured->series[1].kind == WORKFLOW_BATCHED ?
						 &measured->series[1] : NULL, 0, stdout);
	report_show(&figures, options->full);
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
	Parameters	parameters = options->run;
	Environment environments[MAX_SIDES] = {0};
	char		run_id[RUN_ID_SIZE];
	char		started_at[TIMESTAMP_SIZE];
	bool		ready;
	int			status = EXIT_FAILURE;

	timestamp_now(started_at);	/* compare orders runs by it */
	run->parameters = &parameters;
	run->environments = environments;
	run->progress_s = options->progress_s;
	run_id_make(run_id);

	/* everything that is wrong before the run is said before the run */
	ready = check_outputs(options) &&
		open_sides(run, options, &parameters, environments) &&
		begin_sides(run, run_id);
	run_prepare(run);
	if (ready && options->run.workflow_id != NULL)
		ready = resume_check(&run->sides[0].control, &run->workload, run->recorded_before);
	if (ready)
	{
		announce_size(&environments[0], options);
		status = measure_and_report(run, options, environments, started_at);
	}
	else
	{
		interrupt_forget();
		drop_schemas(run);
	}
	run_free(run);
	for (int i = 0; i < MAX_SIDES; i++)
		environment_free(&environments[i]);
	free(run);
	return status;
}
