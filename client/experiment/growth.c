/*
 * growth.c
 *	  The experiment growth: does a step cost more the more are recorded?
 *
 * Each number of recorded steps has tables of its own, so that all of them are
 * compared within one run, in turns.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/growth.h"
#include "experiment/list.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

#define DEFAULT_TO INT64_C(1000000)
#define QUICK_TO INT64_C(100000)
#define DEFAULT_PAYLOAD 100
#define MOST_GROWTH_PAYLOAD 10000

/* steps that are put into a table by one statement */
#define FILL_STEPS 50000

/* of the experiment's time, for filling, unless --to asks for more */
#define FILL_SHARE 0.6

/* a step on disk and in WAL, besides its payload; measured, and rounded up */
#define STEP_BYTES 900.0

#define OID_BYTEA 17
#define OID_INT4 23
#define OID_TEXT 25

const char *const place_names[PLACE_COUNT] = {"just used", "at random"};

/* ids spread over the whole index, as random ones do */
#define WORKFLOW_ID "pg_catalog.md5(w::pg_catalog.text)::pg_catalog.uuid::pg_catalog.text"

/* ------------------------------------------------------------------------
 * Tables of so many steps
 * ------------------------------------------------------------------------
 */

static bool
make_level(Lab *lab, Growth *g, int i)
{
	Level	   *level = &g->levels[i];

	level->outputs = xasprintf("%s.outputs_%d", lab->schema, i);
	level->status = xasprintf("%s.status_%d", lab->schema, i);
	level->step = (Statement) {.id = i,.nparams = 3,.types = {OID_TEXT, OID_INT4, OID_BYTEA},
		.sql = xasprintf("INSERT INTO %s SELECT p.workflow_uuid, $2, 'payload_step', $3, NULL, 1764000000000, 1764000000001"
						 " FROM (SELECT s.workflow_uuid FROM %s AS s WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1"
						 " AND s.status OPERATOR(pg_catalog.=) 'PENDING' FOR KEY SHARE) AS p"
						 " ON CONFLICT (workflow_uuid, function_id) DO NOTHING", level->outputs, level->status)};
	return lab_do(lab, "CREATE TABLE %s (workflow_uuid pg_catalog.text COLLATE pg_catalog.\"C\" PRIMARY KEY, name pg_catalog.text NOT NULL,"
				  " status pg_catalog.text NOT NULL, created_at pg_catalog.int8 NOT NULL, updated_at pg_catalog.int8 NOT NULL,"
				  " completed_at pg_catalog.int8, recovery_attempts pg_catalog.int8 NOT NULL DEFAULT 0)", level->status) &&
		lab_do(lab, "CREATE INDEX ON %s (completed_at, workflow_uuid) WHERE completed_at IS NOT NULL", level->status) &&
		lab_do(lab, "CREATE TABLE %s (workflow_uuid pg_catalog.text COLLATE pg_catalog.\"C\" NOT NULL,"
			   " function_id pg_catalog.int4 NOT NULL, function_name pg_catalog.text NOT NULL, output pg_catalog.bytea,"
			   " error pg_catalog.text, started_at_epoch_ms pg_catalog.int8, completed_at_epoch_ms pg_catalog.int8,"
			   " PRIMARY KEY (workflow_uuid, function_id))", level->outputs);
}

static int64_t
workflows_of(const Level *level)
{
	int64_t		n = level->steps / WORKFLOW_STEPS;

	return n > FEWEST_WORKFLOWS ? n : FEWEST_WORKFLOWS;
}

/* As its rows would have come: the index grows with them.  *filled: all of it is there. */
static bool
fill_level(Lab *lab, Growth *g, int i, bool whatever, bool *filled)
{
	Level	   *level = &g->levels[i];
	int64_t		began = now_ns();
	int64_t		workflows = workflows_of(level);
	int64_t		more = FILL_STEPS / WORKFLOW_STEPS;

	*filled = false;
	for (int64_t w = 0; w < workflows; w += more)
	{
		int64_t		last = w + more < workflows ? w + more - 1 : workflows - 1;

		lab_progress(lab, "filling the table", (double) w / (double) workflows);
		if (!whatever && lab_seconds_left(lab) < lab->seconds * (1.0 - FILL_SHARE))
			return true;
		if (!lab_do(lab, "INSERT INTO %s SELECT " WORKFLOW_ID ", 'workflow',"
					" CASE WHEN w OPERATOR(pg_catalog.%%) %d OPERATOR(pg_catalog.=) 0 THEN 'PENDING' ELSE 'SUCCESS' END, 1764000000000, 1764000000001,"
					" CASE WHEN w OPERATOR(pg_catalog.%%) %d OPERATOR(pg_catalog.=) 0 THEN NULL ELSE 1764000000001 END"
					" FROM pg_catalog.generate_series(%lld, %lld) AS w", level->status, UNDER_WAY, UNDER_WAY, (long long) w, (long long) last))
			return false;
		if (level->steps > 0 &&
			!lab_do(lab, "INSERT INTO %s SELECT " WORKFLOW_ID ", f, 'payload_step',"
					" pg_catalog.substring(pg_catalog.decode(pg_catalog.repeat(pg_catalog.md5((w OPERATOR(pg_catalog.*) 100 OPERATOR(pg_catalog.+) f)::pg_catalog.text), %d), 'hex'), 1, %d),"
					" NULL, 1764000000000, 1764000000001"
					" FROM pg_catalog.generate_series(%lld, %lld) AS w, pg_catalog.generate_series(0, %d) AS f"
					" WHERE w OPERATOR(pg_catalog.*) %d OPERATOR(pg_catalog.+) f OPERATOR(pg_catalog.<) %lld",
					level->outputs, (int) g->payload_bytes / 16 + 1, (int) g->payload_bytes, (long long) w, (long long) last, WORKFLOW_STEPS - 1,
					WORKFLOW_STEPS, (long long) level->steps))
			return false;
	}
	level->filled_s = (double) (now_ns() - began) / (double) NS_PER_S;
	*filled = lab_is_alive(lab);
	/* as autovacuum would have */
	return lab_do(lab, "VACUUM ANALYZE %s", level->status) && lab_do(lab, "VACUUM ANALYZE %s", level->outputs);
}

/*
 * Levels of the index: the pages that looking up a key needs that is not there, of
 * several the fewest, since one at a page's end needs its neighbour too.
 */
static bool
measure_height(Lab *lab, Session *session, Level *level)
{
	static const char *const absent[] = {"0123-", "5fff-", "a123-", "efff-"};
	char	   *sql = xasprintf("SELECT 1 FROM %s WHERE workflow_uuid OPERATOR(pg_catalog.=) $1 AND function_id OPERATOR(pg_catalog.=) 0", level->outputs);
	Statement	like = {.nparams = 1,.types = {OID_TEXT}};
	bool		good = steps_table_do(lab, session, "SET enable_seqscan = off") && steps_table_do(lab, session, "SET enable_bitmapscan = off");

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]) && good; i++)
	{
		Param		param = {absent[i], 0, false};
		Explained	e;

		good = explain_call(lab, session, sql, &like, &param, &e);
		if (good && (level->height == 0 || (int) e.buffers < level->height))
			level->height = (int) e.buffers;
	}
	/* the first step makes the page that is root and leaf */
	if (level->steps == 0)
		level->height = 1;
	free(sql);
	return good && steps_table_do(lab, session, "RESET enable_seqscan") && steps_table_do(lab, session, "RESET enable_bitmapscan") &&
		volume_read(lab, level->outputs, &level->bytes);
}

/* As many levels as there is time for; at least the first two. */
static bool
fill(Lab *lab, Growth *g)
{
	bool		whatever = lab->options->to > DEFAULT_TO && lab->options->run->time_limit_s <= 0;
	bool		filled = true;
	Session		session = {0};
	bool		good = lab_connect(lab, &session);

	for (int i = 0; i < g->nlevels && good && filled && lab_is_alive(lab); i++)
	{
		int64_t		began = now_ns();

		good = make_level(lab, g, i) && fill_level(lab, g, i, whatever || i < 2, &filled) &&
			measure_height(lab, &session, &g->levels[i]);
		/* what was asked for takes its time, and what is measured has the same as ever */
		if (whatever)
			lab->deadline += now_ns() - began;
		g->nready += good && filled;
	}
	session_close(&session);
	return good;
}

/* ------------------------------------------------------------------------
 * A step
 * ------------------------------------------------------------------------
 */

/* The id of a workflow that is under way, any of them; asking for it reads no table. */
static bool
choose_workflow(Lab *lab, const Level *level, char *id, size_t size)
{
	int64_t		w = (int64_t) random_below(&lab->random, (uint64_t) (workflows_of(level) / UNDER_WAY)) * UNDER_WAY;
	PGresult   *result = lab_query(lab, "SELECT pg_catalog.md5('%lld')::pg_catalog.uuid", (long long) w);

	if (result != NULL)
		snprintf(id, size, "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	return result != NULL;
}

/* One that is timed, then one that is explained, each of a place of that kind. */
static bool
run_cell(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Growth	   *g = context;
	int			which = cell / PLACE_COUNT;
	Level	   *level = &g->levels[which];
	bool		random = cell % PLACE_COUNT == PLACE_RANDOM;
	char		any[40];
	char		number[24];
	Param		params[3] = {{random ? any : g->same[which], 0, false}, {number, 0, false}, {(char *) g->payload, (int) g->payload_bytes, true}};
	RoundTrip	trip = {0};
	PGresult   *result;
	Explained	e;
	bool		one;

	lab_fill(lab, g->payload, (size_t) g->payload_bytes, 0);
	if (random && !choose_workflow(lab, level, any, sizeof(any)))
		return false;
	snprintf(number, sizeof(number), "%09d", ++g->function_id);
	if (!session_prepare(session, &level->step))
	{
		lab_fail(lab, session, lab->name);
		return false;
	}
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &level->step, params, false, &trip);
	values[M_TIME] = (double) (now_ns() - trip.start) / (double) NS_PER_MS;
	if (result == NULL)
	{
		lab_fail(lab, session, lab->name);
		return false;
	}
	one = strcmp(PQcmdTuples(result), "1") == 0;
	PQclear(result);
	if (!one)
	{
		lab_progress_end(lab);
		print_error("growth: a step was not recorded");
		lab->failed = true;
		return false;
	}
	if (random && !choose_workflow(lab, level, any, sizeof(any)))
		return false;
	snprintf(number, sizeof(number), "%09d", ++g->function_id);
	if (!explain_call(lab, session, level->step.sql, &level->step, params, &e))
		return false;
	values[M_BUFFERS] = e.buffers;
	values[M_READ] = e.read;
	values[M_IMAGES] = e.images;
	values[M_WAL] = e.wal;
	return true;
}

/* The empty table is empty again, and each has another workflow for the next steps. */
static bool
open_block(Lab *lab, Session *session, void *context)
{
	Growth	   *g = context;

	(void) session;
	if (!lab_do(lab, "TRUNCATE %s", g->levels[0].outputs))
		return false;
	for (int i = 0; i < g->nready; i++)
		if (!choose_workflow(lab, &g->levels[i], g->same[i], sizeof(g->same[i])))
			return false;
	return true;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static void
choose_levels(const Lab *lab, Growth *g)
{
	int64_t		to = lab->options->to > 0 ? lab->options->to : lab->options->quick ? QUICK_TO : DEFAULT_TO;

	g->payload_bytes = lab->options->sizes_given ? lab->options->run->sizes[0] : DEFAULT_PAYLOAD;
	g->levels[g->nlevels++].steps = 0;
	for (int64_t n = 10000; n < to && g->nlevels < MOST_LEVELS - 1; n *= 10)
		g->levels[g->nlevels++].steps = n;
	g->levels[g->nlevels++].steps = to;
}

static bool
run_growth(Lab *lab, ExperimentResult *result)
{
	Growth		g = {.function_id = WORKFLOW_STEPS};
	Plan		plan = {.nmetrics = GROWTH_METRICS,.run = run_cell,.open = open_block,.context = &g};
	bool		good;

	choose_levels(lab, &g);
	g.payload = xcalloc((size_t) g.payload_bytes + 1, 1);
	g.shared_buffers = NAN;
	good = fill(lab, &g);
	if (good)
	{
		g.shared_buffers = lab_number(lab, "SELECT setting::pg_catalog.float8 OPERATOR(pg_catalog.*) pg_catalog.current_setting('block_size')::pg_catalog.float8 FROM pg_catalog.pg_settings"
									  " WHERE name OPERATOR(pg_catalog.=) 'shared_buffers'");
		plan.ncells = g.nready * PLACE_COUNT;
		good = plan.ncells == 0 || plan_measure(lab, &plan);
	}
	growth_result(lab, &g, &plan, result);
	for (int i = 0; i < g.nlevels; i++)
	{
		free(g.levels[i].outputs);
		free(g.levels[i].status);
		free((char *) g.levels[i].step.sql);
	}
	free(g.payload);
	plan_free(&plan);
	return good;
}

/* all of its tables together, on disk; WAL has about as much */
static double
filled_bytes(const Growth *g)
{
	double		steps = 0.0;

	for (int i = 0; i < g->nlevels; i++)
		steps += (double) g->levels[i].steps;
	return steps * (STEP_BYTES + 2.5 * (double) g->payload_bytes);
}

static void
announce(const Lab *lab)
{
	Growth		g = {0};
	char		number[28];

	choose_levels(lab, &g);
	print_hint("growth: it fills tables of its own with up to %s steps of %lld B (--to, --sizes), about %.0f MB on disk and in WAL together",
			   format_integer(g.levels[g.nlevels - 1].steps, number, sizeof(number)),
			   (long long) g.payload_bytes, ceil(filled_bytes(&g) / 1e6));
}

static bool
allowed(Lab *lab)
{
	Growth		g = {0};

	choose_levels(lab, &g);
	if (g.payload_bytes > MOST_GROWTH_PAYLOAD || (lab->options->sizes_given && lab->options->run->nsizes > 1))
	{
		print_error("growth: --sizes is one size, of at most %d bytes", MOST_GROWTH_PAYLOAD);
		return false;
	}
	return lab_has_room(lab, filled_bytes(&g));
}

const Experiment experiment_growth = {
	.name = "growth",
	.summary = "what a step costs when many are recorded",
	.question = "Does recording a step cost more the more steps are recorded already, and by what?",
	.announce = announce,
	.seconds = 95,
	.quick_seconds = 14,
	.uses = USES_SIZES | USES_TO,
	.allowed = allowed,
	.run = run_growth,
};
