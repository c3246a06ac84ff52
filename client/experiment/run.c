/*
 * run.c
 *	  Make experiments on a server, one after another.
 *
 * Everything of their own is in a schema dbos_bench_HEX_lab, HEX being the key of the
 * advisory lock that the control connection holds: where that lock is free, whoever
 * made the schema is dead.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drive/leftovers.h"
#include "drive/schemas.h"
#include "experiment/experiment.h"
#include "pg/conninfo.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/timestamp.h"

/* Warnings that are of what no experiment among these does: the extension's own tables. */
static void
forget_fatal(Environment *environment)
{
	static const char *const subjects[] = {
		"extension", "library", "payload limit", "privileges", "profiles", "server version"
	};
	int			kept = 0;

	for (int i = 0; i < environment->nwarnings; i++)
	{
		Warning    *warning = &environment->warnings[i];
		bool		ours = false;

		for (size_t s = 0; s < sizeof(subjects) / sizeof(subjects[0]); s++)
			ours = ours || strcmp(warning->subject, subjects[s]) == 0;
		/* (of its portable part alone there is a warning that is not fatal) */
		if (!ours || !(warning->fatal ||
					   (environment->portable_version != NULL && strcmp(warning->subject, "extension") == 0)))
		{
			environment->warnings[kept++] = *warning;
			continue;
		}
		free(warning->subject);
		free(warning->text);
	}
	environment->nwarnings = kept;
}

/* "dbos_bench_0123456789abcdef_lab" of the run's id */
static void
name_schema(Lab *lab)
{
	char		hex[17];
	int			n = 0;

	for (const char *c = run_id_uuid(lab->run_id); *c != '\0' && n < 16; c++)
		if (*c != '-')
			hex[n++] = *c;
	hex[n] = '\0';
	snprintf(lab->schema, sizeof(lab->schema), "dbos_bench_%s_lab", hex);
}

/* May a schema be made here? */
static bool
may_create(Lab *lab)
{
	PGresult   *result = session_query(&lab->control,
									   "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),"
									   " pg_catalog.quote_ident(pg_catalog.current_database()),"
									   " pg_catalog.quote_ident(CURRENT_USER), pg_catalog.pg_is_in_recovery()", 0, NULL);
	bool		may = result != NULL && *PQgetvalue(result, 0, 0) == 't' && *PQgetvalue(result, 0, 3) == 'f';

	if (result == NULL)
		print_error("%s", lab->control.error);
	else if (*PQgetvalue(result, 0, 3) == 't')
		print_error("this server is a standby, where nothing can be written. Connect to the primary.");
	else if (!may)
	{
		print_error("an experiment makes a schema of its own, which this role may not here");
		print_hint("GRANT CREATE ON DATABASE %s TO %s; or another database, which can be an empty one",
				   PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 2));
	}
	PQclear(result);
	return may;
}

/* Connect, look, say what will be done; false where that must not be. */
static bool
open_lab(Lab *lab, const Experiment *const *chosen, int n)
{
	bool		extension = false;
	bool		allowed;

	for (int i = 0; i < n; i++)
		extension = extension || chosen[i]->needs_extension;
	if (!session_open(&lab->control, lab->options->settings))
	{
		print_connection_error(lab->control.error);
		return false;
	}
	if (!session_is_direct(&lab->control))
	{
		print_error("this connection goes through a pooler, which would mix up the experiment's connections. Connect to the server itself.");
		return false;
	}
	if (!environment_read(&lab->control, lab->options->run, lab->environment))
		return false;
	if (extension && lab->environment->portable_version != NULL)
	{
		print_error("the extension dbos_payload is not in this database, only its portable part, and of these experiments some need its functions in C");
		for (int i = 0; i < n; i++)
			if (chosen[i]->needs_extension)
				print_hint("%s does; others are done without it, by their names", chosen[i]->name);
		return false;
	}
	if (!extension)
		forget_fatal(lab->environment);
	allowed = environment_allows_run(lab->environment, lab->options->allow_unsafe) && may_create(lab);
	for (int i = 0; i < n && allowed; i++)
	{
		lab->name = chosen[i]->name;
		allowed = chosen[i]->allowed == NULL || chosen[i]->allowed(lab);
	}
	if (!allowed)
		return false;
	if (!run_id_hold(&lab->control, lab->run_id))
	{
		print_error("%s", lab->control.error);
		return false;
	}
	name_schema(lab);
	print_hint("everything is written into the schema %s, which is dropped at the end", lab->schema);
	for (int i = 0; i < n; i++)
	{
		if (chosen[i]->needs != NULL)
			print_hint("%s: %s", chosen[i]->name, chosen[i]->needs);
		if (chosen[i]->announce != NULL)
			chosen[i]->announce(lab);
	}
	return true;
}

/* What the experiment has made, away; a signal from here on ends the program. */
static bool
drop_schema(Lab *lab)
{
	bool		was_interrupted = interrupted();
	bool		good;

	if (!lab->schema_made)
		return true;
	if (was_interrupted)
		interrupt_forget();
	if (lab->control.lost)
	{
		session_close(&lab->control);
		if (!session_open(&lab->control, lab->options->settings))
		{
			print_error("schema %s was not dropped: %s", lab->schema, lab->control.error);
			return false;
		}
	}
	good = schema_drop(&lab->control, lab->schema);
	if (!good)
	{
		print_error("schema %s was not dropped: %s", lab->schema, lab->control.error);
		print_hint("once the server is well, \"dbos_payload_bench clean\" drops what is left behind");
	}
	lab->schema_made = !good;
	return good;
}

/* The run's workflows in dbos_payload's tables, away, where it may have some. */
static bool
delete_rows(Lab *lab, const Experiment *experiment)
{
	if (!experiment->needs_extension || leftovers_delete(&lab->control, lab->run_id, NULL))
		return true;
	leftovers_explain(&lab->control);
	return false;
}

/* where Citus keeps rows on other servers, whose figures these are */
static void
say_distribution(const Lab *lab, const Experiment *experiment, ExperimentResult *result)
{
	const char *distribution = environment_setting(lab->environment, DISTRIBUTION_SETTING);

	if (distribution == NULL)
		return;
	if (experiment->needs_extension)
		result_caveat(result, "Citus has distributed dbos_payload's tables: %s. Times are of these, and through this server; memory, processors, waits and WAL are this server's alone, and a session that waits for another node is in Client:ClientRead.",
					  distribution);
	else
		result_caveat(result, "Citus has distributed dbos_payload's tables, and not these: the experiment's own are on this server alone, so that nothing here is of distributed rows.");
}

/* A heading must not be all that there is: what was stopped early says so, once. */
static void
say_nothing(ExperimentResult *result)
{
	bool		any = false;

	for (int t = 0; t < result->ntables; t++)
		any = any || result->tables[t].nrows > 0;
	if (!any)
		result_conclude(result, "Nothing was measured: it was stopped before.");
	else if (result->nconclusions == 0)
		result_conclude(result, "Nothing is concluded: it was stopped before enough was measured.");
}

/* how long it may measure, as the command line says or by itself */
static double
seconds_of(const Lab *lab, const Experiment *experiment)
{
	if (lab->options->run->time_limit_s > 0)
		return lab->options->run->time_limit_s;
	return lab->options->quick ? experiment->quick_seconds : experiment->seconds;
}

/* One experiment, from its schema to what it came to; was it interrupted? */
static bool
run_one(Lab *lab, const Experiment *experiment, ExperimentResult *result, bool *failed)
{
	bool		stopped;
	bool		good;

	result_begin(result, experiment->name, experiment->question);
	result->started_at = xcalloc(TIMESTAMP_SIZE, 1);
	timestamp_now(result->started_at);
	lab->name = experiment->name;
	lab->failed = false;
	lab->seconds = seconds_of(lab, experiment);
	lab->began = now_ns();
	lab->deadline = lab->began + (int64_t) (lab->seconds * (double) NS_PER_S);
	lab->progress = (LabProgress) {.every_s = lab->options->progress_s,.shown = lab->began,
	.terminal = lab->options->progress_s == 0 && isatty(STDERR_FILENO)};

	/* "clean" takes it for ours by the comment */
	lab->schema_made = schema_made_here(&lab->control, true) && lab_do(lab, "CREATE SCHEMA %s", lab->schema);
	good = lab->schema_made &&
		lab_do(lab, "COMMENT ON SCHEMA %s IS '" SCHEMA_COMMENT "'", lab->schema) &&
		experiment->run(lab, result);
	say_distribution(lab, experiment, result);
	lab_progress_end(lab);
	stopped = interrupted();
	result->measured_s = (double) (now_ns() - lab->began) / (double) NS_PER_S;
	result->partial = stopped || !good || lab->failed;
	if (result->partial)
		say_nothing(result);
	/* what a signal has cut off did not fail by itself */
	*failed = !drop_schema(lab) || !delete_rows(lab, experiment) || (!good && !stopped) || lab->failed || *failed;
	return stopped;
}

LabOutcome
experiments_run(const Experiment *const *chosen, int n, const LabOptions *options, Experiments *experiments)
{
	Lab			lab = {.options = options,.environment = &experiments->environment};
	bool		stopped = false;
	bool		failed = false;

	run_id_make(lab.run_id);
	if (options->run->has_seed)
		random_seed(&lab.random, (uint64_t) options->run->seed);
	else
		random_seed_from_kernel(&lab.random);
	experiments->tool_version = xstrdup(DBOS_PAYLOAD_VERSION);
	experiments->started_at = xcalloc(TIMESTAMP_SIZE, 1);
	timestamp_now(experiments->started_at);
	experiments->run_id = xstrdup(run_id_uuid(lab.run_id));
	experiments->command = xcalloc((size_t) options->argc, sizeof(char *));
	for (int i = 0; i < options->argc; i++)
		experiments->command[experiments->ncommand++] = redact_password(options->argv[i]);
	if (options->settings->conninfo != NULL)
		experiments->conninfo = redact_password(options->settings->conninfo);
	experiments->results = xcalloc((size_t) n, sizeof(ExperimentResult));

	if (!open_lab(&lab, chosen, n))
	{
		session_close(&lab.control);
		return LAB_NOT_BEGUN;
	}
	interrupt_at_once(false);
	lab.nplaces = n;
	for (int i = 0; i < n; i++)
		lab.seconds_after += seconds_of(&lab, chosen[i]);
	for (int i = 0; i < n && !stopped; i++)
	{
		lab.place = i + 1;
		lab.seconds_after -= seconds_of(&lab, chosen[i]);
		stopped = run_one(&lab, chosen[i], &experiments->results[experiments->nresults++], &failed);
	}
	session_close(&lab.control);
	experiments_tidy(experiments);
	return failed ? LAB_FAILED : stopped ? LAB_INTERRUPTED : LAB_DONE;
}
