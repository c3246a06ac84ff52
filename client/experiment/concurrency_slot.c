/*
 * concurrency_slot.c
 *	  Some work by so many clients for a moment: what they send, and what is measured.
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
#include "pg/load.h"
#include "statistics/percentile.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"

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

/* ------------------------------------------------------------------------
 * What is sent
 * ------------------------------------------------------------------------
 */

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

bool
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
