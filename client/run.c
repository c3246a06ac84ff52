/*
 * run.c
 *	  The command run: the experiment, repeated, in alternating order.
 *
 * Each series (a workflow by a drive and an origin) runs once on a fresh
 * connection of its own, which gives its first calls, then --warmup times
 * unmeasured, then --iterations times measured.  Every iteration runs all
 * series, in one order and then in the other, with the differential arms after
 * them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arms.h"
#include "drive.h"
#include "experiment_lines.h"
#include "findings.h"
#include "interrupt.h"
#include "memory.h"
#include "message.h"
#include "model.h"
#include "plot.h"
#include "progress.h"
#include "result.h"
#include "run.h"
#include "workflow_ids.h"

#define EXIT_STEPS_FAILED 2

/* a series that fails this often in a row will not recover */
#define MAX_FAILURES_IN_A_ROW 5

/* how long a lost server may stay away with --reconnect */
#define RECONNECT_TRIES 60
#define RECONNECT_WAIT_US 500000

typedef struct Run
{
	const Options *options;
	Environment environment;
	Session		session;
	Workload	workload;
	Result		result;
	Arms		arms;
	bool		arms_open;
	char		arms_workflow_id[WORKFLOW_ID_SIZE];
	WorkflowIds ids;
	bool		recorded_before[MAX_SIZES];
	int			failures_in_a_row;
	bool		given_up;
	bool		could_not_start;
} Run;

/* What a workflow run is to do with its samples. */
typedef enum Purpose
{
	PURPOSE_FIRST,
	PURPOSE_WARMUP,
	PURPOSE_MEASURE,
	PURPOSE_MEASURE_AND_SHOW	/* the pair that is printed */
} Purpose;

static bool
goes_on(const Run *run)
{
	return !interrupted() && !run->given_up;
}

static void
report_failure(const Series *series, const WorkflowRun *workflow, const char *error)
{
	if (workflow->failed_step >= 0)
		print_error("%s, drive %s, origin %s: step %d failed: %s",
					workflow_names[series->kind], drive_names[series->drive],
					origin_names[series->origin],
					series->steps[workflow->failed_step].function_id, error);
	else
		print_error("%s, drive %s, origin %s: %s", workflow_names[series->kind],
					drive_names[series->drive], origin_names[series->origin], error);
}

/* A lost connection: wait for the server where --reconnect says so. */
static void
reconnect_or_give_up(Run *run)
{
	run->result.connection_lost = true;
	run->arms_open = false;		/* its statements and workflow were of the old session */
	if (!run->options->reconnect)
	{
		run->given_up = true;
		return;
	}
	for (int tries = 0; tries < RECONNECT_TRIES && !interrupted(); tries++)
	{
		session_close(&run->session);
		if (session_open(&run->session, run->options))
		{
			run->result.nreconnects++;
			return;
		}
		usleep(RECONNECT_WAIT_US);
	}
	print_error("could not connect again: %s", run->session.error);
	run->given_up = true;
}

/* Run one workflow of a series on a session and keep its samples. */
static bool
run_workflow(Run *run, Series *series, Session *session, Purpose purpose)
{
	const Options *options = run->options;
	WorkflowRun workflow;
	bool		ok;

	workflow_run_init(&workflow, session, &run->workload, series->kind, series->drive,
					  series->origin);
	if (options->workflow_id != NULL)
	{
		workflow.workflow_id = options->workflow_id;
		workflow.recorded_before = run->recorded_before;
	}
	else
		workflow.workflow_id = workflow_ids_new(&run->ids);

	ok = drive_workflow(&workflow);
	run->result.nretries += workflow.ntries_again;
	if (!ok && interrupted())
	{
		workflow_run_free(&workflow);
		return false;			/* neither measured nor failed */
	}
	if (purpose >= PURPOSE_MEASURE)
		series_append(series, workflow.samples, &workflow.whole);
	if (ok)
	{
		run->failures_in_a_row = 0;
		for (int s = 0; s < series->nsteps; s++)
			series->nreplayed += workflow.samples[s].replayed ? 1 : 0;
		if (purpose == PURPOSE_FIRST)
		{
			memcpy(series->first, workflow.samples, (size_t) series->nsteps * sizeof(Sample));
			series->first_whole = workflow.whole;
			series->has_first = true;
		}
		if (purpose == PURPOSE_MEASURE_AND_SHOW)
			print_experiment_lines(&workflow);
	}
	else
	{
		report_failure(series, &workflow, session->error);
		series->nfailed++;
		if (++run->failures_in_a_row >= MAX_FAILURES_IN_A_ROW)
		{
			print_error("%d workflows failed one after the other: giving up",
						MAX_FAILURES_IN_A_ROW);
			run->given_up = true;
		}
		else if (session == &run->session && session->lost)
			reconnect_or_give_up(run);
	}
	workflow_run_free(&workflow);
	return ok;
}

/* The first calls: each series on a fresh connection. */
static void
run_first_calls(Run *run)
{
	for (int i = 0; i < run->result.nseries && goes_on(run); i++)
	{
		Session		fresh;

		if (session_open(&fresh, run->options))
			run_workflow(run, run->result.series[i], &fresh, PURPOSE_FIRST);
		else
		{
			print_connection_error(fresh.error);
			run->given_up = true;
			run->result.connection_lost = true;
		}
		session_close(&fresh);
	}
}

/* All series once, forwards in even iterations and backwards in odd ones. */
static void
run_iteration(Run *run, int iteration, Purpose purpose)
{
	int			n = run->result.nseries;

	for (int i = 0; i < n && goes_on(run); i++)
	{
		Series	   *series = run->result.series[iteration % 2 == 0 ? i : n - 1 - i];

		/* one pair is shown: the first drive and origin of the first iteration */
		bool		shown = purpose == PURPOSE_MEASURE_AND_SHOW && i < 2;

		if (shown && i == 1)
			print_experiment_rule();
		run_workflow(run, series, &run->session,
					 purpose == PURPOSE_MEASURE_AND_SHOW && !shown ? PURPOSE_MEASURE : purpose);
		if (shown && i == (n > 1 ? 1 : 0) && run->failures_in_a_row == 0)
			print_experiment_end();
	}

	if (run->arms_open && goes_on(run) && !arms_call_all(&run->arms, purpose >= PURPOSE_MEASURE))
	{
		if (!interrupted())
			print_error("differential arms: %s", run->session.error);
		run->arms_open = false;
		if (run->session.lost && !interrupted())
			reconnect_or_give_up(run);
	}
}

static void
open_arms(Run *run)
{
	if (!run->options->arms || run->options->workflow_id != NULL)
		return;
	memcpy(run->arms_workflow_id, workflow_ids_new(&run->ids), WORKFLOW_ID_SIZE);
	run->arms_open = arms_open(&run->arms, &run->session, &run->workload, run->arms_workflow_id);
	if (!run->arms_open)
		print_error("differential arms: %s", run->session.error);
}

static void
run_iterations(Run *run)
{
	const Options *options = run->options;
	int64_t		until = 0;
	Progress	progress;

	progress_begin(&progress, options, "warm-up", options->warmup, 0);
	for (int i = 0; i < options->warmup && goes_on(run); i++)
	{
		run_iteration(run, i, PURPOSE_WARMUP);
		progress_show(&progress, i + 1);
	}
	progress_end(&progress);

	if (options->time_limit_s > 0)
		until = now_ns() + options->time_limit_s * NS_PER_S;
	progress_begin(&progress, options, "measuring", options->iterations, until);
	for (int i = 0; i < options->iterations && goes_on(run); i++)
	{
		if (until > 0 && i > 0 && now_ns() >= until)
			break;
		run_iteration(run, i, i == 0 ? PURPOSE_MEASURE_AND_SHOW : PURPOSE_MEASURE);
		progress_show(&progress, i + 1);
	}
	progress_end(&progress);
	if (run->arms_open && !run->session.lost)
		arms_finish(&run->arms);
}

/* A series per drive, origin and workflow, multiple and batched side by side. */
static void
make_series(Run *run)
{
	const Options *options = run->options;
	Result	   *result = &run->result;

	result->series = xcalloc(2 * DRIVE_COUNT * ORIGIN_COUNT, sizeof(Series *));
	for (Drive drive = 0; drive < DRIVE_COUNT; drive++)
	{
		for (Origin origin = 0; origin < ORIGIN_COUNT; origin++)
		{
			if (!options->drives[drive] || !options->origins[origin])
				continue;
			for (WorkflowKind kind = WORKFLOW_MULTIPLE; kind <= WORKFLOW_BATCHED; kind++)
			{
				int			nsteps;
				const Step *steps = workload_steps(&run->workload, kind, &nsteps);

				/* a workflow with a given id is the one with a step per size */
				if (kind == WORKFLOW_BATCHED && options->workflow_id != NULL)
					continue;
				result->series[result->nseries++] = series_create(kind, drive, origin,
																  steps, nsteps);
			}
		}
	}
}

/* --workflow-id: which steps are there already?  False where the server can't say. */
static bool
find_recorded_steps(Run *run)
{
	const Options *options = run->options;
	const char *values[] = {options->workflow_id};
	PGresult   *steps;
	int			found = 0;

	if (options->workflow_id == NULL)
		return true;
	steps = session_query(&run->session,
						  "SELECT function_id FROM dbos_payload.list_steps($1)", 1, values);
	if (steps == NULL)
	{
		print_error("%s", run->session.error);
		return false;
	}
	for (int row = 0; row < PQntuples(steps); row++)
	{
		int			place = (int) strtol(PQgetvalue(steps, row, 0), NULL, 10) - 1;

		if (place >= 0 && place < run->workload.nsteps)
		{
			run->recorded_before[place] = true;
			found++;
		}
	}
	PQclear(steps);
	if (found > 0)
		printf("Resuming workflow \"%s\": %d of %d steps are recorded and will be replayed;"
			   " replayed steps enter no statistics.\n\n",
			   options->workflow_id, found, run->workload.nsteps);
	return true;
}

/* Everything that is wrong before the run is said before the run. */
static bool
run_start(Run *run)
{
	const Options *options = run->options;
	time_t		now = time(NULL);
	struct tm	utc;

	gmtime_r(&now, &utc);
	strftime(run->result.started_at, sizeof(run->result.started_at), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if ((options->json_path && !output_path_check(options->json_path)) ||
		(options->csv_path && !output_path_check(options->csv_path)) ||
		(options->samples_path && !output_path_check(options->samples_path)) ||
		(options->plot_dir && !plot_dir_check(options->plot_dir)))
		return false;
	if (!session_open(&run->session, options))
	{
		print_connection_error(run->session.error);
		return false;
	}
	if (!environment_read(&run->session, options, &run->environment))
		return false;
	environment_print(&run->environment);
	fflush(stdout);
	if (!environment_allows_run(&run->environment, options))
		return false;
	workload_make(options, &run->workload);
	make_series(run);
	return find_recorded_steps(run);
}

/* Save, then print: what is on disk survives a closed terminal. */
static int
run_report(Run *run)
{
	const Options *options = run->options;
	Result	   *result = &run->result;
	bool		saved = true;
	bool		failed = result->connection_lost;
	bool		measured = false;

	result->narms = run->arms.narms;
	result->arms = run->arms.arms;
	result->interrupted = interrupted();
	if (!session_tcp_info(&run->session, &result->tcp_rtt_ms, &result->tcp_retransmits))
	{
		result->tcp_rtt_ms = NAN;
		result->tcp_retransmits = UNKNOWN;
	}
	for (int i = 0; i < result->nseries; i++)
	{
		Series	   *series = result->series[i];

		series->partial = result->interrupted || run->given_up;
		failed = failed || series->nfailed > 0;
		measured = measured || series->niterations > 0;
	}

	if (options->json_path != NULL)
		saved = json_write(result, options->json_path) && saved;
	if (options->csv_path != NULL)
		saved = csv_write(result, options->csv_path) && saved;
	if (options->samples_path != NULL)
		saved = samples_write(result, options->samples_path) && saved;
	if (measured)
	{
		report_tables(result);
		report_split(result);
		report_model(result);
		report_findings(result);
		if (options->plot_dir != NULL)
			saved = plot_write(result, options->plot_dir) && saved;
	}
	if (result->interrupted)
		print_warning("interrupted: the figures are of the iterations that were complete");
	if (!saved)
		return EXIT_STEPS_FAILED;
	if (result->interrupted)
		return EXIT_INTERRUPTED;
	return failed || run->given_up ? EXIT_STEPS_FAILED : EXIT_SUCCESS;
}

/* Take the run's own rows away; a run with a given id is somebody's workflow. */
static void
run_clean_up(Run *run)
{
	if (run->ids.n == 0 || run->options->keep)
		return;
	if (run->session.lost || run->session.conn == NULL)
	{
		session_close(&run->session);
		if (!session_open(&run->session, run->options))
			return;
	}
	interrupt_forget();
	if (!workflow_ids_delete(&run->ids, &run->session))
	{
		print_warning("the rows of this run's %d workflows were not deleted: %s",
					  run->ids.n, run->session.error);
		print_hint("Deleting them needs the DELETE privilege on both tables of the extension.");
	}
}

int
run_command(const Options *options)
{
	Run		   *run = xcalloc(1, sizeof(Run));
	int			status = EXIT_FAILURE;

	run->options = options;
	run->result.options = options;
	run->result.environment = &run->environment;
	if (run_start(run))
	{
		interrupt_at_once(false);
		if (options->workflow_id == NULL)
			run_first_calls(run);
		if (goes_on(run))
			open_arms(run);
		run_iterations(run);
		status = run_report(run);
		run_clean_up(run);
	}
	for (int i = 0; i < run->result.nseries; i++)
		series_free(run->result.series[i]);
	free(run->result.series);
	arms_free(&run->arms);
	workflow_ids_free(&run->ids);
	environment_free(&run->environment);
	session_close(&run->session);
	free(run);
	return status;
}
