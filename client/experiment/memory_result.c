/*
 * memory_result.c
 *	  What the experiment memory came to.
 */
#include <math.h>
#include <stdlib.h>

#include "experiment/memory.h"
#include "report/experiment.h"
#include "report/text.h"
#include "statistics/percentile.h"
#include "util/memory.h"

/* what PostgreSQL allots in one piece at most, which no measurement is needed for */
#define MOST_IN_ONE_PIECE 1073741823.0

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

static double
or_unknown(int64_t bytes)
{
	return bytes > 0 ? (double) bytes : NAN;
}

static void
add_approaches(const Memory *m, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "approaches", "Copies of a payload at the peak, and the largest under the client's limit", true);

	result_column(table, "approach", "approach", UNIT_LABEL, SHOW_BRIEF, "Drive, origin, and in how many steps; payloads cross the wire as binary, or as hex text.");
	result_column(table, "client", "client", UNIT_RATIO, SHOW_INTERVAL, "Copies in the client: the slope of its peak (VmHWM) by the payload's size. The payload in hand counts as one.");
	result_column(table, "backend", "backend", UNIT_RATIO, SHOW_INTERVAL, "Copies in the backend: the slope of the most that its own memory (RssAnon) was seen to be. Shared buffers are not in it.");
	result_column(table, "fits", "fits", UNIT_BYTES, SHOW_BRIEF, "The largest payload that was tried under the client's limit and went through.");
	result_column(table, "too_large", "does not", UNIT_BYTES, SHOW_BRIEF, "The smallest that did not: the client said that memory was out.");
	result_column(table, "predicted", "predicted", UNIT_BYTES, SHOW_FULL, "The limit by the client's copies; not known where the client holds a fifth of it or less.");
	result_column(table, "tries", "tries", UNIT_COUNT, SHOW_FULL, "Payloads that were tried under the limit, each by a process of its own.");
	result_column(table, "message", "said", UNIT_LABEL, SHOW_FULL, "What the client said of the one that did not.");
	result_column(table, "client_base", "client at none", UNIT_BYTES, SHOW_FULL, "What its peak is above what it had before, whatever the size: the line at no bytes.");
	result_column(table, "backend_base", "backend at none", UNIT_BYTES, SHOW_FULL, "Likewise.");
	result_column(table, "backend_100mb", "backend at 100 MB", UNIT_BYTES, SHOW_FULL, "What the backend would take for 100 MB by its line: predicted, and not tried.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Peaks that were measured of the client.");
	result_column(table, "n_backend", "n backend", UNIT_COUNT, SHOW_FULL, "Of its backend.");
	for (int i = 0; i < m->napproaches; i++)
	{
		const Limit *limit = &m->limits[i];
		int64_t		n;
		int64_t		n_backend;
		Estimate	client = memory_copies(m, i, false, &n);
		Estimate	backend = memory_copies(m, i, true, &n_backend);
		Estimate	base = memory_base(m, i, true);

		if (n == 0 && limit->tries == 0)
			continue;
		result_label(table, "%s", m->approaches[i].name);
		result_estimate(table, client, n);
		result_estimate(table, backend, n_backend);
		result_exact(table, or_unknown(limit->done));
		result_exact(table, or_unknown(limit->ran_out));
		result_exact(table, limit->predicted);
		result_exact(table, limit->tries);
		result_label(table, "%s", limit->ran_out > 0 ? limit->message : limit->tries > 0 ? "nothing: all that was tried fits" : "not tried");
		result_estimate(table, memory_base(m, i, false), n);
		result_estimate(table, base, n_backend);
		result_exact(table, base.value + 1e8 * backend.value);
		result_exact(table, (double) n);
		result_exact(table, (double) n_backend);
	}
	result_plot(result, PLOT_BARS, "client", "Copies of a payload in the client", "Bars: the slope of the peak by size, over blocks, 95 % interval.", "approaches", "approach", "client", NULL);
	if (m->sees_backend)
		result_plot(result, PLOT_BARS, "backend", "Copies of a payload in the backend", "Bars: the slope of the peak by size, over blocks, 95 % interval; without shared buffers.", "approaches", "approach", "backend", NULL);
}

/* Medians of what the peaks of one approach and size were. */
static Estimate
median_peak(const Memory *m, int approach, int64_t size, int which, int64_t *n)
{
	double	   *values = xcalloc((size_t) m->npeaks + 1, sizeof(double));
	int			nvalues = 0;
	double		median;

	for (int i = 0; i < m->npeaks; i++)
	{
		const Peak *peak = &m->peaks[i];
		double		value = which == 0 ? peak->tried.client : which == 1 ? peak->tried.backend :
			which == 2 ? peak->tried.backend_shared : (double) peak->tried.looks;

		if (peak->approach == approach && peak->size == size && !isnan(value))
			values[nvalues++] = value;
	}
	median = median_double(values, nvalues);
	free(values);
	*n = nvalues;
	return estimate_exact(median);
}

static void
add_peaks(const Memory *m, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "peaks", "Peaks, by size", false);

	result_column(table, "approach", "approach", UNIT_LABEL, SHOW_FULL, "As above.");
	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_FULL, "Of all steps together.");
	result_column(table, "client", "client", UNIT_BYTES, SHOW_FULL, "Its peak (VmHWM) above what it had before, with the connection open and warm: the median.");
	result_column(table, "backend", "backend", UNIT_BYTES, SHOW_FULL, "The most that its own memory (RssAnon) was seen to be above that before, or VmHWM less what is shared, whichever is more: the median.");
	result_column(table, "shared", "shared", UNIT_BYTES, SHOW_FULL, "Pages of shared buffers that the backend came to touch, which are in its VmHWM and are not its own: the median.");
	result_column(table, "looks", "looks", UNIT_COUNT, SHOW_FULL, "How often the backend was looked at meanwhile: the median.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Processes, each with a connection of its own.");
	for (int i = 0; i < m->napproaches; i++)
		for (int s = 0; s < m->nsizes; s++)
		{
			int64_t		n[4];
			Estimate	medians[4];

			for (int which = 0; which < 4; which++)
				medians[which] = median_peak(m, i, m->sizes[s], which, &n[which]);
			if (n[0] == 0)
				continue;
			result_label(table, "%s", m->approaches[i].name);
			result_exact(table, (double) m->sizes[s]);
			result_estimate(table, medians[0], n[0]);
			result_estimate(table, medians[1], n[1]);
			result_estimate(table, medians[2], n[2]);
			result_exact(table, m->sees_backend ? medians[3].value : NAN);
			result_exact(table, (double) n[0]);
		}
	result_plot(result, PLOT_LINES, "client_by_size", "The client's peak by size", "Points: medians, above what it had before.", "peaks", "payload", "client", "approach");
}

static void
add_contexts(const Memory *m, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "contexts", "The backend's memory contexts, by its own account", false);
	double		size = (double) m->sizes[m->nsizes - 1];

	result_column(table, "approach", "approach", UNIT_LABEL, SHOW_FULL, "As above.");
	result_column(table, "when", "when", UNIT_LABEL, SHOW_FULL, "Before the payload, on a warm connection; in the statement that records or makes it, once that is done; after it.");
	result_column(table, "total", "total", UNIT_BYTES, SHOW_FULL, "The sum of total_bytes in pg_backend_memory_contexts.");
	result_column(table, "copies", "copies", UNIT_RATIO, SHOW_FULL, "What that is above before, as copies of the payload; one measurement.");
	result_column(table, "largest", "largest", UNIT_LABEL, SHOW_FULL, "The three largest, those of a name together.");
	for (int i = 0; i < m->napproaches; i++)
	{
		const Contexts *when[] = {&m->before[i], &m->within[i], &m->after[i]};
		static const char *const names[] = {"before", "in the call", "after"};

		for (int w = 0; w < 3; w++)
		{
			if (isnan(when[w]->total))
				continue;
			result_label(table, "%s", m->approaches[i].name);
			result_label(table, "%s", names[w]);
			result_exact(table, when[w]->total);
			result_exact(table, w == 0 ? NAN : (when[w]->total - m->before[i].total) / size);
			result_label(table, "%s", when[w]->largest);
		}
	}
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

/* Who holds the least and who the most of it; what the intervals do not tell apart is not. */
static void
conclude_copies(const Memory *m, bool of_backend, ExperimentResult *result)
{
	const char *who = of_backend ? "backend" : "client";
	int			least = -1;
	int			most = -1;
	Estimate	low = {0};
	Estimate	high = {0};

	for (int i = 0; i < m->napproaches; i++)
	{
		int64_t		n;
		Estimate	copies = memory_copies(m, i, of_backend, &n);

		if (isnan(copies.value))
			continue;
		if (least < 0 || copies.value < low.value)
		{
			least = i;
			low = copies;
		}
		if (most < 0 || copies.value > high.value)
		{
			most = i;
			high = copies;
		}
	}
	if (least < 0)
		return;
	if (!estimate_has_interval(&low) || !estimate_has_interval(&high))
		result_conclude(result, "The %s holds %s the payload at its peak with %s, the least, and %s with %s, the most; there were too few blocks for intervals.", who,
						words_figure(&low, UNIT_RATIO), m->approaches[least].name, words_figure(&high, UNIT_RATIO), m->approaches[most].name);
	else if (low.high < high.low)
		result_conclude(result, "The %s holds %s the payload at its peak with %s, the least, and %s with %s, the most.", who,
						words_figure(&low, UNIT_RATIO), m->approaches[least].name, words_figure(&high, UNIT_RATIO), m->approaches[most].name);
	else
		result_conclude(result, "No difference is shown between the approaches in what the %s holds: %s the payload to %s.", who,
						words_figure(&low, UNIT_RATIO), words_figure(&high, UNIT_RATIO));
}

/* What text takes more than binary, where both are there. */
static void
conclude_text(const Memory *m, ExperimentResult *result)
{
	int			binary = -1;
	int			text = -1;
	int64_t		n;

	for (int i = 0; i < m->napproaches; i++)
	{
		const Approach *a = &m->approaches[i];

		if (a->reads || a->drive != DRIVE_CALLS || a->origin != ORIGIN_CLIENT || a->nsteps != 1)
			continue;
		*(a->binary ? &binary : &text) = i;
	}
	if (binary < 0 || text < 0)
		return;
	for (int side = 0; side < 2; side++)
	{
		Estimate	without = memory_copies(m, binary, side == 1, &n);
		Estimate	with = memory_copies(m, text, side == 1, &n);

		if (estimate_has_interval(&without) && estimate_has_interval(&with) && with.low > without.high)
			result_conclude(result, "A payload that is sent as text takes more of the %s than as binary: %s in place of %s.", side == 1 ? "backend" : "client",
							words_figure(&with, UNIT_RATIO), words_figure(&without, UNIT_RATIO));
	}
}

/* "15130 kB with calls, client, binary (not 17900 kB)"; malloc'd */
static char *
limit_words(const Memory *m, int approach)
{
	const Limit *limit = &m->limits[approach];

	if (limit->ran_out > 0)
		return xasprintf("%s with %s (not %s)", words_bytes(limit->done), m->approaches[approach].name, words_bytes(limit->ran_out));
	return xasprintf("%s with %s (at least: what does not fit was not found)", words_bytes(limit->done), m->approaches[approach].name);
}

static void
conclude_limits(const Memory *m, ExperimentResult *result)
{
	int			smallest = -1;
	int			largest = -1;
	int			tries = 0;
	int			ran_out = 0;
	int			known = 0;

	for (int i = 0; i < m->napproaches; i++)
	{
		const Limit *limit = &m->limits[i];

		tries += limit->tries;
		ran_out += limit->ran_out > 0;
		if (limit->done == 0)
			continue;
		known++;
		if (smallest < 0 || limit->done < m->limits[smallest].done)
			smallest = i;
		if (largest < 0 || limit->done > m->limits[largest].done)
			largest = i;
	}
	if (known > 0)
	{
		char	   *least = limit_words(m, smallest);
		char	   *most = limit_words(m, largest);

		if (smallest != largest)
			result_conclude(result, "A client that may take %s more fits a payload of %s, the least, and of %s, the most.", words_bytes(CLIENT_LIMIT), least, most);
		else
			result_conclude(result, "A client that may take %s more fits a payload of %s%s.", words_bytes(CLIENT_LIMIT), least,
							known == m->napproaches ? "" : "; of the other approaches it is not known");
		free(least);
		free(most);
	}
	if (m->died > 0)
		result_conclude(result, "Of %d payloads that were tried under it, %d ended the client without a word.", tries, m->died);
	else if (ran_out > 0)
		result_conclude(result, "Whenever memory was out the client said so and ended by itself: %d payloads were tried under the limit, and none ended it without a word.", tries);
}

static void
add_caveats(const Lab *lab, const Memory *m, ExperimentResult *result)
{
	result_caveat(result, "The client is this one, in C with libpq: another language's driver has copies of its own. Its limit is on data that it allots (RLIMIT_DATA), which libpq does by doubling: what fits can be less than the peak says.");
	if (m->npeaks == 0)
		return;					/* nor was it looked whether the rest can be */
	if (!m->sees_backend)
		result_caveat(result, environment_server_is_here(lab->environment) ?
					  "The backend's memory could not be seen: its process is not in this host's /proc (a container of its own?)." :
					  "The backend's memory cannot be seen from here: the server is on another host.");
	else
		result_caveat(result, "A backend's VmHWM counts shared buffers that it has touched; they are left out here, and are one more copy of what is stored, for all backends together. It was looked at some ten thousand times a second: what it held between two looks is not seen, so that it holds at least this.");
	if (!m->has_contexts)
		result_caveat(result, "Not seen: %s.", m->no_contexts != NULL ? m->no_contexts : "memory contexts were not asked for");
	result_caveat(result, "The server was never given a limit and never brought to one. Known without trying: PostgreSQL allots %.0f bytes in one piece at most (\"invalid memory alloc request size\"), so that a bytea ends there, and its hex text, of two for each byte, at half of that; dbos_payload.max_payload_bytes ends before.",
				  MOST_IN_ONE_PIECE);
}

void
memory_result(const Lab *lab, const Memory *m, ExperimentResult *result)
{
	char	   *sizes = NULL;

	for (int s = 0; s < m->nsizes; s++)
		text_add(&sizes, "%s%s", s > 0 ? ", " : "", words_bytes(m->sizes[s]));
	result_parameter(result, "sizes", "%s", sizes);
	result_parameter(result, "client's limit", "%s", words_bytes(CLIENT_LIMIT));
	result_condition(result, "blocks", "%d", m->nblocks);
	result_condition(result, "peaks", "%d", m->npeaks);
	free(sizes);

	conclude_copies(m, false, result);
	conclude_copies(m, true, result);
	conclude_text(m, result);
	conclude_limits(m, result);
	add_approaches(m, result);
	add_peaks(m, result);
	if (m->has_contexts)
		add_contexts(m, result);
	add_caveats(lab, m, result);
}
