/*
 * streaming_result.c
 *	  What the experiment streaming came to.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/streaming.h"
#include "report/experiment.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/numbers.h"

typedef struct Shown
{
	int			metric;
	const char *name;
	const char *title;
	Unit		unit;
	Show		show;			/* in the table of the largest; in the other everything is full */
	const char *meaning;
} Shown;

static const Shown shown[] = {
	{S_WRITE, "write", "write", UNIT_MS, SHOW_INTERVAL, "From making the first byte until all are durable: the blocks' medians."},
	{S_FIRST, "first", "first durable", UNIT_MS, SHOW_BRIEF, "From making the first byte until the client knows that something of it is durable."},
	{S_CLIENT, "client", "client", UNIT_BYTES, SHOW_BRIEF, "The most memory of the client's process while it writes, the program included (VmHWM)."},
	{S_CLIENT_GROWN, "client_grown", "client grew", UNIT_BYTES, SHOW_FULL, "That above what it had when it had connected."},
	{S_BACKEND, "backend", "backend", UNIT_BYTES, SHOW_BRIEF, "The most memory of the backend's own above what it had before the first statement, shared buffers not in it: of two figures that are at most that, VmHWM less what is shared and RssAnon seen every ms, the larger."},
	{S_WAL, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "WAL of the whole server meanwhile."},
	{S_READ, "read", "read", UNIT_MS, SHOW_FULL, "Read back by one query, comparing left out. n/a: the same as another way of the same layout."},
	{S_READ_CLIENT, "read_client", "client reading", UNIT_BYTES, SHOW_FULL, "The most memory of the client's process then."},
	{S_READ_BACKEND, "read_backend", "backend reading", UNIT_BYTES, SHOW_FULL, "The backend's own then."},
	{S_PARTS, "parts", "in parts", UNIT_MS, SHOW_FULL, "Read back by a query for each chunk: substr(), rows, lo_get() of a range."},
	{S_PARTS_CLIENT, "parts_client", "client in parts", UNIT_BYTES, SHOW_FULL, "The most memory of the client's process then."},
	{S_PARTS_BACKEND, "parts_backend", "backend in parts", UNIT_BYTES, SHOW_FULL, "The backend's own then."},
};

#define NSHOWN ((int) (sizeof(shown) / sizeof(shown[0])))

static const Shown client_copies = {.title = "client's copies",.meaning = "What the client's memory grew by while it wrote, in payloads."};
static const Shown backend_copies = {.title = "backend's copies",.meaning = "The same of the backend."};

static const char *const stored_names[] = {
	[STORED_ONE] = "one row", [STORED_CHUNKS] = "a row a chunk", [STORED_PAGES] = "a row a page", [STORED_OBJECT] = "large object",
};

/* "14.2 MB" */
static const char *
words_mb(double bytes)
{
	static char texts[8][32];
	static int	next = 0;
	char	   *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%.1f MB", bytes / 1e6);
	return text;
}

static double
value_of(const Streaming *s, const Plan *plan, int size, int way, int metric)
{
	int			cell = stream_cell(s, size, way);

	return cell < 0 ? NAN : plan_median(plan, cell, metric).value;
}

static int
largest(const Streaming *s)
{
	int			size = 0;

	while (s->sizes[size] != s->kill_bytes)
		size++;
	return size;
}

static int64_t
all_kills(const KillCount *count)
{
	int64_t		n = 0;

	for (Kill kill = KILL_NONE; kill < KILL_COUNT; kill++)
		n += count->kills[kill];
	return n;
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

static void
add_row(const Streaming *s, const Plan *plan, ExperimentTable *table, int size, int way, bool brief)
{
	int			cell = stream_cell(s, size, way);

	for (int i = 0; i < NSHOWN; i++)
		if (!brief || shown[i].show != SHOW_FULL)
			result_estimate(table, plan_median(plan, cell, shown[i].metric), plan_n(plan, cell, shown[i].metric));
}

/* The largest on the one screen. */
static void
add_ways(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "ways", "The largest stream, by the way in which it is written", true);

	result_column(table, "way", "way", UNIT_LABEL, SHOW_BRIEF, "As the table of kills says.");
	for (int i = 0; i < NSHOWN; i++)
		if (shown[i].show != SHOW_FULL)
			result_column(table, shown[i].name, shown[i].title, shown[i].unit, shown[i].show, shown[i].meaning);
	result_column(table, "lost", "lost", UNIT_BYTES, SHOW_BRIEF, "The most that one kill lost: bytes that had been handed over and were not there afterwards.");
	result_column(table, "client_copies", client_copies.title, UNIT_RATIO, SHOW_FULL, client_copies.meaning);
	result_column(table, "backend_copies", backend_copies.title, UNIT_RATIO, SHOW_FULL, backend_copies.meaning);
	for (int i = 0; i < s->nways; i++)
	{
		const KillCount *count = &s->kills[s->ways[i]];

		if (plan_n(plan, stream_cell(s, largest(s), s->ways[i]), S_WRITE) == 0 && all_kills(count) == 0)
			continue;
		result_label(table, "%s", stream_ways[s->ways[i]].name);
		add_row(s, plan, table, largest(s), s->ways[i], true);
		result_exact(table, all_kills(count) > 0 ? (double) count->most_lost : NAN);
		result_exact(table, value_of(s, plan, largest(s), s->ways[i], S_CLIENT_GROWN) / (double) s->kill_bytes);
		result_exact(table, value_of(s, plan, largest(s), s->ways[i], S_BACKEND) / (double) s->kill_bytes);
	}
}

/* Reading it, by how it is stored. */
static void
add_reading(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "reading", "The largest stream read back, by how it is stored", true);

	result_column(table, "stored", "stored as", UNIT_LABEL, SHOW_BRIEF, "What it is in the server.");
	result_column(table, "how", "read", UNIT_LABEL, SHOW_BRIEF, "Whole, by one query; or in parts, by a query for each chunk: substr(), rows, lo_get() of a range.");
	result_column(table, "time", "time", UNIT_MS, SHOW_INTERVAL, "Of the queries, without comparing what came: the blocks' medians.");
	result_column(table, "client", "client", UNIT_BYTES, SHOW_BRIEF, "The most memory of the client's process, the program included (VmHWM).");
	result_column(table, "backend", "backend", UNIT_BYTES, SHOW_BRIEF, "The most memory of the backend's own above what it had before.");
	for (Stored stored = 0; stored < STORED_COUNT; stored++)
	{
		int			cell = stream_cell(s, largest(s), stream_first_stored(stored));

		for (int how = 0; how < 2 && cell >= 0; how++)
		{
			if (plan_n(plan, cell, how == 0 ? S_READ : S_PARTS) == 0)
				continue;
			result_label(table, "%s", stored_names[stored]);
			result_label(table, "%s", how == 0 ? "whole" : "in parts");
			for (int metric = how == 0 ? S_READ : S_PARTS, i = 0; i < 3; i++)
				result_estimate(table, plan_median(plan, cell, metric + i), plan_n(plan, cell, metric + i));
		}
	}
}

static void
add_sizes(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "sizes", "Every size and way", false);

	result_column(table, "way", "way", UNIT_LABEL, SHOW_BRIEF, "As the table of kills says.");
	result_column(table, "stored", "stored as", UNIT_LABEL, SHOW_BRIEF, "What it is in the server.");
	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_BRIEF, "Bytes of the stream.");
	result_column(table, "chunk", "chunk", UNIT_BYTES, SHOW_FULL, "Bytes of a chunk.");
	for (int i = 0; i < NSHOWN; i++)
		result_column(table, shown[i].name, shown[i].title, shown[i].unit, SHOW_BRIEF, shown[i].meaning);
	result_column(table, "against_one", "against one step", UNIT_RATIO, SHOW_INTERVAL, "Time to write, against one step in the same turn.");
	result_column(table, "client_copies", client_copies.title, UNIT_RATIO, SHOW_FULL, client_copies.meaning);
	result_column(table, "backend_copies", backend_copies.title, UNIT_RATIO, SHOW_FULL, backend_copies.meaning);
	result_column(table, "wal_copies", "WAL's copies", UNIT_RATIO, SHOW_FULL, "WAL in payloads.");
	for (int i = 0; i < s->nways; i++)
		for (int size = 0; size < s->nsizes; size++)
		{
			int			way = s->ways[i];
			int			cell = stream_cell(s, size, way);
			double		bytes = (double) s->sizes[size];

			if (plan_n(plan, cell, S_WRITE) == 0)
				continue;
			result_label(table, "%s", stream_ways[way].name);
			result_label(table, "%s", stored_names[stream_ways[way].stored]);
			result_exact(table, bytes);
			result_exact(table, stream_chunk(s->sizes[size]));
			add_row(s, plan, table, size, way, false);
			result_estimate(table, way == WAY_ONE ? estimate_exact(1.0) : plan_ratio(plan, cell, S_WRITE, stream_cell(s, size, WAY_ONE), S_WRITE, NULL), plan_n(plan, cell, S_WRITE));
			result_exact(table, value_of(s, plan, size, way, S_CLIENT_GROWN) / bytes);
			result_exact(table, value_of(s, plan, size, way, S_BACKEND) / bytes);
			result_exact(table, value_of(s, plan, size, way, S_WAL) / bytes);
		}
}

static void
add_kills(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "kills", "Killed while it was written, and gone on with", false);

	result_column(table, "way", "way", UNIT_LABEL, SHOW_BRIEF, "Its name.");
	result_column(table, "meaning", "what it is", UNIT_LABEL, SHOW_BRIEF, "How it is written.");
	result_column(table, "client_kills", "clients", UNIT_COUNT, SHOW_BRIEF, "Client processes killed by SIGKILL, at random in the time that writing takes.");
	result_column(table, "connection_kills", "connections", UNIT_COUNT, SHOW_BRIEF, "Connections ended by pg_terminate_backend(), likewise.");
	result_column(table, "most_acknowledged", "acknowledged", UNIT_BYTES, SHOW_BRIEF, "The most that was acknowledged as durable when a kill came.");
	result_column(table, "acknowledged_lost", "of it lost", UNIT_BYTES, SHOW_BRIEF, "Bytes that were acknowledged and were not there afterwards, of all kills.");
	result_column(table, "most_lost", "most lost", UNIT_BYTES, SHOW_BRIEF, "Bytes that had been handed over and were not there afterwards: the most of one kill.");
	result_column(table, "mean_lost", "mean lost", UNIT_BYTES, SHOW_BRIEF, "The mean of all kills.");
	result_column(table, "mean_redone", "mean redone", UNIT_BYTES, SHOW_BRIEF, "Bytes that were handed over twice, by going on: the mean.");
	result_column(table, "client", "client", UNIT_BYTES, SHOW_BRIEF, "The most memory of the processes that went on (VmHWM).");
	for (int i = 0; i < s->nways; i++)
	{
		const KillCount *count = &s->kills[s->ways[i]];
		double		n = (double) all_kills(count);

		if (n == 0 && plan->nvalues == 0)
			continue;
		result_label(table, "%s", stream_ways[s->ways[i]].name);
		result_label(table, "%s", stream_ways[s->ways[i]].meaning);
		result_exact(table, count->kills[KILL_CLIENT]);
		result_exact(table, count->kills[KILL_CONNECTION]);
		result_exact(table, n > 0 ? (double) count->most_acknowledged : NAN);
		result_exact(table, n > 0 ? (double) count->acknowledged_lost : NAN);
		result_exact(table, n > 0 ? (double) count->most_lost : NAN);
		result_exact(table, n > 0 ? count->lost / n : NAN);
		result_exact(table, n > 0 ? count->redone / n : NAN);
		result_exact(table, n > 0 ? count->peak : NAN);
	}
}

static void
add_plots(ExperimentResult *result)
{
	result_plot_log(result_plot(result, PLOT_LINES, "write", "Time to write, by size and way",
								"Points: the blocks' medians, with their 95 % interval.", "sizes", "payload", "write", "way"), true, true);
	result_plot_log(result_plot(result, PLOT_LINES, "first", "Time until something is durable",
								"From making the first byte; what is one transaction has nothing before its end.", "sizes", "payload", "first", "way"), true, true);
	result_plot(result, PLOT_BARS, "memory", "What memory grows by while the largest is written",
				"In payloads, at the peak: 1 is as much as the stream is long.", "ways", "way", "client_copies,backend_copies", NULL);
	result_plot_log(result_plot(result, PLOT_LINES, "copies", "What the client's memory grows by, by size and way",
								"In payloads, at its peak while it writes: 1 is as much as the stream is long.", "sizes", "payload", "client_copies", "way"), true, false);
	result_plot(result, PLOT_BARS, "lost", "What one kill loses",
				"The most of all kills: bytes that had been handed over and were not there afterwards.", "kills", "way", "most_lost", NULL);
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

static void
conclude_kills(const Streaming *s, ExperimentResult *result)
{
	int64_t		n = 0;
	int64_t		acknowledged_lost = 0;
	int64_t		chunked = -1;
	int64_t		whole = -1;

	for (int i = 0; i < s->nways; i++)
	{
		const KillCount *count = &s->kills[s->ways[i]];
		int64_t    *most = stream_ways[s->ways[i]].resumable ? &chunked : &whole;

		n += all_kills(count);
		acknowledged_lost += count->acknowledged_lost;
		if (all_kills(count) > 0 && count->most_lost > *most)
			*most = count->most_lost;
	}
	if (n == 0)
		return;
	if (acknowledged_lost > 0)
		result_conclude(result, "Of what was acknowledged as durable, %" PRId64 " bytes were lost in %" PRId64 " kills: this server does not keep what it acknowledges.",
						acknowledged_lost, n);
	else
		result_conclude(result, "%" PRId64 " kill%s of clients and connections lost nothing that was acknowledged, and each stream was gone on with and is byte for byte what it should be.", n, plural(n));
	if (chunked >= 0 && whole >= 0)
		result_conclude(result, "Of %s, a kill lost up to %s where each chunk is durable, and up to %s where all of it is one transaction.",
						words_bytes(s->kill_bytes), words_mb((double) chunked), words_mb((double) whole));
}

static void
conclude_memory(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	int			size = largest(s);
	double		one = value_of(s, plan, size, WAY_ONE, S_CLIENT);
	double		most = NAN;
	double		backend = NAN;
	const char *who = NULL;

	for (int i = 0; i < s->nways; i++)
		if (stream_ways[s->ways[i]].chunked)
		{
			double		value = value_of(s, plan, size, s->ways[i], S_CLIENT);

			if (value > most || isnan(most))
			{
				most = value;
				who = stream_ways[s->ways[i]].name;
			}
			backend = fmax(backend, value_of(s, plan, size, s->ways[i], S_BACKEND));
		}
	if (isnan(one) || isnan(most))
		return;
	result_conclude(result, "Writing %s as one step takes %s of memory in the client, in chunks %s at most (%s): a factor of %.1f.",
					words_bytes(s->kill_bytes), words_mb(one), words_mb(most), who, one / most);
	one = value_of(s, plan, size, WAY_ONE, S_BACKEND);
	if (!isnan(one) && !isnan(backend) && backend > 0)
		result_conclude(result, "In the server, the backend grows by %s (%.1f payloads) for one step, and by %s at most in chunks.",
						words_mb(one), one / (double) s->kill_bytes, words_mb(backend));
}

static void
conclude_reading(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	int			size = largest(s);
	int			cell = stream_cell(s, size, WAY_ONE);
	double		whole = value_of(s, plan, size, WAY_ONE, S_READ_CLIENT);
	double		parts = value_of(s, plan, size, WAY_ONE, S_PARTS_CLIENT);
	Estimate	ratio = plan_ratio(plan, cell, S_PARTS, cell, S_READ, NULL);

	if (isnan(whole) || isnan(parts) || isnan(ratio.value))
		return;
	result_conclude(result, "One step of %s is read in parts of %s, by substr(), with %s of memory in the client instead of %s; that takes %s as long%s.",
					words_bytes(s->sizes[size]), words_bytes(stream_chunk(s->sizes[size])), words_mb(parts), words_mb(whole),
					words_figure(&ratio, UNIT_RATIO), estimate_has_interval(&ratio) ? "" : ", in too few turns for an interval");
}

/* A comparison with one step, of each size. */
static void
conclude_ratios(const Streaming *s, const Plan *plan, ExperimentResult *result, int way, int metric, const char *what)
{
	char	   *text = NULL;
	bool		any = false;
	bool		all = true;
	int			last = s->nsizes - 1;

	if (stream_cell(s, 0, way) < 0)
		return;
	/* those that it was stopped before are left out */
	while (last >= 0 && isnan(value_of(s, plan, last, way, metric) / value_of(s, plan, last, WAY_ONE, metric)))
		last--;
	for (int size = 0; size <= last; size++)
	{
		Estimate	ratio = plan_ratio(plan, stream_cell(s, size, way), metric, stream_cell(s, size, WAY_ONE), metric, NULL);

		if (isnan(ratio.value))
			continue;
		text_add(&text, "%s%s of %s", text == NULL ? "" : size < last ? ", " : " and ",
				 words_figure(&ratio, UNIT_RATIO), words_bytes(s->sizes[size]));
		all = all && estimate_has_interval(&ratio);
		any = any || (estimate_has_interval(&ratio) && (ratio.low > 1 || ratio.high < 1));
	}
	if (text != NULL)
		result_conclude(result, "%s takes, against one step: %s%s.", what, text,
						!all ? ", in too few turns for an interval" : any ? "" : ": no difference is shown");
	free(text);
}

/* The same calls in one transaction: only the commits are fewer. */
static void
conclude_durability(const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	int			size = largest(s);
	int			more = stream_chunks(s->sizes[size]) - 1;
	Estimate	each = plan_difference(plan, stream_cell(s, size, WAY_CALLS), S_WRITE, stream_cell(s, size, WAY_ONE_COMMIT), S_WRITE);

	if (isnan(each.value) || more < 1)
		return;
	each.value /= more;
	each.low /= more;
	each.high /= more;
	if (!estimate_has_interval(&each))
		result_conclude(result, "That each chunk is durable costs %s for each of %s, against the same calls with one commit, in too few turns for an interval.",
						words_ms(&each), words_bytes(stream_chunk(s->sizes[size])));
	else if (each.low > 0)
		result_conclude(result, "That each chunk is durable costs %s for each of %s, against the same calls with one commit.",
						words_ms(&each), words_bytes(stream_chunk(s->sizes[size])));
	else
		result_conclude(result, "No cost shown of making each chunk of %s durable, against the same calls with one commit: %s for each.",
						words_bytes(stream_chunk(s->sizes[size])), words_ms(&each));
}

static void
add_caveats(Lab *lab, const Streaming *s, ExperimentResult *result)
{
	double		left = s->objects ? lab_number(lab, "SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')") - s->object_bytes : 0;

	if (!s->objects)
		result_caveat(result, "This role may not make large objects here: those ways were left out. GRANT EXECUTE on lo_create(oid), lo_open, lowrite, lo_put, lo_get, lo_lseek64 and lo_unlink.");
	if (left >= 100000)
		result_caveat(result, "The table of the catalogue that holds large objects, pg_largeobject, is %s longer than before; vacuum makes that room usable again.", words_mb(left));
	if (!environment_server_is_here(lab->environment))
		result_caveat(result, "The server is on another host, where a backend's peak of memory cannot be seen: n/a.");
	result_caveat(result, "A step that is one parameter is held whole by the client, by libpq and by the server; only in chunks does memory not grow with it.");
	result_caveat(result, "Chunks are %s; others cost more or fewer commits. The bytes are random: nothing was compressed, and no column tries to.",
				  s->kill_bytes >= CHUNKS_AT_ONCE * LARGE_CHUNK ? "1,024,000 bytes, and 256,000 of a stream below 4,096,000" : "256,000 bytes");
}

void
streaming_result(Lab *lab, const Streaming *s, const Plan *plan, ExperimentResult *result)
{
	char	   *sizes = NULL;
	int64_t		n = 0;

	add_ways(s, plan, result);
	add_reading(s, plan, result);
	add_sizes(s, plan, result);
	add_kills(s, plan, result);
	add_plots(result);
	conclude_kills(s, result);
	conclude_memory(s, plan, result);
	conclude_reading(s, plan, result);
	conclude_ratios(s, plan, result, WAY_CALLS, S_WRITE, "Writing in chunks by calls");
	conclude_ratios(s, plan, result, WAY_CALLS, S_FIRST, "Its first durable byte");
	conclude_durability(s, plan, result);
	conclude_ratios(s, plan, result, WAY_OBJECT, S_WRITE, "Writing a large object");
	for (int i = 0; i < s->nsizes; i++)
		text_add(&sizes, "%s%s", i == 0 ? "" : ", ", words_bytes(s->sizes[i]));
	result_parameter(result, "sizes", "%s", sizes);
	free(sizes);
	for (int i = 0; i < s->nways; i++)
		n += all_kills(&s->kills[s->ways[i]]);
	result_condition(result, "kills", "%" PRId64, n);
	result_condition(result, "bytes read back and compared", "%" PRId64, s->verified);
	add_caveats(lab, s, result);
}
