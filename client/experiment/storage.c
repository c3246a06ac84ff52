/*
 * storage.c
 *	  The experiment storage: what checkpoints take on disk and in WAL?
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/list.h"
#include "experiment/storage.h"
#include "statistics/percentile.h"
#include "util/memory.h"
#include "util/message.h"

/* steps that are recorded one by one, of so many bytes together */
#define FEWEST_INSERTS 5
#define MOST_INSERTS 100
#define INSERTED_BYTES 1000000

/* and then in bulk, so that half-full pages weigh little */
#define MOST_STEPS 10000
#define TABLE_BYTES 10000000

#define CHECKPOINT_ROUNDS 3
#define DEFAULT_RATE 10.0

#define OID_INT4 23
#define OID_BYTEA 17
#define OID_BYTEA_ARRAY 1001

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

const int64_t call_sizes[2] = {100, 10000};

/* ------------------------------------------------------------------------
 * Sizes
 * ------------------------------------------------------------------------
 */

static int
clamp(int64_t value, int low, int high)
{
	return value < low ? low : value > high ? high : (int) value;
}

/* The payload of that step is the last one's; they are in the table, whoever made them. */
static bool
insert_bulk(Lab *lab, Session *session, StepsTable *table, int until, const void *bytes, size_t length)
{
	char	   *sql = xasprintf("INSERT INTO %s SELECT '" STEPS_WORKFLOW "', i, 'payload_step', $2, NULL, 1764000000000, 1764000000001"
								" FROM pg_catalog.generate_series($1, %d) AS i", table->name, until);
	Statement	statement = {.id = -1,.sql = sql,.nparams = 2,.types = {OID_INT4, OID_BYTEA}};
	char		number[24];
	Param		params[2] = {{number, 0, false}, {bytes, (int) length, true}};
	RoundTrip	trip = {0};
	PGresult   *result;

	snprintf(number, sizeof(number), "%d", table->steps + 1);
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &statement, params, false, &trip);
	if (result == NULL)
		lab_fail(lab, session, lab->name);
	else
		table->steps = until;
	PQclear(result);
	free(sql);
	return result != NULL;
}

/* What one step writes right after a checkpoint, and what the next one does. */
static bool
measure_images(Lab *lab, Storage *s, Session *session, SizeBytes *v)
{
	Explained	first[CHECKPOINT_ROUNDS];
	Explained	next[CHECKPOINT_ROUNDS];
	double		own[CHECKPOINT_ROUNDS];
	double		commit[CHECKPOINT_ROUNDS];

	for (int i = 0; i < CHECKPOINT_ROUNDS; i++)
	{
		char		number[24];
		Param		params[2] = {{number, 0, false}, {(char *) s->payload, (int) v->size, true}};

		snprintf(number, sizeof(number), "%d", ++s->bytea.steps);
		if (!lab_do(lab, "CHECKPOINT") || !wal_end(lab, v->after_from) ||
			!explain_call(lab, session, s->bytea.insert.sql, &s->bytea.insert, params, &first[i]) ||
			!wal_end(lab, v->after_to))
			return false;
		own[i] = first[i].wal;
		commit[i] = wal_between(lab, v->after_from, v->after_to) - own[i];
		snprintf(number, sizeof(number), "%d", ++s->bytea.steps);
		if (!explain_call(lab, session, s->bytea.insert.sql, &s->bytea.insert, params, &next[i]))
			return false;
	}
	/* those that the ends of WAL are of; an image is as long as its page is full */
	v->after = first[CHECKPOINT_ROUNDS - 1];
	v->later = next[CHECKPOINT_ROUNDS - 1];
	/* what it wrote itself the server tells; its commit is the least of the rest, to which others can only add */
	v->wal_after = median_double(own, CHECKPOINT_ROUNDS) + least_of(commit, CHECKPOINT_ROUNDS);
	return lab_is_alive(lab);
}

static bool
measure_size(Lab *lab, Storage *s, Session *session, SizeBytes *v)
{
	int			inserts = clamp(INSERTED_BYTES / (v->size + 1), FEWEST_INSERTS, lab->options->quick ? 30 : MOST_INSERTS);
	int			steps = clamp(TABLE_BYTES / (v->size + 1), inserts, MOST_STEPS);
	double		wal[MOST_INSERTS];
	char		ends[MOST_INSERTS + 1][LSN_SIZE];

	if (!lab_do(lab, "TRUNCATE %s", s->bytea.name) || !wal_end(lab, ends[0]))
		return false;
	s->bytea.steps = 0;
	for (int i = 0; i < inserts; i++)
	{
		lab_fill(lab, s->payload, (size_t) v->size, 0);
		if (!steps_table_insert(lab, session, &s->bytea, s->payload, (size_t) v->size) || !wal_end(lab, ends[i + 1]))
			return false;
	}
	v->inserts = inserts;
	for (int i = 0; i < inserts; i++)
		wal[i] = wal_between(lab, ends[i], ends[i + 1]);
	strcpy(v->from, ends[0]);
	strcpy(v->to, ends[inserts]);
	v->wal = wal_between(lab, v->from, v->to);
	v->wal_step = least_of(wal, inserts);
	v->wal_median = median_double(wal, inserts);
	if ((steps > inserts && !insert_bulk(lab, session, &s->bytea, steps, s->payload, (size_t) v->size)) ||
		!volume_read(lab, s->bytea.name, &v->volume))
		return false;
	v->steps = steps;
	return !s->checkpoints || measure_images(lab, s, session, v);
}

static bool
measure_sizes(Lab *lab, Storage *s, Session *session)
{
	for (int i = 0; i < s->nsizes && lab_is_alive(lab); i++)
	{
		lab_progress(lab, "sizes", (double) i / s->nsizes);
		if (!measure_size(lab, s, session, &s->volumes[i]))
			return false;
	}
	return lab_is_alive(lab);
}

/* ------------------------------------------------------------------------
 * Row by row against many in one call, and one beside the cliff against the other
 * ------------------------------------------------------------------------
 */

static unsigned char *
put_int32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char) (value >> (24 - 8 * i));
	return at + 4;
}

/* CALL_STEPS other payloads, as the wire has an array of bytea; its length. */
static size_t
make_array(Lab *lab, Storage *s, size_t size)
{
	unsigned char *at = s->array;

	at = put_int32(at, 1);		/* dimensions */
	at = put_int32(at, 0);		/* no NULLs */
	at = put_int32(at, OID_BYTEA);
	at = put_int32(at, CALL_STEPS);
	at = put_int32(at, 1);		/* lower bound */
	for (int i = 0; i < CALL_STEPS; i++)
	{
		at = put_int32(at, (uint32_t) size);
		lab_fill(lab, at, size, 0);
		at += size;
	}
	return (size_t) (at - s->array);
}

static bool
call_many(Lab *lab, Session *session, Storage *s, size_t length)
{
	char		number[24];
	Param		params[2] = {{number, 0, false}, {(char *) s->array, (int) length, true}};
	RoundTrip	trip = {0};
	PGresult   *result;

	snprintf(number, sizeof(number), "%d", s->bytea.steps);
	s->bytea.steps += CALL_STEPS;
	trip.start = trip.encode_start = now_ns();
	result = session_call(session, &s->many, params, false, &trip);
	if (result == NULL)
		lab_fail(lab, session, lab->name);
	PQclear(result);
	return result != NULL;
}

static bool
run_cell(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Storage    *s = context;
	bool		many = cell == CELL_MANY_SMALL || cell == CELL_MANY_LARGE;
	CliffKind	kind = cell < CELL_CLIFF ? CLIFF_BYTEA : (CliffKind) ((cell - CELL_CLIFF) / 2);
	size_t		size = cell >= CELL_CLIFF ? (size_t) (s->cliffs[kind].edge - 1 + (cell - CELL_CLIFF) % 2) :
		(size_t) call_sizes[cell >= CELL_ONE_LARGE];
	int			steps = cell < CELL_CLIFF ? CALL_STEPS : 1;
	size_t		length = size;
	char		from[LSN_SIZE];
	char		to[LSN_SIZE];
	int64_t		began;
	bool		good = true;

	if (cell >= CELL_CLIFF && s->cliffs[kind].edge == 0)
		return true;
	if (many)
		length = make_array(lab, s, size);
	else
		cliff_fill(lab, kind, s->payload, size);
	if (!wal_end(lab, from) || (many && !session_prepare(session, &s->many)))
		return false;
	began = now_ns();
	if (many)
		good = call_many(lab, session, s, length);
	for (int i = 0; i < steps && !many && good; i++)
		good = steps_table_insert(lab, session, kind == CLIFF_TEXT ? &s->text : &s->bytea, s->payload, size);
	values[M_STEP] = NS_TO_MS(now_ns() - began) / steps;
	if (!good || !wal_end(lab, to))
		return false;
	values[M_STEP_WAL] = wal_between(lab, from, to) / steps;
	return true;
}

static bool
open_block(Lab *lab, Session *session, void *context)
{
	Storage    *s = context;

	(void) session;
	return lab_do(lab, "TRUNCATE %s, %s", s->bytea.name, s->text.name);
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static void
choose_sizes(Lab *lab, Storage *s)
{
	static const int64_t default_sizes[] = {1, 100, 1000, 10000, 100000, 1000000};
	static const int64_t quick_sizes[] = {1, 1000, 100000};

	s->sizes = lab->options->sizes_given ? lab->options->run->sizes : lab->options->quick ? quick_sizes : default_sizes;
	s->nsizes = lab->options->sizes_given ? lab->options->run->nsizes : lab->options->quick ? 3 : 6;
	s->rate = lab->options->rate > 0 ? lab->options->rate : DEFAULT_RATE;
}

static size_t
largest_size(const Storage *s)
{
	int64_t		largest = call_sizes[1];

	for (int i = 0; i < s->nsizes; i++)
		if (s->sizes[i] > largest)
			largest = s->sizes[i];
	return (size_t) largest;
}

static bool
run_storage(Lab *lab, ExperimentResult *result)
{
	static const int groups[CELL_COUNT] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4};
	Storage		s = {0};
	Plan		plan = {.ncells = CELL_COUNT,.groups = groups,.nmetrics = STORAGE_METRICS,.run = run_cell,.open = open_block,.context = &s};
	Session		session = {0};
	bool		good;

	choose_sizes(lab, &s);
	s.checkpoints = may_checkpoint(lab);
	s.payload = xcalloc(largest_size(&s) + 1, 1);
	s.array = xcalloc(20 + CALL_STEPS * ((size_t) call_sizes[1] + 4), 1);
	s.volumes = xcalloc((size_t) s.nsizes, sizeof(SizeBytes));
	for (int i = 0; i < s.nsizes; i++)
		s.volumes[i] = (SizeBytes) {.size = s.sizes[i],.wal = NAN,.wal_step = NAN,.wal_median = NAN,.wal_after = NAN,
		.after = {NAN, NAN, NAN, NAN},.later = {NAN, NAN, NAN, NAN}};
	good = steps_table_make(lab, &s.bytea, 0, "steps_bytea", "bytea") &&
		steps_table_make(lab, &s.text, 1, "steps_text", "text") && lab_connect(lab, &session);
	if (good)
	{
		s.many = (Statement) {.id = 2,.nparams = 2,.types = {OID_INT4, OID_BYTEA_ARRAY},
			.sql = xasprintf("INSERT INTO %s SELECT '" STEPS_WORKFLOW "', ($1 OPERATOR(pg_catalog.+) i)::pg_catalog.int4, 'payload_step', p, NULL,"
							 " 1764000000000, 1764000000001"
							 " FROM pg_catalog.unnest($2) WITH ORDINALITY AS u (p, i)", s.bytea.name)};
		good = measure_sizes(lab, &s, &session) && storage_measure_churn(lab, &s) &&
			storage_measure_cliffs(lab, &s, &session) && plan_measure(lab, &plan);
		storage_result(lab, &s, &plan, result);
	}
	session_close(&session);
	steps_table_free(&s.bytea);
	steps_table_free(&s.text);
	free((char *) s.many.sql);
	free(s.volumes);
	free(s.payload);
	free(s.array);
	plan_free(&plan);
	return good;
}

static bool
allowed(Lab *lab)
{
	Storage		s = {0};
	double		bytes = 0.0;

	choose_sizes(lab, &s);
	for (int i = 0; i < s.nsizes; i++)
	{
		if (s.sizes[i] > MOST_STORED_BYTES)
		{
			print_error("storage: a payload has at most 100 MB, and not %lld bytes", (long long) s.sizes[i]);
			return false;
		}
		/* in the table and in WAL, before TRUNCATE's files are gone */
		bytes += 4.0 * fmax((double) s.sizes[i] * (FEWEST_INSERTS + 2 * CHECKPOINT_ROUNDS), TABLE_BYTES);
	}
	return lab_has_room(lab, bytes + 100e6);
}

const Experiment experiment_storage = {
	.name = "storage",
	.summary = "what checkpoints take on disk and in WAL",
	.question = "What do checkpoints take on disk and in WAL, by size, around 2 kB, under replay and purge, and a day?",
	.needs = "full-page images right after a checkpoint are measured where the role may run CHECKPOINT (superusers, pg_checkpoint from PostgreSQL 15 on), three times for each size.",
	.seconds = 60,
	.quick_seconds = 12,
	.uses = USES_SIZES | USES_RATE,
	.allowed = allowed,
	.run = run_storage,
};
