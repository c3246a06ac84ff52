/*
 * streaming.c
 *	  The experiment streaming: many bytes as one step, as chunks that are steps, as rows,
 *	  as a large object; and what a kill in the middle loses.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/checkpoint.h"
#include "experiment/list.h"
#include "experiment/streaming.h"
#include "report/text.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

static const int64_t default_sizes[] = {1000000, 4000000, 12000000};
static const int64_t quick_sizes[] = {1000000, 4000000};

#define KILL_ATTEMPTS 3

/* of the time, for what is not killed */
#define MEASURE_SHARE 0.88

/* of what is there at once: the data, what is deleted and not yet vacuumed, their indexes */
#define ROOM_SHARE 3.0

/* a table of large objects below this is vacuumed by us: it is quickly done */
#define MOST_VACUUMED 64e6

/* blocks: as many as have an interval */
#define STREAMING_BLOCKS LEAST_INTERVAL_BLOCKS

int
stream_cell(const Streaming *s, int size, int way)
{
	for (int i = 0; i < s->nways; i++)
		if (s->ways[i] == way)
			return size * s->nways + i;
	return -1;
}

int
stream_first_stored(Stored stored)
{
	int			way = 0;

	while (stream_ways[way].stored != stored)
		way++;
	return way;
}

static Stream
stream_of(const Lab *lab, const Streaming *s, const StreamWay *way, int64_t bytes)
{
	return (Stream) {.way = way,.schema = lab->schema,.seed = s->seed,.bytes = bytes,.chunk = stream_chunk(bytes),
		.nchunks = stream_chunks(bytes),.settings = lab->options->settings};
}

/* Its large objects leave dead rows in a table of the catalogue. */
static bool
delete_stream(Lab *lab, const Streaming *s, const StreamWay *way)
{
	return stream_delete(lab, way) &&
		(way->stored != STORED_OBJECT || !s->vacuum || lab_do(lab, "VACUUM pg_catalog.pg_largeobject"));
}

/* ------------------------------------------------------------------------
 * Nothing is killed
 * ------------------------------------------------------------------------
 */

static double
ms_between(int64_t from, int64_t to)
{
	return (double) (to - from) / (double) NS_PER_MS;
}

/* Reading is the same for all that store in that manner. */
static bool
reading_is_timed(const StreamWay *way)
{
	return &stream_ways[stream_first_stored(way->stored)] == way;
}

/* Read it in that manner; every byte is compared. */
static bool
read_back(Lab *lab, Streaming *s, const Stream *stream, StreamWork work, double *values)
{
	StreamReport report;
	bool		killed;

	if (!stream_process(lab, stream, work, KILL_NONE, 0, &report, &killed))
		return false;
	s->verified += stream->bytes;
	if (values != NULL)
	{
		values[0] = report.fetch_ms;
		values[1] = report.peak_bytes;
		values[2] = report.backend_peak;
	}
	return true;
}

static bool
run_cell(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Streaming  *s = context;
	const StreamWay *way = &stream_ways[s->ways[cell % s->nways]];
	Stream		stream = stream_of(lab, s, way, s->sizes[cell / s->nways]);
	double		wal = wal_position(lab);
	StreamReport report;
	bool		timed = reading_is_timed(way);
	bool		killed;

	(void) session;
	if (!stream_process(lab, &stream, WORK_WRITE, KILL_NONE, 0, &report, &killed))
		return false;
	values[S_WAL] = wal_position(lab) - wal;
	values[S_WRITE] = ms_between(report.began, report.ended);
	values[S_FIRST] = ms_between(report.began, report.first_durable);
	values[S_CLIENT] = report.peak_bytes;
	values[S_CLIENT_GROWN] = report.peak_bytes - report.start_bytes;
	values[S_BACKEND] = report.backend_peak;
	/* what is not timed is compared once */
	if (!timed && s->compared[cell])
		return delete_stream(lab, s, way);
	s->compared[cell] = true;
	return read_back(lab, s, &stream, WORK_READ_PARTS, timed ? &values[S_PARTS] : NULL) &&
		(!timed || read_back(lab, s, &stream, WORK_READ_WHOLE, &values[S_READ])) &&
		delete_stream(lab, s, way);
}

/* ------------------------------------------------------------------------
 * Killed, and gone on with
 * ------------------------------------------------------------------------
 */

/* Kill it once somewhere in the time that it takes, see what is there, and go on.  *hit: not too late. */
static bool
kill_one(Lab *lab, Streaming *s, int which, double write_ms, bool *hit)
{
	const StreamWay *way = &stream_ways[which];
	Stream		stream = stream_of(lab, s, way, s->kill_bytes);
	KillCount  *count = &s->kills[which];
	Kill		kill = random_below(&lab->random, 2) == 0 ? KILL_CLIENT : KILL_CONNECTION;
	StreamReport report;
	int64_t		recorded;
	int64_t		handed;
	bool		killed;

	if (!stream_process(lab, &stream, WORK_WRITE, kill,
						(int64_t) (random_fraction(&lab->random) * write_ms * (double) NS_PER_MS), &report, &killed))
		return false;
	recorded = stream_recorded(lab, way, stream.bytes);
	if (recorded < 0)
		return false;
	handed = report.handed;
	*hit = killed;
	if (report.acknowledged > recorded)
		count->acknowledged_lost += report.acknowledged - recorded;
	if (killed)
	{
		int64_t		lost = handed > recorded ? handed - recorded : 0;

		count->kills[kill]++;
		count->lost += (double) lost;
		count->most_lost = lost > count->most_lost ? lost : count->most_lost;
		count->most_acknowledged = report.acknowledged > count->most_acknowledged ? report.acknowledged : count->most_acknowledged;

		/* goes on, to the end, and writes nothing that is there */
		if (!stream_process(lab, &stream, WORK_WRITE, KILL_NONE, 0, &report, &killed))
			return false;
		count->redone += (double) (handed + report.handed - stream.bytes);
		count->peak = fmax(count->peak, report.peak_bytes);
	}
	return read_back(lab, s, &stream, WORK_READ_PARTS, NULL) && delete_stream(lab, s, way);
}

/* In random order, round by round, for as long as there is time; but each once. */
static bool
kill_all(Lab *lab, Streaming *s, const Plan *plan)
{
	int			order[STREAM_WAYS];
	int			size = 0;

	memcpy(order, s->ways, sizeof(order));
	while (s->sizes[size] != s->kill_bytes)
		size++;
	for (int round = 0; round == 0 ? lab_is_alive(lab) : lab_goes_on(lab); round++)
	{
		random_shuffle(&lab->random, order, (size_t) s->nways, sizeof(int));
		for (int i = 0; i < s->nways && (round == 0 ? lab_is_alive(lab) : lab_goes_on(lab)); i++)
		{
			double		ms = plan_median(plan, stream_cell(s, size, order[i]), S_WRITE).value;
			bool		hit = false;

			lab_progress(lab, "killing", 1.0 - lab_seconds_left(lab) / lab->seconds);
			/* it may have been too fast */
			for (int attempt = 0; attempt < KILL_ATTEMPTS && !hit; attempt++)
				if (isnan(ms) || !kill_one(lab, s, order[i], ms, &hit))
					return false;
		}
	}
	return true;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static void
choose_sizes(const Lab *lab, Streaming *s)
{
	const int64_t *sizes = lab->options->sizes_given ? lab->options->run->sizes : lab->options->quick ? quick_sizes : default_sizes;

	s->nsizes = lab->options->sizes_given ? lab->options->run->nsizes :
		lab->options->quick ? (int) (sizeof(quick_sizes) / sizeof(quick_sizes[0])) : (int) (sizeof(default_sizes) / sizeof(default_sizes[0]));
	for (int i = 0; i < s->nsizes; i++)
	{
		s->sizes[i] = sizes[i];
		s->kill_bytes = sizes[i] > s->kill_bytes ? sizes[i] : s->kill_bytes;
	}
}

static bool
look_at_objects(Lab *lab, Streaming *s)
{
	double		allowed = lab_number(lab, "SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(f, 'EXECUTE'))::pg_catalog.int4 FROM pg_catalog.unnest(ARRAY["
									 "'pg_catalog.lo_create(oid)', 'pg_catalog.lo_open(oid, integer)', 'pg_catalog.lowrite(integer, bytea)',"
									 " 'pg_catalog.lo_put(oid, bigint, bytea)', 'pg_catalog.lo_get(oid)', 'pg_catalog.lo_get(oid, bigint, integer)',"
									 " 'pg_catalog.lo_lseek64(integer, bigint, integer)', 'pg_catalog.lo_unlink(oid)']) AS f");

	s->object_bytes = lab_number(lab, "SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')");
	s->objects = allowed == 1.0;
	s->vacuum = s->object_bytes < MOST_VACUUMED &&
		lab_number(lab, "SELECT pg_catalog.pg_has_role(datdba, 'USAGE')::pg_catalog.int4 FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database()") == 1.0;
	for (int way = 0; way < STREAM_WAYS; way++)
	{
		if (way == WAY_PIPELINE && !HAS_PIPELINE)
			continue;
		if (s->objects || stream_ways[way].stored != STORED_OBJECT)
			s->ways[s->nways++] = way;
	}
	return !lab->failed;
}

static bool
run_streaming(Lab *lab, ExperimentResult *result)
{
	Streaming	s = {.seed = random_next(&lab->random)};
	Plan		plan = {.nmetrics = STREAM_METRICS,.blocks = STREAMING_BLOCKS,.no_warmup = true,.run = run_cell,.context = &s,
	.seconds = MEASURE_SHARE * lab->seconds};
	int		   *groups;
	bool		good;

	choose_sizes(lab, &s);
	good = look_at_objects(lab, &s) && stream_tables_make(lab);
	plan.ncells = s.nsizes * s.nways;
	s.compared = xcalloc((size_t) plan.ncells + 1, sizeof(bool));
	groups = xcalloc((size_t) plan.ncells + 1, sizeof(int));
	for (int cell = 0; cell < plan.ncells; cell++)
		groups[cell] = cell / s.nways;
	plan.groups = groups;
	good = good && plan_measure(lab, &plan);
	if (good && lab_is_alive(lab))
		good = kill_all(lab, &s, &plan);
	good = good || !lab->failed;
	streaming_result(lab, &s, &plan, result);
	plan_free(&plan);
	free(groups);
	free(s.compared);
	return good;
}

static bool
allowed(Lab *lab)
{
	Streaming	s = {0};
	double		wal;

	choose_sizes(lab, &s);
	for (int i = 0; i < s.nsizes; i++)
		if (s.sizes[i] < LEAST_STREAM || s.sizes[i] > MOST_STREAM)
		{
			print_error("streaming: a size is 1 MB to 256 MB, and not %s", words_bytes(s.sizes[i]));
			print_hint(s.sizes[i] < LEAST_STREAM ? "what is smaller is no stream: \"run\" measures it" :
					   "as one step it is one message and one value, which PostgreSQL ends at 1 GB, where hex has two digits a byte and every copy counts");
			return false;
		}
	wal = lab_number(lab, "SELECT setting::pg_catalog.float8 OPERATOR(pg_catalog.*) 1000000 FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'max_wal_size'");
	return !isnan(wal) && lab_has_room(lab, ROOM_SHARE * (double) s.kill_bytes + wal);
}

const Experiment experiment_streaming = {
	.name = "streaming",
	.summary = "many bytes as one step, as chunks, as a large object",
	.question = "Many bytes as one step, as chunks that are steps, as rows or as a large object: what does each take, and what does a kill lose?",
	.needs = "it makes large objects, if it may, and unlinks them again; it kills processes and connections of its own",
	.seconds = 90,
	.quick_seconds = 11,
	.uses = USES_SIZES,
	.allowed = allowed,
	.run = run_streaming,
};
