/*
 * distribution.c
 *	  Tables that Citus has spread over several servers: where rows go, and whether what the
 *	  functions promise holds there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"
#include "util/numbers.h"

#define SUBJECT "Citus"
#define MATTERS "rows on other servers would add round trips to check, store and commit"

#define DISTRIBUTE_WORKFLOWS \
	"\tSELECT create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid');\n"
#define DISTRIBUTE_STEPS \
	"\tSELECT create_distributed_table('dbos_payload.operation_outputs', 'workflow_uuid', colocate_with => 'dbos_payload.workflow_status');"

/* Citus takes no extension's table back */
#define MAKE_ANEW \
	"Make them anew, which takes their workflows away:\n" \
	"\tDROP EXTENSION dbos_payload CASCADE;\n" \
	"\tCREATE EXTENSION dbos_payload;\n" \
	DISTRIBUTE_WORKFLOWS DISTRIBUTE_STEPS
#define MAKE_PORTABLE_ANEW \
	"Make them anew, which takes their workflows away, by init --portable after\n" \
	"\tDROP SCHEMA dbos_payload CASCADE;\n" \
	"and then\n" \
	DISTRIBUTE_WORKFLOWS DISTRIBUTE_STEPS

typedef enum PlaceColumn
{
	PLACE_METHOD,				/* NULL: the table is not distributed */
	PLACE_EVERYWHERE,
	PLACE_BY_WORKFLOW,
	PLACE_COLOCATION,
	PLACE_SHARDS,
	PLACE_COPIES,
	PLACE_NODES,
	PLACE_HERE,
	PLACE_ALL_NODES,
	PLACE_COORDINATOR,
	PLACE_DELEGATED
} PlaceColumn;

/* of all that can be delegated, what records a run's steps, and what tells their times */
static const char *const recording[] = {
	"size_step", "payload_step", "record_step", "commit_payload_steps", "commit_record_steps", "step_timings"
};

/* in the order of PlaceColumn, a row for each table; $1: their names in order, as an array */
static const char *const sql_places =
	"SELECT p.partmethod, p.repmodel OPERATOR(pg_catalog.=) 't',"
	" COALESCE(pg_catalog.column_to_column_name(p.logicalrelid, p.partkey)"
	"  OPERATOR(pg_catalog.=) 'workflow_uuid', false),"
	" p.colocationid, s.shards, s.copies, s.nodes, s.here,"
	" (SELECT pg_catalog.count(*) FROM pg_catalog.pg_dist_node AS n"
	"  WHERE n.noderole::pg_catalog.text OPERATOR(pg_catalog.=) 'primary' AND n.isactive),"
	" g.groupid OPERATOR(pg_catalog.=) 0,"
	" (SELECT pg_catalog.string_agg(f.proname::pg_catalog.text, ', ' ORDER BY f.proname)"
	"  FROM pg_catalog.pg_dist_object AS o"
	"  JOIN pg_catalog.pg_proc AS f ON f.oid OPERATOR(pg_catalog.=) o.objid"
	"  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.pronamespace"
	"  WHERE o.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass"
	"  AND o.distribution_argument_index IS NOT NULL"
	"  AND n.nspname OPERATOR(pg_catalog.=) 'dbos_payload')"
	" FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS t (name, place)"
	" CROSS JOIN pg_catalog.pg_dist_local_group AS g"
	" LEFT JOIN (pg_catalog.pg_class AS r"
	"  JOIN pg_catalog.pg_namespace AS m ON m.oid OPERATOR(pg_catalog.=) r.relnamespace"
	"  AND m.nspname OPERATOR(pg_catalog.=) 'dbos_payload'"
	"  JOIN pg_catalog.pg_dist_partition AS p ON p.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) r.oid)"
	" ON r.relname::pg_catalog.text OPERATOR(pg_catalog.=) t.name"
	" LEFT JOIN LATERAL (SELECT pg_catalog.count(DISTINCT c.shardid) AS shards,"
	"  pg_catalog.max(c.copies) AS copies, pg_catalog.count(DISTINCT c.groupid) AS nodes,"
	"  pg_catalog.count(*) FILTER (WHERE c.groupid OPERATOR(pg_catalog.=) g.groupid) AS here"
	"  FROM (SELECT a.shardid, a.groupid, pg_catalog.count(*) OVER (PARTITION BY a.shardid) AS copies"
	"   FROM pg_catalog.pg_dist_shard AS h"
	"   JOIN pg_catalog.pg_dist_placement AS a ON a.shardid OPERATOR(pg_catalog.=) h.shardid"
	"   WHERE h.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) p.logicalrelid::pg_catalog.oid) AS c) AS s ON true"
	" ORDER BY t.place";

static int
number(const PGresult *result, int row, PlaceColumn column)
{
	return (int) strtol(PQgetvalue(result, row, (int) column), NULL, 10);
}

static bool
is_true(const PGresult *result, int row, PlaceColumn column)
{
	return *PQgetvalue(result, row, (int) column) == 't';
}

void
distribution_read(Facts *facts, Session *session)
{
	static const char *const tables = "{workflow_status,operation_outputs}";
	Distribution *found = &facts->distribution;
	PGresult   *result;

	if (*fact(facts->server, SERVER_HAS_CITUS) != 't')
		return;
	result = session_query(session, sql_places, 1, &tables);
	found->known = result != NULL && PQntuples(result) == TABLE_COUNT;
	if (found->known)
	{
		found->nodes = number(result, 0, PLACE_ALL_NODES);
		found->coordinator = is_true(result, 0, PLACE_COORDINATOR);
		if (!PQgetisnull(result, 0, PLACE_DELEGATED))
			found->delegated = xstrdup(PQgetvalue(result, 0, PLACE_DELEGATED));
	}
	for (int t = 0; t < TABLE_COUNT && found->known; t++)
		found->tables[t] = (TablePlace) {
			.method = *PQgetvalue(result, t, PLACE_METHOD),
			.everywhere = is_true(result, t, PLACE_EVERYWHERE),
			.by_workflow = is_true(result, t, PLACE_BY_WORKFLOW),
			.colocation = number(result, t, PLACE_COLOCATION),
			.shards = number(result, t, PLACE_SHARDS),
			.copies = number(result, t, PLACE_COPIES),
			.nodes = number(result, t, PLACE_NODES),
			.here = number(result, t, PLACE_HERE),
		};
	PQclear(result);
}

/* is it one of these names, which have commas between them? */
static bool
is_listed(const char *names, const char *name)
{
	size_t		length = strlen(name);

	for (const char *at = names; at != NULL && *at != '\0';)
	{
		at += strspn(at, "{}, ");
		if (strncmp(at, name, length) == 0 && strchr(",} ", at[length]) != NULL)
			return true;
		at += strcspn(at, ",} ");
	}
	return false;
}

char *
distribution_delegated(const Distribution *distribution, const Parameters *parameters)
{
	char	   *needed = routines_needed(parameters);
	char	   *names = NULL;

	for (size_t i = 0; i < sizeof(recording) / sizeof(recording[0]); i++)
		if (is_listed(distribution->delegated, recording[i]) && is_listed(needed, recording[i]))
			text_add(&names, "%s%s", names != NULL ? ", " : "", recording[i]);
	free(needed);
	return names;
}

/* "32 shards on 2 nodes, none here (coordinator)" */
char *
distribution_summary(const Distribution *distribution)
{
	const TablePlace *steps = &distribution->tables[TABLE_OPERATION_OUTPUTS];
	const char *role = distribution->coordinator ? "coordinator" : "worker";
	char	   *text = NULL;

	if (steps->method == '\0')
		steps = &distribution->tables[TABLE_WORKFLOW_STATUS];
	if (steps->method == '\0')
		return NULL;
	if (steps->everywhere)
		text_add(&text, "reference tables on %d nodes", steps->nodes);
	else
		text_add(&text, "%d shard%s on %d node%s, ", steps->shards, plural(steps->shards), steps->nodes,
				 plural(steps->nodes));
	if (steps->everywhere)
		text_add(&text, " (%s)", role);
	else if (steps->here == 0)
		text_add(&text, "none here (%s)", role);
	else if (steps->here == steps->shards)
		text_add(&text, "all here (%s)", role);
	else
		text_add(&text, "%d here (%s)", steps->here, role);
	return text;
}

static bool
is_sound(const TablePlace *place)
{
	return place->method == 'h' && place->by_workflow && place->copies <= 1;
}

/* One table is distributed, and the other is not. */
static char *
why_not_one(const TablePlace *workflows, const TablePlace *steps, const char *anew)
{
	const TablePlace *distributed = steps->method == '\0' ? workflows : steps;
	const char *text = "%s is distributed and %s is not: steps fail, or are not seen from the other nodes. %s";

	if (distributed == workflows)
		return xasprintf(text, "workflow_status", "operation_outputs", is_sound(distributed) ?
						 "Distribute the other as well:\n" DISTRIBUTE_STEPS : anew);
	return xasprintf(text, "operation_outputs", "workflow_status", is_sound(distributed) ?
					 "Distribute the other as well:\n"
					 "\tSELECT create_distributed_table('dbos_payload.workflow_status', 'workflow_uuid', colocate_with => 'dbos_payload.operation_outputs');" :
					 anew);
}

/*
 * Why what the functions promise does not hold, with what mends it, malloc'd, as anew does; NULL: it does.
 */
static char *
why_not(const TablePlace *workflows, const TablePlace *steps, const char *anew)
{
	if (workflows->method == '\0' || steps->method == '\0')
		return why_not_one(workflows, steps, anew);
	if ((workflows->method != 'h' && workflows->method != 'n') || (steps->method != 'h' && steps->method != 'n'))
		return xasprintf("the tables are not distributed by the hash of workflow_uuid, and nothing else was ever tried. %s", anew);
	if ((workflows->method == 'h' && !workflows->by_workflow) || (steps->method == 'h' && !steps->by_workflow))
		return xasprintf("the tables are not both distributed by workflow_uuid, and a step and its workflow have nothing else in common: the functions fail. %s", anew);
	if (workflows->everywhere || steps->everywhere)
		return xasprintf("%s on every node (a reference table), and a step commits there at another moment on each: somewhere it can be seen only after its workflow's end. %s",
						 workflows->everywhere && steps->everywhere ? "both tables are" :
						 workflows->everywhere ? "workflow_status is" : "operation_outputs is", anew);
	if (workflows->copies > 1 || steps->copies > 1)
		return xasprintf("each shard is kept by %d nodes, and Citus locks no rows of such: the functions fail. With citus.shard_replication_factor = 1: %s",
						 workflows->copies > steps->copies ? workflows->copies : steps->copies, anew);
	if (workflows->colocation != steps->colocation)
		return xasprintf("the tables are distributed and not colocated: a step and its workflow can be on two nodes, which commit at two moments, so that it can be seen only after its workflow's end. %s", anew);
	return NULL;
}

/* What a step costs for it: the first sentence says what is, the last what to do. */
static char *
what_it_costs(const Distribution *distribution, bool portable)
{
	const TablePlace *steps = &distribution->tables[TABLE_OPERATION_OUTPUTS];
	const char *role = distribution->coordinator ? "the coordinator" : "a worker";
	char	   *text = NULL;

	text_add(&text, "the rows are on %d node%s, %s (%d shard%s, both tables colocated), and this server, %s, keeps ",
			 steps->nodes, plural(steps->nodes), steps->method == 'h' ? "by workflow_uuid" : "undivided", steps->shards,
			 plural(steps->shards), role);
	if (steps->here == 0)
		text_add(&text, "none of them. ");
	else if (steps->here == steps->shards)
		text_add(&text, "all of them: check and store hold Citus's planning. ");
	else
		text_add(&text, "%d shards of them: the figures are of its own workflows and others together. ", steps->here);
	if (steps->here < steps->shards)
		text_add(&text, "A step of another node's holds round trips to it, in check, store and commit, and Citus's planning; its payload goes there as text, of two characters a byte, in store; its WAL, its buffers and that node's processor time are not known here (n/a). ");
	text_add(&text, "Stored bytes are n/a. ");
	if (portable)
		text_add(&text, "The portable part's purge fails there. ");
	if (distribution->nodes > 1)
		text_add(&text, "Settings are this server's alone: run check on each node too.");
	return text;
}

/*
 * The functions that the run's options call and that record on the node of their workflow.
 */
static void
judge_delegation(const Facts *facts, Environment *environment)
{
	const Distribution *distribution = &facts->distribution;
	char	   *names = distribution_delegated(distribution, facts->parameters);
	const char *matters = "a delegated function records on its workflow's node, where its times are made too";
	bool		timings = is_listed(distribution->delegated, "step_timings");

	if (names == NULL)
	{
		judge_add(environment, "delegation", LEVEL_OK,
				  distribution->delegated == NULL ? xstrdup("none") :
				  xasprintf("of %s, none of which this run records by", distribution->delegated),
				  matters, NULL);
		return;
	}
	judge_add(environment, "delegation", LEVEL_WARNING, xstrdup(names),
			  matters,
			  timings ?
			  xasprintf("delegated to the nodes: %s, so that a step's parts are those of its workflow's node, and what this server and the way there take is in none (network: n/a). Do not delegate step_timings: called with no argument, or NULL, a delegated function crashes the server (Citus 13.0).", names) :
			  xasprintf("delegated to the nodes: %s, so that a step's times are made on its workflow's node: where that is another one, they are lost to this session (the server's parts and network: n/a). A run in a database without delegation tells them.", names));
	free(names);
}

void
judge_distribution(const Facts *facts, Environment *environment)
{
	const Distribution *distribution = &facts->distribution;
	const TablePlace *workflows = &distribution->tables[TABLE_WORKFLOW_STATUS];
	const TablePlace *steps = &distribution->tables[TABLE_OPERATION_OUTPUTS];
	char	   *summary;
	char	   *reason;

	if (facts->tables[TABLE_OPERATION_OUTPUTS] == NULL)
		return;
	if (!distribution->known)
	{
		bool		here = *fact(facts->server, SERVER_HAS_CITUS) == 't';

		judge_add(environment, SUBJECT, here ? LEVEL_WARNING : LEVEL_OK, xstrdup(here ? "unknown" : "not distributed"), MATTERS,
				  xstrdup("Citus is in this database, and its catalogs could not be read, so that nobody knows where rows go. Versions from 11 on have what is read."));
		return;
	}
	summary = distribution_summary(distribution);
	if (summary == NULL)
	{
		judge_add(environment, SUBJECT, LEVEL_OK, distribution->nodes > 1 ?
				  xasprintf("not distributed, %d nodes: each has rows of its own", distribution->nodes) :
				  xstrdup("not distributed"), MATTERS, NULL);
		return;
	}
	reason = why_not(workflows, steps, environment->portable_version != NULL ? MAKE_PORTABLE_ANEW : MAKE_ANEW);
	judge_add(environment, SUBJECT, reason != NULL ? LEVEL_CANNOT : LEVEL_WARNING, summary, MATTERS,
			  reason != NULL ? reason : what_it_costs(distribution, environment->portable_version != NULL));
	if (reason == NULL)
		judge_delegation(facts, environment);
	if (has_profiles(facts->parameters))
		judge_add(environment, "profiles' tables", LEVEL_WARNING, xstrdup("not distributed"), MATTERS,
				  xstrdup("what --profile writes into is on this server alone, and our tables are not: the difference between both is that of Citus too. Measure profiles in a database without Citus."));
}
