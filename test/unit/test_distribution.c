/*
 * test_distribution.c
 *	  What check says of tables that Citus has distributed, by made-up catalogs.
 */
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "tap.h"

#define SOUND {.method = 'h', .by_workflow = true, .colocation = 1, .shards = 32, .copies = 1, .nodes = 2}

static Facts facts;
static Parameters parameters;
static Environment environment;

/* Judge anew; the catalogs say that of either table. */
static void
judge(TablePlace workflows, TablePlace steps)
{
	environment_free(&environment);
	facts.distribution.known = true;
	facts.distribution.nodes = 3;
	facts.distribution.tables[TABLE_WORKFLOW_STATUS] = workflows;
	facts.distribution.tables[TABLE_OPERATION_OUTPUTS] = steps;
	judge_distribution(&facts, &environment);
}

static const Warning *
warning_of(const char *subject)
{
	for (int i = 0; i < environment.nwarnings; i++)
		if (strcmp(environment.warnings[i].subject, subject) == 0)
			return &environment.warnings[i];
	return NULL;
}

static bool
warns(const char *subject, bool fatal, const char *words)
{
	const Warning *warning = warning_of(subject);

	return warning != NULL && warning->fatal == fatal && strstr(warning->text, words) != NULL;
}

static bool
shows(const char *subject, const char *value)
{
	for (int i = 0; i < environment.nchecks; i++)
		if (strcmp(environment.checks[i].subject, subject) == 0)
			return strcmp(environment.checks[i].value, value) == 0;
	return false;
}

static void
test_places(void)
{
	TablePlace	sound = SOUND;
	TablePlace	other;

	facts.distribution.coordinator = true;
	judge(sound, sound);
	ok(shows("Citus", "32 shards on 2 nodes, none here (coordinator)"), "a coordinator without shards");
	ok(warns("Citus", false, "keeps none of them"), "is a warning");
	ok(warns("Citus", false, "round trips to it, in check, store and commit"), "that says which parts hold what");
	ok(shows("delegation", "none"), "nothing is delegated");

	facts.distribution.coordinator = false;
	sound.here = 12;
	judge(sound, sound);
	ok(shows("Citus", "32 shards on 2 nodes, 12 here (worker)"), "a worker with some of them");
	ok(warns("Citus", false, "its own workflows and others together"), "says that both are in the figures");

	sound.here = 32;
	sound.nodes = 1;
	judge(sound, sound);
	ok(shows("Citus", "32 shards on 1 node, all here (worker)"), "a server with all of them");
	ok(warns("Citus", false, "keeps all of them") && !warns("Citus", false, "round trips"), "makes no round trips to others");

	judge((TablePlace) {0}, (TablePlace) {0});
	ok(warning_of("Citus") == NULL && shows("Citus", "not distributed, 3 nodes: each has rows of its own"),
	   "plain tables in a cluster are no warning");

	sound = (TablePlace) SOUND;
	judge(sound, (TablePlace) {0});
	ok(warns("Citus", true, "workflow_status is distributed and operation_outputs is not"), "one of both cannot be");
	ok(warns("Citus", true, "\tSELECT create_distributed_table('dbos_payload.operation_outputs'"), "and what is missing is said");
	judge((TablePlace) {0}, sound);
	ok(warns("Citus", true, "operation_outputs is distributed and workflow_status is not"), "nor the other");

	other = sound;
	other.colocation = 2;
	judge(sound, other);
	ok(warns("Citus", true, "not colocated"), "tables that are not colocated cannot be");
	other = sound;
	other.by_workflow = false;
	judge(sound, other);
	ok(warns("Citus", true, "not both distributed by workflow_uuid"), "nor by another column");
	other = (TablePlace) {.method = 'n', .everywhere = true, .colocation = 1, .shards = 1, .copies = 3, .nodes = 3};
	judge(other, other);
	ok(warns("Citus", true, "both tables are on every node"), "nor reference tables");
	judge(other, sound);
	ok(warns("Citus", true, "workflow_status is on every node"), "nor one of them");
	other = sound;
	other.copies = 2;
	judge(other, other);
	ok(warns("Citus", true, "kept by 2 nodes"), "nor shards in two copies");
	other = sound;
	other.method = 'r';
	judge(other, other);
	ok(warns("Citus", true, "nothing else was ever tried"), "nor ranges");
	other = (TablePlace) {.method = 'n', .colocation = 1, .shards = 1, .copies = 1, .nodes = 1};
	judge(other, other);
	ok(warns("Citus", false, "undivided (1 shard"), "both in one undivided shard can");
}

static void
test_delegation(void)
{
	TablePlace	sound = SOUND;
	char		names[] = "finish_workflow, payload_steps, size_step, start_workflow";
	char		all[] = "list_steps, payload_step, size_step, step_timings";
	char	   *listed;

	facts.distribution.delegated = names;
	judge(sound, sound);
	ok(shows("delegation", "size_step"), "of what is delegated, what the run records by is named");
	ok(warns("delegation", false, "lost to this session"), "and that its times are lost");

	parameters.origins[ORIGIN_SERVER] = false;
	parameters.origins[ORIGIN_CLIENT] = true;
	parameters.baselines = false;
	judge(sound, sound);
	ok(warning_of("delegation") == NULL, "what the run does not call is no warning");
	ok(shows("delegation", "of finish_workflow, payload_steps, size_step, start_workflow, none of which this run records by"),
	   "but is shown");

	parameters.origins[ORIGIN_SERVER] = true;
	facts.distribution.delegated = all;
	listed = distribution_delegated(&facts.distribution, &parameters);
	ok(listed != NULL && strcmp(listed, "size_step, payload_step, step_timings") == 0, "what tells the times is one of them");
	free(listed);
	judge(sound, sound);
	ok(warns("delegation", false, "Do not delegate step_timings"), "and is warned of");
	facts.distribution.delegated = NULL;
}

static void
test_without_citus(void)
{
	facts.distribution.known = false;
	environment_free(&environment);
	judge_distribution(&facts, &environment);
	ok(environment.nwarnings == 0 && shows("Citus", "not distributed"), "without Citus nothing is distributed");
}

int
main(void)
{
	parameters = (Parameters) {.nsizes = 2, .sizes = {1, 3}, .baselines = true};
	parameters.drives[DRIVE_CALLS] = true;
	parameters.origins[ORIGIN_SERVER] = true;
	facts.parameters = &parameters;
	facts.environment = &environment;
	facts.tables[TABLE_OPERATION_OUTPUTS] = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	test_places();
	test_delegation();
	test_without_citus();
	environment_free(&environment);
	PQclear(facts.tables[TABLE_OPERATION_OUTPUTS]);
	return done_testing();
}
