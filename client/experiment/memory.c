/*
 * memory.c
 *	  The experiment memory: how many copies of a payload do client and backend hold
 *	  at their peak, and how large a payload fits under a limit?
 *
 * Each peak is that of a process and a connection of its own.  Copies are the slope of
 * the peaks by size, so that what a process needs anyway is not in them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/list.h"
#include "experiment/memory.h"
#include "statistics/line.h"
#include "util/clock.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* of the experiment's time: until when peaks are measured, and contexts asked for */
#define PEAKS_UNTIL 0.6
#define CONTEXTS_UNTIL 0.7

#define MOST_BLOCKS 10

/* below this a page more or less would count as a copy */
#define LEAST_LARGEST 1000000

#define MOST_TRIES 7
#define CLOSE_ENOUGH 1.2		/* between what went through and what did not */

/* bytes that payloads tried are whole numbers of */
#define TRY_STEP 10000

/* what is tried first and then, of what the slope predicts */
#define LIKELY 0.93
#define UNLIKELY 1.1

/* a client that holds less of it than this is not bound by its payload */
#define LEAST_COPIES 0.2

static const int64_t default_sizes[] = {1000000, 4000000};
static const int64_t quick_sizes[] = {1000000, 3000000};

static const Approach all_approaches[] = {
	{"calls, client, binary", false, DRIVE_CALLS, ORIGIN_CLIENT, 1, true},
	{"calls, client, text", false, DRIVE_CALLS, ORIGIN_CLIENT, 1, false},
	{"calls, client, 7 steps", false, DRIVE_CALLS, ORIGIN_CLIENT, BATCH_STEPS, true},
	{"calls, server, binary", false, DRIVE_CALLS, ORIGIN_SERVER, 1, true},
	{"calls, server, text", false, DRIVE_CALLS, ORIGIN_SERVER, 1, false},
	{"pipeline, client, 7 steps", false, DRIVE_PIPELINE, ORIGIN_CLIENT, BATCH_STEPS, true},
	{"pipeline, server, 7 steps", false, DRIVE_PIPELINE, ORIGIN_SERVER, BATCH_STEPS, true},
	{"procedure, client, 7 steps", false, DRIVE_PROCEDURE, ORIGIN_CLIENT, BATCH_STEPS, true},
	{"procedure, client, 7, text", false, DRIVE_PROCEDURE, ORIGIN_CLIENT, BATCH_STEPS, false},
	{"procedure, server, 7 steps", false, DRIVE_PROCEDURE, ORIGIN_SERVER, BATCH_STEPS, true},
	{"reading back, binary", true, DRIVE_CALLS, ORIGIN_SERVER, 1, true},
	{"reading back, text", true, DRIVE_CALLS, ORIGIN_SERVER, 1, false},
};

#define NALL ((int) (sizeof(all_approaches) / sizeof(all_approaches[0])))

/* ------------------------------------------------------------------------
 * Slopes
 * ------------------------------------------------------------------------
 */

/* Of a block: the line through its peaks, slope or what is left at no bytes; NAN: it has too few. */
static double
fit_block(const Memory *m, int approach, bool of_backend, int block, bool slope, int64_t *n)
{
	Points		points = {0};
	Line		line;

	for (int i = 0; i < m->npeaks; i++)
	{
		const Peak *peak = &m->peaks[i];
		double		bytes = of_backend ? peak->tried.backend : peak->tried.client;

		if (peak->approach != approach || peak->block != block || isnan(bytes))
			continue;
		line_add(&points, (double) peak->size, bytes, 1.0);
	}
	if (!line_through(&points, &line))
		return NAN;
	*n += points.n;
	return slope ? line.slope : line.at_zero;
}

static Estimate
fit(const Memory *m, int approach, bool of_backend, bool slope, int64_t *n)
{
	double		blocks[MOST_BLOCKS];

	*n = 0;
	for (int block = 0; block < m->nblocks; block++)
		blocks[block] = fit_block(m, approach, of_backend, block, slope, n);
	return estimate_blocks(blocks, m->nblocks);
}

Estimate
memory_copies(const Memory *m, int approach, bool of_backend, int64_t *n)
{
	return fit(m, approach, of_backend, true, n);
}

Estimate
memory_base(const Memory *m, int approach, bool of_backend)
{
	int64_t		n;

	return fit(m, approach, of_backend, false, &n);
}

/* ------------------------------------------------------------------------
 * Measuring
 * ------------------------------------------------------------------------
 */

static bool
delete_rows(Lab *lab, Memory *m)
{
	if (m->undeleted < MOST_UNDELETED_BYTES)
		return true;
	m->undeleted = 0;
	if (leftovers_delete(&lab->control, lab->run_id, NULL))
		return true;
	if (!interrupted())
	{
		leftovers_explain(&lab->control);
		lab->failed = true;
	}
	return false;
}

/* A payload to read back; its row, 0: it failed. */
static int
add_row(Lab *lab, Memory *m, int64_t size)
{
	m->nrows++;
	return lab_do(lab, "INSERT INTO %s VALUES ('workflow', %d, 'step', dbos_payload.random_payload(%lld))",
				  m->table.name, m->nrows, (long long) size) ? m->nrows : 0;
}

static bool
measure_peak(Lab *lab, Memory *m, int approach, int s, int block)
{
	Peak		peak = {.approach = approach,.block = block,.size = m->sizes[s]};

	if (!delete_rows(lab, m) || !memory_try(lab, m, approach, m->sizes[s], m->size_rows[s], 0, &peak.tried))
		return false;
	if (m->npeaks == m->capacity)
	{
		m->capacity = m->capacity > 0 ? 2 * m->capacity : 256;
		m->peaks = xrealloc(m->peaks, (size_t) m->capacity * sizeof(Peak));
	}
	m->peaks[m->npeaks++] = peak;
	return true;
}

static double
seconds_until(const Lab *lab, double share)
{
	return share * lab->seconds - (double) (now_ns() - lab->began) / (double) NS_PER_S;
}

/* All approaches and sizes, in an order drawn anew, as often as there is time for; once whatever happens. */
static bool
measure_peaks(Lab *lab, Memory *m)
{
	int			ncells = m->napproaches * m->nsizes;
	int			cells[MOST_APPROACHES * MOST_MEMORY_SIZES];
	double		block_s = 0.0;

	for (int i = 0; i < ncells; i++)
		cells[i] = i;
	for (int block = 0; block < MOST_BLOCKS; block++)
	{
		int64_t		began = now_ns();

		/* a block that would not be ended is not begun */
		if (block > 0 && seconds_until(lab, block < LEAST_INTERVAL_BLOCKS ? CONTEXTS_UNTIL : PEAKS_UNTIL) < block_s)
			break;
		random_shuffle(&lab->random, cells, (size_t) ncells, sizeof(int));
		for (int i = 0; i < ncells; i++)
			if (!(block == 0 ? lab_is_alive(lab) : lab_goes_on(lab)) ||
				!measure_peak(lab, m, cells[i] / m->nsizes, cells[i] % m->nsizes, block))
				return lab_is_alive(lab);
		m->nblocks = block + 1;
		block_s = (double) (now_ns() - began) / (double) NS_PER_S;
	}
	return true;
}

static bool
ask_contexts(Lab *lab, Memory *m)
{
	for (int i = 0; i < m->napproaches && m->has_contexts; i++)
	{
		int			largest = m->nsizes - 1;

		if (!lab_goes_on(lab))
			return true;
		if (!delete_rows(lab, m) || !memory_contexts(lab, m, i, m->sizes[largest], m->size_rows[largest]))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------
 * The largest payload under the client's limit
 * ------------------------------------------------------------------------
 */

static bool
try_limit(Lab *lab, Memory *m, int approach, int64_t size)
{
	Limit	   *limit = &m->limits[approach];
	Try			tried;
	int			row = m->approaches[approach].reads ? add_row(lab, m, size) : 0;

	if ((m->approaches[approach].reads && row == 0) || !delete_rows(lab, m) ||
		!memory_try(lab, m, approach, size, row, CLIENT_LIMIT, &tried))
		return false;
	limit->tries++;
	if (tried.outcome == TRY_DONE && size > limit->done)
		limit->done = size;
	if (tried.outcome != TRY_DONE && (limit->ran_out == 0 || size < limit->ran_out))
	{
		limit->ran_out = size;
		snprintf(limit->message, sizeof(limit->message), "%s",
				 tried.outcome == TRY_DIED ? "it died" : tried.message);
	}
	return true;
}

/* What is to be tried next, from below and above what the slope predicts, then by bisection; 0: it is known. */
static double
next_try(const Limit *limit)
{
	double		done = (double) limit->done;
	double		ran_out = (double) limit->ran_out;

	if (isnan(limit->predicted) || limit->tries >= MOST_TRIES || done >= CLIENT_LIMIT)
		return 0.0;
	if (limit->tries == 0)
		return fmin(LIKELY * limit->predicted, 0.95 * CLIENT_LIMIT);
	if (done == 0.0)
		return ran_out / 1.3;

	/* no payload is above the limit itself */
	if (ran_out == 0.0)
		return fmin(fmax(UNLIKELY * limit->predicted, UNLIKELY * done), CLIENT_LIMIT);
	return ran_out / done < CLOSE_ENOUGH ? 0.0 : sqrt(done * ran_out);
}

/* All approaches in turns, so that each has something when time is over. */
static bool
find_limits(Lab *lab, Memory *m)
{
	int			order[MOST_APPROACHES];
	bool		any = true;

	for (int i = 0; i < m->napproaches; i++)
	{
		int64_t		n;
		Estimate	copies = memory_copies(m, i, false, &n);

		order[i] = i;
		m->limits[i].predicted = copies.value > LEAST_COPIES ? CLIENT_LIMIT / copies.value : NAN;
	}
	while (any && lab_is_alive(lab))
	{
		any = false;
		random_shuffle(&lab->random, order, (size_t) m->napproaches, sizeof(int));
		for (int i = 0; i < m->napproaches; i++)
		{
			double		size = next_try(&m->limits[order[i]]);

			/* the first is found whatever time it takes, so that there is an answer */
			if (size < TRY_STEP || !(order[i] == 0 ? lab_is_alive(lab) : lab_goes_on(lab)))
				continue;
			any = true;
			if (!try_limit(lab, m, order[i], TRY_STEP * (int64_t) (size / TRY_STEP)))
				return false;
		}
	}
	return true;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static int
compare_sizes(const void *a, const void *b)
{
	int64_t		left = *(const int64_t *) a;
	int64_t		right = *(const int64_t *) b;

	return (left > right) - (left < right);
}

static void
choose(const Lab *lab, Memory *m)
{
	const LabOptions *options = lab->options;
	const int64_t *sizes = options->sizes_given ? options->run->sizes : options->quick ? quick_sizes : default_sizes;
	int			n = options->sizes_given ? options->run->nsizes : 2;

	for (int s = 0; s < n && s < MOST_MEMORY_SIZES; s++)
		m->sizes[m->nsizes++] = sizes[s];
	qsort(m->sizes, (size_t) m->nsizes, sizeof(int64_t), compare_sizes);
	for (int i = 0; i < NALL; i++)
	{
		const Approach *a = &all_approaches[i];

		if (a->reads || ((!options->drives_given || options->run->drives[a->drive]) &&
						 (options->origins_given ? options->run->origins[a->origin] : !options->quick || a->origin == ORIGIN_CLIENT)))
			m->approaches[m->napproaches++] = *a;
	}
	for (int i = 0; i < MOST_APPROACHES; i++)
		m->before[i].total = m->within[i].total = m->after[i].total = m->limits[i].predicted = NAN;
}

/* May this role ask a backend for its contexts, and is there anything to ask? */
static bool
look_for_contexts(Lab *lab, Memory *m)
{
	if (lab->environment->server_version_num < 140000)
	{
		m->no_contexts = "memory contexts are told from PostgreSQL 14 on";
		return true;
	}
	m->has_contexts = lab_number(lab, "SELECT (pg_catalog.has_table_privilege('pg_catalog.pg_backend_memory_contexts', 'SELECT')"
								 " AND pg_catalog.has_function_privilege('pg_catalog.pg_get_backend_memory_contexts()', 'EXECUTE'))::pg_catalog.int4") == 1.0;
	if (!m->has_contexts)
		m->no_contexts = "memory contexts are told to superusers and members of pg_read_all_stats, and this role is none";
	return lab_is_alive(lab);
}

static bool
prepare(Lab *lab, Memory *m)
{
	if (!checkpoint_table_make(lab, &m->table, 0, "payloads", "bytea", "EXTENDED") || !look_for_contexts(lab, m))
		return false;
	for (int s = 0; s < m->nsizes; s++)
	{
		m->size_rows[s] = add_row(lab, m, m->sizes[s]);
		if (m->size_rows[s] == 0)
			return false;
	}
	m->sees_backend = memory_is_told_of_backend(lab, PQbackendPID(lab->control.conn));
	return true;
}

static bool
run_memory(Lab *lab, ExperimentResult *result)
{
	Memory		m = {0};
	bool		good;

	choose(lab, &m);
	good = prepare(lab, &m) && measure_peaks(lab, &m) && ask_contexts(lab, &m) && find_limits(lab, &m);
	memory_result(lab, &m, result);
	checkpoint_table_free(&m.table);
	free(m.peaks);
	return good || !lab->failed;
}

static bool
allowed(Lab *lab)
{
	const Parameters *run = lab->options->run;
	Memory		m = {0};
	double		most = lab_number(lab, "SELECT setting::pg_catalog.float8 * CASE unit WHEN 'kB' THEN 1024 WHEN 'MB' THEN 1048576 ELSE 1 END"
								  " FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'dbos_payload.max_payload_bytes'");

	choose(lab, &m);
	if (!memory_is_told())
	{
		print_error("memory: there is no /proc/self/status here that tells of a process's memory; Linux has one");
		return false;
	}
	if (lab->options->sizes_given && (run->nsizes < 2 || run->nsizes > MOST_MEMORY_SIZES || m.sizes[m.nsizes - 1] < LEAST_LARGEST ||
									  m.sizes[m.nsizes - 1] < 2 * m.sizes[0]))
	{
		print_error("memory: --sizes are two to %d sizes, the largest at least %d bytes and twice the smallest: copies are what the peak grows by between them",
					MOST_MEMORY_SIZES, LEAST_LARGEST);
		return false;
	}
	if ((double) m.sizes[m.nsizes - 1] > fmin(most, MOST_UNDELETED_BYTES))
	{
		print_error("memory: a payload of %lld bytes is above the most that is tried, %.0f (dbos_payload.max_payload_bytes is %.0f)",
					(long long) m.sizes[m.nsizes - 1], fmin(most, MOST_UNDELETED_BYTES), most);
		return false;
	}
	return lab_has_room(lab, 3e9);
}

const Experiment experiment_memory = {
	.name = "memory",
	.summary = "how often client and server hold a payload at once",
	.question = "How many copies of a payload do client and backend hold at their peak, and how large a payload fits under a limit?",
	.needs = "it starts a process and a connection for each measurement, one after another, and writes up to 2 GB into dbos_payload's own tables and one of its own",
	.seconds = 60,
	.quick_seconds = 12,
	.uses = USES_SIZES | USES_DRIVES | USES_ORIGINS,
	.needs_extension = true,
	.allowed = allowed,
	.run = run_memory,
};
