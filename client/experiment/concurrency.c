/*
 * concurrency.c
 *	  The experiment concurrency: what do many clients get done at once, and on what
 *	  does it stop growing?
 *
 * A cell is some work by so many clients for a moment.  The first plan is closed
 * loops; the second, whose rates follow from it, open ones.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "drive/workload.h"
#include "experiment/concurrency.h"
#include "experiment/list.h"
#include "pg/load.h"
#include "report/text.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

#define DEFAULT_CLIENTS 16
#define OTHER_CONNECTIONS 2		/* the lab's own, and the one that watches */

/* each client holds a payload several times over */
#define MOST_BYTES 10000000

/* of the time for closed loops; a slot, and what is around it */
#define CLOSED_SHARE 0.75
#define OPEN_SHARE 0.9			/* of what is left then */
#define LEAST_SLOT_S 0.1
#define WARM_SLOT_S 0.05
#define AROUND_SLOT_S 0.05

/* how often connections are looked at */
#define WATCH_NS (40 * NS_PER_MS)

/* before 15 a session tells of what it has flushed at most so often */
#define LAZY_STATISTICS_NS (600 * NS_PER_MS)

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

/* of types, as PostgreSQL has numbered them for ever */
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_INT4 23
#define OID_TEXT 25
#define OID_INT8ARRAY 1016
#define OID_BYTEAARRAY 1001
#define OID_TEXTARRAY 1009

#define WITH_ROW_LOCK " FROM (SELECT 1 FROM dbos_payload.workflow_status AS s" \
	" WHERE s.workflow_uuid OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE) AS locked"

enum
{
	SQL_PAYLOAD_STEP,
	SQL_RECORD_STEP,
	SQL_LOCKED_PAYLOAD_STEP,
	SQL_LOCKED_RECORD_STEP,
	SQL_COMMIT_PAYLOAD_STEPS,
	SQL_COMMIT_RECORD_STEPS,
	SQL_WATCH
};

static const Statement load_statements[] = {
	{SQL_PAYLOAD_STEP, "SELECT dbos_payload.payload_step($1, $2, $3)", 3, {OID_TEXT, OID_INT4, OID_INT8}},
	{SQL_RECORD_STEP, "SELECT dbos_payload.record_step($1, $2, $4, $3)", 4, {OID_TEXT, OID_INT4, OID_BYTEA, OID_TEXT}},
	{SQL_LOCKED_PAYLOAD_STEP, "SELECT dbos_payload.payload_step($1, $2, $3)" WITH_ROW_LOCK, 3, {OID_TEXT, OID_INT4, OID_INT8}},
	{SQL_LOCKED_RECORD_STEP, "SELECT dbos_payload.record_step($1, $2, $4, $3)" WITH_ROW_LOCK, 4, {OID_TEXT, OID_INT4, OID_BYTEA, OID_TEXT}},
	{SQL_COMMIT_PAYLOAD_STEPS, "CALL dbos_payload.commit_payload_steps($1, $2, $3)", 3, {OID_TEXT, OID_INT4, OID_INT8ARRAY}},
	{SQL_COMMIT_RECORD_STEPS, "CALL dbos_payload.commit_record_steps($1, $2, $4, $3)", 4, {OID_TEXT, OID_INT4, OID_BYTEAARRAY, OID_TEXTARRAY}},

	/* a session that is in no wait event runs, or is ready and waits for a processor */
	{SQL_WATCH, "SELECT COALESCE(a.wait_event_type OPERATOR(pg_catalog.||) ':' OPERATOR(pg_catalog.||) a.wait_event, 'none'),"
		" pg_catalog.count(*)::pg_catalog.int4 FROM pg_catalog.pg_stat_get_activity(NULL) AS a"
	" WHERE a.pid OPERATOR(pg_catalog.=) ANY ($1) GROUP BY 1", 1, {1007 /* int4[] */ }},
};

/* a client, whose parameters stay where they are; those of call k are params[k] */
typedef struct LoadClient
{
	char		id[WORKFLOW_ID_SIZE];
	int64_t		next_step;		/* of its own workflow */
	uint32_t	numbers[STEPS_AT_ONCE]; /* as they are sent */
	Param		params[STEPS_AT_ONCE][SESSION_MAX_PARAMS];
	PipelineCall calls[STEPS_AT_ONCE];
} LoadClient;

int
work_steps(const LoadWork *work)
{
	return work->drive == DRIVE_CALLS ? 1 : STEPS_AT_ONCE;
}

int
find_cell(const Concurrency *c, int work, int clients)
{
	for (int cell = 0; cell < c->ncells; cell++)
		if (c->cells[cell].work == work && c->cells[cell].clients == clients)
			return cell;
	return -1;
}

double
work_maximum(const Concurrency *c, const Plan *closed, int work, int *clients)
{
	double		highest = NAN;

	for (int l = 0; l < c->nlevels; l++)
	{
		double		steps = plan_median(closed, find_cell(c, work, c->levels[l]), L_STEPS).value;

		if (!(steps > 0) || steps <= highest)
			continue;
		highest = steps;
		*clients = c->levels[l];
	}
	return highest;
}

/* ------------------------------------------------------------------------
 * What there is to measure
 * ------------------------------------------------------------------------
 */

static void
add_work(Concurrency *c, LoadWork work)
{
	c->works = xrealloc(c->works, (size_t) (c->nworks + 1) * sizeof(LoadWork));
	c->works[c->nworks++] = work;
}

static void
add_cell(Concurrency *c, int work, int clients)
{
	c->cells = xrealloc(c->cells, (size_t) (c->ncells + 1) * sizeof(LoadCell));
	c->cells[c->ncells++] = (LoadCell) {work, clients};
}

/* 1, 2, 4 ... and the most; a quick run only the ends and what is between */
static void
make_levels(Concurrency *c, bool quick)
{
	for (int clients = 1; clients < c->clients; clients *= quick ? 4 : 2)
		c->levels[c->nlevels++] = clients;
	c->levels[c->nlevels++] = c->clients;
}

static void
make_cells(const Lab *lab, Concurrency *c)
{
	static const int64_t sizes[] = {1, 10000};
	const Parameters *run = lab->options->run;
	bool		given = lab->options->sizes_given;
	int			nsizes = given ? run->nsizes : lab->options->quick ? 1 : 2;

	for (Drive drive = 0; drive < OWN_DRIVES; drive++)
		for (Origin origin = 0; origin < ORIGIN_COUNT; origin++)
			for (int s = 0; s < nsizes && run->drives[drive] && run->origins[origin]; s++)
				add_work(c, (LoadWork) {.drive = drive,.origin = origin,.size = given ? run->sizes[s] : sizes[s]});
	c->nplain = c->nworks;
	for (int work = 0; work < c->nplain; work++)
		for (int l = 0; l < c->nlevels; l++)
			add_cell(c, work, c->levels[l]);

	/* steps of one workflow, and the lock, by the first of the works */
	if (c->works[0].drive == DRIVE_CALLS && c->clients > 1)
		for (int way = 1; way < 4; way++)
		{
			LoadWork	work = c->works[0];

			work.one_workflow = way != 2;
			work.row_lock = way >= 2;
			add_work(c, work);
			add_cell(c, c->nworks - 1, c->clients);
		}
	c->watched = xcalloc((size_t) c->ncells, sizeof(int64_t));
	c->warm = xcalloc((size_t) c->ncells, sizeof(bool));
}

static const Statement *
statement_of(const LoadWork *work)
{
	bool		client = work->origin == ORIGIN_CLIENT;

	if (work->drive == DRIVE_PROCEDURE)
		return &load_statements[client ? SQL_COMMIT_RECORD_STEPS : SQL_COMMIT_PAYLOAD_STEPS];
	if (work->row_lock)
		return &load_statements[client ? SQL_LOCKED_RECORD_STEP : SQL_LOCKED_PAYLOAD_STEP];
	return &load_statements[client ? SQL_RECORD_STEP : SQL_PAYLOAD_STEP];
}

/* "{x,x,...}", one for each step of a procedure's call; malloc'd */
static char *
array_of(const char *element)
{
	char	   *text = NULL;

	for (int i = 0; i < STEPS_AT_ONCE; i++)
		text_add(&text, "%s%s", i > 0 ? "," : "{", element);
	text_add(&text, "}");
	return text;
}

/* What a turn's third and fourth parameter say; *owned is to be freed. */
static void
make_values(const Concurrency *c, const LoadWork *work, Param *third, Param *fourth, char **owned)
{
	static char size_text[NUMBER_TEXT_SIZE];
	static char names[STEPS_AT_ONCE * 8];
	bool		many = work->drive == DRIVE_PROCEDURE;

	*owned = NULL;
	snprintf(size_text, sizeof(size_text), "%" PRId64, work->size);
	*third = (Param) {size_text, 0, false};
	*fourth = (Param) {"step", 0, false};
	if (work->origin == ORIGIN_CLIENT && !many)
		*third = (Param) {(const char *) c->payload, (int) work->size, true};
	else if (many)
	{
		char	   *hex = work->origin == ORIGIN_CLIENT ? payload_to_hex(c->payload, (size_t) work->size) : NULL;
		char	   *quoted = hex != NULL ? xasprintf("\"\\%s\"", hex) : NULL;
		char	   *list = array_of("step");

		snprintf(names, sizeof(names), "%s", list);
		*owned = array_of(quoted != NULL ? quoted : size_text);
		*third = (Param) {*owned, 0, false};
		*fourth = (Param) {names, 0, false};
		free(hex);
		free(quoted);
		free(list);
	}
}

/* Everything of a turn that is the same each time. */
static void
prepare_clients(Concurrency *c, const LoadWork *work, const Param *third, const Param *fourth)
{
	for (int i = 0; i < c->clients; i++)
	{
		LoadClient *client = &c->all[i];

		for (int k = 0; k < STEPS_AT_ONCE; k++)
		{
			client->params[k][0] = (Param) {work->one_workflow ? c->one_id : client->id, 0, false};
			client->params[k][1] = (Param) {(const char *) &client->numbers[k], sizeof(uint32_t), true};
			client->params[k][2] = *third;
			client->params[k][3] = *fourth;
			client->calls[k] = (PipelineCall) {statement_of(work), client->params[k]};
		}
	}
}

/*
 * How long a slot of the next block is: what is around the slots, such as connecting and
 * deleting, takes as long as it took in the last block.
 */
static void
choose_slot(Concurrency *c)
{
	int64_t		now = now_ns();
	double		slots = c->plan->ncells;
	double		left = (double) (c->plan_until - now) / (double) NS_PER_S / (c->plan->blocks - c->plan->nblocks + 1);
	double		around = (WARM_SLOT_S + AROUND_SLOT_S) * slots;

	if (c->block_began > 0)
		around = (double) (now - c->block_began) / (double) NS_PER_S - c->slot_s * slots;
	c->slot_s = fmax(LEAST_SLOT_S, (left - around) / slots);
	c->block_began = now;
}

/* Begin a plan that has so many seconds: fewer than ten blocks have an interval too. */
static bool
measure(Lab *lab, Concurrency *c, Plan *plan, double seconds)
{
	plan->seconds = seconds;
	plan->blocks = (int) (seconds / plan->ncells / (LEAST_SLOT_S + WARM_SLOT_S + AROUND_SLOT_S));
	plan->blocks = plan->blocks > PLAN_BLOCKS ? PLAN_BLOCKS : plan->blocks < LEAST_INTERVAL_BLOCKS ? LEAST_INTERVAL_BLOCKS : plan->blocks;
	c->plan = plan;
	c->plan_until = now_ns() + (int64_t) (seconds * (double) NS_PER_S);
	c->block_began = 0;
	return plan_measure(lab, plan);
}

/* ------------------------------------------------------------------------
 * Connections of a block
 * ------------------------------------------------------------------------
 */

static bool
start_workflows(Lab *lab, const Concurrency *c)
{
	char	   *prefix = xstrdup(c->one_id);
	bool		good;

	/* "...:NUMBER", the last colon stays */
	*(strrchr(prefix, ':') + 1) = '\0';
	good = lab_do(lab, "SELECT pg_catalog.count(dbos_payload.start_workflow('%s' OPERATOR(pg_catalog.||) i::pg_catalog.text, 'concurrency'))"
				  " FROM pg_catalog.generate_series(%" PRId64 ", %" PRId64 ") AS i",
				  prefix, c->blocks * (c->clients + 1), c->blocks * (c->clients + 1) + c->clients);
	free(prefix);
	return good;
}

static bool
open_block(Lab *lab, Session *session, void *context)
{
	Concurrency *c = context;
	int64_t		first = c->blocks * (c->clients + 1);

	c->watcher = session;
	memset(c->warm, 0, (size_t) c->ncells * sizeof(bool));
	choose_slot(c);
	run_workflow_id(c->one_id, lab->run_id, false, first + c->clients);
	c->next_step = 0;
	for (int i = 0; i < c->clients; i++)
	{
		run_workflow_id(c->all[i].id, lab->run_id, false, first + i);
		c->all[i].next_step = 0;
		if (!lab_connect(lab, &c->sessions[i]))
			return false;
	}
	if (!start_workflows(lab, c))
		return false;
	c->blocks++;
	return true;
}

static void
close_sessions(Concurrency *c)
{
	for (int i = 0; i < c->clients; i++)
		session_close(&c->sessions[i]);
}

static bool
delete_rows(Lab *lab)
{
	if (leftovers_delete(&lab->control, lab->run_id, NULL))
		return true;
	leftovers_explain(&lab->control);
	lab->failed = true;
	return false;
}

static void
close_block(Lab *lab, Session *session, void *context)
{
	(void) session;
	close_sessions(context);
	if (lab_is_alive(lab))
		delete_rows(lab);
}

/* ------------------------------------------------------------------------
 * One slot
 * ------------------------------------------------------------------------
 */

/* what is had before and after */
typedef struct Meter
{
	double		client_ms;
	double		server_ms;
	double		flushes;		/* NAN: not known */
	double		busy;
	double		total;
	bool		ticks;
} Meter;

static bool
ask(Lab *lab, Session *session, const char *sql, double *value)
{
	PGresult   *result = session_query(session, sql, 0, NULL);

	if (result == NULL)
	{
		lab_fail(lab, session, "concurrency");
		return false;
	}
	*value = PQgetisnull(result, 0, 0) ? NAN : strtod(PQgetvalue(result, 0, 0), NULL);
	PQclear(result);
	return true;
}

/* Flushes so far, as far as the sessions have told of them. */
static bool
read_flushes(Lab *lab, double *flushes)
{
	int			version = lab->environment->server_version_num;

	*flushes = NAN;
	if (version < 140000)
		return true;
	return ask(lab, &lab->control, version >= 180000 ?
			   "SELECT pg_catalog.sum(i.fsyncs) FROM pg_catalog.pg_stat_io AS i WHERE i.object OPERATOR(pg_catalog.=) 'wal'" :
			   "SELECT w.wal_sync FROM pg_catalog.pg_stat_wal AS w", flushes);
}

/*
 * Each session tells what it has had of a processor, and has its flushes counted: by
 * itself it would do so a second later.
 */
static bool
read_meter(Lab *lab, Concurrency *c, int clients, Meter *meter)
{
	const char *sql = lab->environment->server_version_num >= 150000 ?
		"SELECT u.cpu_ms, pg_catalog.pg_stat_force_next_flush() FROM dbos_payload.backend_usage() AS u" :
		"SELECT u.cpu_ms FROM dbos_payload.backend_usage() AS u";
	struct rusage usage;

	meter->server_ms = 0;
	if (lab->environment->server_version_num / 10000 == 14)
		interruptible_sleep(LAZY_STATISTICS_NS);
	for (int i = 0; i < clients; i++)
	{
		double		ms;

		if (!ask(lab, &c->sessions[i], sql, &ms))
			return false;
		meter->server_ms += ms;
	}
	if (!read_flushes(lab, &meter->flushes))
		return false;
	meter->ticks = environment_server_is_here(lab->environment) && environment_host_ticks(&meter->busy, &meter->total);
	getrusage(RUSAGE_SELF, &usage);
	meter->client_ms = 1000.0 * (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
	return true;
}

static void
next_turn(void *context, int session, LoadTurn *turn)
{
	Concurrency *c = context;
	const LoadWork *work = &c->works[c->cells[c->cell].work];
	LoadClient *client = &c->all[session];
	int64_t    *next = work->one_workflow ? &c->next_step : &client->next_step;
	bool		at_once = work->drive == DRIVE_PIPELINE;
	int			ncalls = at_once ? STEPS_AT_ONCE : 1;

	*turn = (LoadTurn) {client->calls, ncalls};
	for (int k = 0; k < ncalls; k++)
		client->numbers[k] = htonl((uint32_t) (*next + k));
	*next += work_steps(work);
}

static void
count_waits(void *context, const PGresult *result)
{
	Concurrency *c = context;

	for (int row = 0; row < PQntuples(result) && c->warm[c->cell]; row++)
	{
		const char *name = PQgetvalue(result, row, 0);
		uint32_t	count;
		int			w = 0;

		memcpy(&count, PQgetvalue(result, row, 1), sizeof(count));
		while (w < c->nwaits && strcmp(c->waits[w].name, name) != 0)
			w++;
		if (w == c->nwaits)
		{
			c->waits = xrealloc(c->waits, (size_t) (c->nwaits + 1) * sizeof(WaitCount));
			c->waits[c->nwaits++] = (WaitCount) {xstrdup(name), xcalloc((size_t) c->ncells, sizeof(int64_t))};
		}
		c->waits[w].counts[c->cell] += ntohl(count);
		c->watched[c->cell] += ntohl(count);
	}
}

/* Percentiles of a slot, into values at p50, p95, p99 and, where it is one, the highest. */
static void
put_percentiles(const Load *load, bool from_sent, double *ms, double *p50, double *p95, double *p99)
{
	for (int i = 0; i < load->nsamples; i++)
		ms[i] = NS_TO_MS(load->samples[i].answered - (from_sent ? load->samples[i].sent : load->samples[i].due));
	sort_doubles(ms, load->nsamples);
	*p50 = percentile_double(ms, load->nsamples, 50);
	*p95 = percentile_double(ms, load->nsamples, 95);
	*p99 = percentile_double(ms, load->nsamples, 99);
}

static void
put_values(const Load *load, const LoadWork *work, const Meter *before, const Meter *after, double *values)
{
	double	   *ms = xcalloc((size_t) load->nsamples + 1, sizeof(double));
	double		all = (double) load->nsamples * work_steps(work);
	int			in_time = 0;

	for (int i = 0; i < load->nsamples; i++)
		in_time += load->samples[i].answered <= load->until;
	values[L_TURNS] = load->nsamples;
	values[L_DUE] = (double) (load->nsamples + load->nunsent);
	values[L_SHORT] = fmax(0.0, values[L_DUE] - in_time - load->nsessions);
	values[L_STEPS] = (double) in_time * work_steps(work) / ((double) load->duration_ns / (double) NS_PER_S);
	values[L_MB] = values[L_STEPS] * (double) work->size / 1e6;
	values[L_UNSENT] = 100.0 * (double) load->nunsent / (double) (load->nunsent + load->nsamples + (load->nsamples == 0));
	if (load->nsamples > 0)
	{
		put_percentiles(load, true, ms, &values[L_SENT_P50], &values[L_SENT_P95], &values[L_SENT_P99]);
		put_percentiles(load, false, ms, &values[L_P50], &values[L_P95], &values[L_P99]);
		values[L_MAX] = ms[load->nsamples - 1];
		values[L_CLIENT_CPU] = (after->client_ms - before->client_ms) / all;
		values[L_SERVER_CPU] = (after->server_ms - before->server_ms) / all;
		values[L_FLUSHES] = (after->flushes - before->flushes) / all;
	}
	if (before->ticks && after->ticks && after->total > before->total)
		values[L_BUSY] = 100.0 * (after->busy - before->busy) / (after->total - before->total);
	free(ms);
}

static bool
run_slot(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Concurrency *c = context;
	const LoadWork *work;
	char	   *pids = NULL;
	Param		pids_param;
	Param		third;
	Param		fourth;
	char	   *owned;
	Meter		before;
	Meter		after;
	Load		load = {
		.sessions = c->sessions,.next = next_turn,.context = c,.watcher = session,
		.watch = &load_statements[SQL_WATCH],.watch_params = &pids_param,.watch_ns = WATCH_NS,.watched = count_waits,
	};
	bool		open = c->rates != NULL;
	bool		good;

	/* the open loop's cells are the plain works by all clients */
	c->cell = open ? find_cell(c, cell, c->clients) : cell;
	work = &c->works[c->cells[c->cell].work];
	load.nsessions = c->cells[c->cell].clients;
	load.duration_ns = (int64_t) ((c->warm[c->cell] ? c->slot_s : WARM_SLOT_S) * (double) NS_PER_S);
	if (open)
	{
		load.rate = c->rates[cell];
		load.random = &lab->random;
		load.watcher = NULL;
	}
	for (int i = 0; i < load.nsessions; i++)
		text_add(&pids, "%s%d", i > 0 ? "," : "{", PQbackendPID(c->sessions[i].conn));
	text_add(&pids, "}");
	pids_param = (Param) {pids, 0, false};
	make_values(c, work, &third, &fourth, &owned);
	prepare_clients(c, work, &third, &fourth);
	good = read_meter(lab, c, load.nsessions, &before);
	if (good && !load_run(&load))
	{
		lab_fail(lab, load.failed, "concurrency");
		good = false;
	}
	good = good && lab_is_alive(lab) && read_meter(lab, c, load.nsessions, &after);
	if (good)
		put_values(&load, work, &before, &after, values);
	c->warm[c->cell] = true;
	lab_progress(lab, open ? "open loop" : "closed loop", 1.0 - lab_seconds_left(lab) / lab->seconds);
	load_free(&load);
	free(pids);
	free(owned);
	return good;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static bool
measure_open(Lab *lab, Concurrency *c, const Plan *closed, Plan *open)
{
	double	   *rates = xcalloc((size_t) c->nplain, sizeof(double));
	bool		good = true;

	for (int work = 0; work < c->nplain; work++)
	{
		int			clients;
		double		steps = lab->options->rate > 0 ? lab->options->rate :
			OPEN_PERCENT / 100.0 * work_maximum(c, closed, work, &clients);

		rates[work] = steps / work_steps(&c->works[work]);
		good = good && rates[work] > 0;
	}
	c->rates = rates;
	open->ncells = c->nplain;
	return good && measure(lab, c, open, OPEN_SHARE * lab_seconds_left(lab));
}

static int
clients_wanted(const Lab *lab, int left)
{
	int			most = left - (OTHER_CONNECTIONS - 1);	/* the lab has its own already */

	if (lab->options->clients > 0)
		return lab->options->clients;
	return most < DEFAULT_CLIENTS ? most : DEFAULT_CLIENTS;
}

static bool
allowed(Lab *lab)
{
	const LabOptions *options = lab->options;
	int			left = environment_connections_left(&lab->control);
	int			clients = options->clients > 0 ? options->clients : 1;
	int			needed = clients + OTHER_CONNECTIONS - 1;

	if (left < 0)
	{
		print_error("%s", lab->control.error != NULL ? lab->control.error : "the connection limits could not be read");
		return false;
	}
	if (needed > left)
	{
		print_error("concurrency: for %d client%s, %d connection%s more %s needed, and the server's, the database's and the role's limits leave %d",
					clients, plural(clients), needed, plural(needed), needed == 1 ? "is" : "are", left);
		print_hint("--clients says how many at most; max_connections and the CONNECTION LIMIT of database and role decide how many there can be");
		return false;
	}
	for (int i = 0; i < options->run->nsizes && options->sizes_given; i++)
		if (options->run->sizes[i] > MOST_BYTES)
		{
			print_error("concurrency: a payload has 0 bytes to 10 MB, and not %" PRId64 " bytes: each client holds it", options->run->sizes[i]);
			return false;
		}
	return true;
}

static int64_t
largest_size(const Concurrency *c)
{
	int64_t		largest = 0;

	for (int work = 0; work < c->nworks; work++)
		largest = c->works[work].size > largest ? c->works[work].size : largest;
	return largest;
}

static void
free_all(Concurrency *c)
{
	for (int w = 0; w < c->nwaits; w++)
	{
		free(c->waits[w].name);
		free(c->waits[w].counts);
	}
	free(c->waits);
	free(c->watched);
	free(c->warm);
	free(c->works);
	free(c->cells);
	free(c->rates);
	free(c->all);
	free(c->sessions);
	free(c->payload);
}

static bool
run_concurrency(Lab *lab, ExperimentResult *result)
{
	Concurrency c = {0};
	Plan		closed = {.nmetrics = L_METRICS,.iterations = 1,.run = run_slot,.open = open_block,.close = close_block,.context = &c};
	Plan		open = closed;
	int			left = environment_connections_left(&lab->control);
	bool		good;

	c.clients = clients_wanted(lab, left);
	if (c.clients < 1)
	{
		lab_progress_end(lab);
		print_error("concurrency: there are no connections left for clients");
		return false;
	}
	c.all = xcalloc((size_t) c.clients, sizeof(LoadClient));
	c.sessions = xcalloc((size_t) c.clients, sizeof(Session));
	make_levels(&c, lab->options->quick);
	make_cells(lab, &c);
	c.payload = xcalloc((size_t) largest_size(&c) + 1, 1);
	lab_fill(lab, c.payload, (size_t) largest_size(&c), 0);
	closed.ncells = c.ncells;
	good = measure(lab, &c, &closed, CLOSED_SHARE * lab->seconds) && lab_goes_on(lab) && closed.nvalues > 0 && measure_open(lab, &c, &closed, &open);
	close_sessions(&c);
	good = good || !lab->failed;
	concurrency_result(lab, &c, &closed, &open, result);
	plan_free(&closed);
	plan_free(&open);
	free_all(&c);
	return good;
}

const Experiment experiment_concurrency = {
	.name = "concurrency",
	.summary = "what many clients at once get done, and on what it stops",
	.question = "How many steps a second do 1, 2, 4 ... clients get done at once, and on what does it stop growing?",
	.needs = "it writes as fast as the server takes it, into dbos_payload's own tables, and deletes those rows again; vacuum gives their room back",
	.seconds = 105,
	.quick_seconds = 15,
	.uses = USES_SIZES | USES_DRIVES | USES_ORIGINS | USES_RATE | USES_CLIENTS,
	.needs_extension = true,
	.allowed = allowed,
	.run = run_concurrency,
};
