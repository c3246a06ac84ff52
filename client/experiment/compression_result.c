/*
 * compression_result.c
 *	  What the experiment compression came to.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/compression.h"
#include "report/experiment.h"
#include "report/text.h"
#include "util/memory.h"

#define NOT_SHOWN "not shown"

typedef struct Findings
{
	const Compression *c;
	const Plan *plan;
	JudgedRatio *against;		/* [ncases][WHO_COUNT]: to write, against EXTERNAL; of that itself, and what is not there, NAN */
} Findings;

static const JudgedRatio *
against(const Findings *f, int i, Who who)
{
	return &f->against[i * WHO_COUNT + who];
}

static bool
pays(const Findings *f, int i, Who who)
{
	return against(f, i, who)->differs && against(f, i, who)->ratio.value < 1.0;
}

static void
compare_all(Findings *f)
{
	const Compression *c = f->c;
	int			n = c->ncases * WHO_COUNT;
	JudgedRatio *ratios = xcalloc((size_t) n + 1, sizeof(JudgedRatio));
	int			nratios = 0;

	for (int i = 0; i < n; i++)
	{
		const Case *one = &c->cases[i / WHO_COUNT];

		if (i % WHO_COUNT != WHO_NOBODY && one->cells[i % WHO_COUNT] >= 0)
			ratios[nratios++] = (JudgedRatio) {.cell = one->cells[i % WHO_COUNT],.against = one->cells[WHO_NOBODY],.metric = M_WRITE};
	}
	ratios_judge(f->plan, ratios, nratios);
	f->against = xcalloc((size_t) n + 1, sizeof(JudgedRatio));
	nratios = 0;
	for (int i = 0; i < n; i++)
	{
		f->against[i].ratio = estimate_unknown();
		if (i % WHO_COUNT != WHO_NOBODY && c->cases[i / WHO_COUNT].cells[i % WHO_COUNT] >= 0)
			f->against[i] = ratios[nratios++];
	}
	free(ratios);
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

/* Who writes it in the least time: one that is shown to be faster, or EXTERNAL where all are shown to be slower. */
static const char *
fastest(const Findings *f, int i)
{
	const char *name = NOT_SHOWN;
	double		least = INFINITY;
	bool		all_slower = true;

	for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
	{
		if (f->c->cases[i].cells[who] < 0)
			continue;
		all_slower = all_slower && against(f, i, who)->differs && against(f, i, who)->ratio.value > 1.0;
		if (pays(f, i, who) && against(f, i, who)->ratio.value < least)
		{
			least = against(f, i, who)->ratio.value;
			name = who_names[who];
		}
	}
	return all_slower ? who_names[WHO_NOBODY] : name;
}

static double
stored_percent(const Findings *f, int i, Who who)
{
	int			cell = f->c->cases[i].cells[who];

	return cell < 0 ? NAN : 100.0 * f->c->bytes[cell].stored / (double) f->c->cases[i].size;
}

/* the first of those that store the fewest bytes; WHO_COUNT: it is not known of all who are there */
static Who
smallest(const Findings *f, int i)
{
	Who			best = WHO_NOBODY;

	for (Who who = 0; who < WHO_COUNT; who++)
	{
		if (f->c->cases[i].cells[who] >= 0 && isnan(stored_percent(f, i, who)))
			return WHO_COUNT;
		if (stored_percent(f, i, who) < stored_percent(f, i, best))
			best = who;
	}
	return best;
}

/* was it timed by anybody in turn with EXTERNAL? and in blocks enough to say what differs? */
static bool
was_timed(const Findings *f, int i, bool judged)
{
	for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
	{
		const Estimate *ratio = &against(f, i, who)->ratio;

		if (judged ? estimate_has_interval(ratio) : isfinite(ratio->value))
			return true;
	}
	return false;
}

static bool
size_was_judged(const Findings *f, int64_t size)
{
	for (int i = 0; i < f->c->ncases; i++)
		if ((int64_t) f->c->cases[i].size == size && was_timed(f, i, true))
			return true;
	return false;
}

static void
add_answer(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "answer", "Writing a checkpoint, against EXTERNAL (1.000), which compresses nothing", true);

	result_column(table, "kind", "payload", UNIT_LABEL, SHOW_BRIEF, "What the payload is: random bytes of which so many percent are zeros, text like that of orders in JSON, or your file.");
	result_column(table, "size", "size", UNIT_LABEL, SHOW_BRIEF, "Its size before anybody compressed it.");
	result_column(table, "external_ms", "EXTERNAL", UNIT_MS, SHOW_BRIEF, "Time to write it uncompressed, median.");
	result_column(table, "pglz", "pglz", UNIT_RATIO, SHOW_BRIEF, "Time to write it with TOAST's pglz against EXTERNAL, in the same turn.");
	result_column(table, "toast_lz4", "lz4", UNIT_RATIO, SHOW_BRIEF, "The same with TOAST's lz4.");
	result_column(table, "client_lz4", "client lz4", UNIT_RATIO, SHOW_BRIEF, "The same where the client compresses by LZ4, which is in that time.");
	result_column(table, "client_zstd", "client zstd", UNIT_RATIO, SHOW_BRIEF, "The same where the client compresses by Zstandard.");
	result_column(table, "fastest", "least time", UNIT_LABEL, SHOW_BRIEF, "Who takes the least time to write it, where that is shown (Holm over all of these comparisons, 5 %).");
	result_column(table, "smallest", "fewest bytes", UNIT_LABEL, SHOW_BRIEF, "Who stores the fewest bytes.");
	result_column(table, "smallest_percent", "stored", UNIT_PERCENT, SHOW_BRIEF, "pg_column_size() of that, in percent of the payload.");
	for (int i = 0; i < f->c->ncases; i++)
	{
		const Case *one = &f->c->cases[i];
		int64_t		n = plan_n(f->plan, one->cells[WHO_NOBODY], M_WRITE);
		Who			small = smallest(f, i);

		if (n == 0 && small == WHO_COUNT)
			continue;
		result_label(table, "%s", one->kind);
		result_label(table, "%s", words_bytes((int64_t) one->size));
		result_estimate(table, plan_median(f->plan, one->cells[WHO_NOBODY], M_WRITE), n);
		for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
			result_estimate(table, against(f, i, who)->ratio, one->cells[who] < 0 ? 0 : plan_n(f->plan, one->cells[who], M_WRITE));
		result_label(table, "%s", was_timed(f, i, false) ? fastest(f, i) : "n/a");
		result_label(table, "%s", small < WHO_COUNT ? who_names[small] : "n/a");
		result_exact(table, small < WHO_COUNT ? stored_percent(f, i, small) : NAN);
	}
}

static const TimeColumn times[] = {
	{M_WRITE, "write", "From having the payload to the answer that the checkpoint is durable: the mean, which is the sum of the four parts."},
	{M_COMPRESS, "compress", "The client's compressor; 0 where it does not compress."},
	{M_SEND, "send", "Building the message and handing it to the kernel; 0, and in the rest, where libpq's sends are not seen."},
	{M_STORE, "store", "In the server, from the statement's start to the row and its TOAST rows being in place: statement_timestamp() to clock_timestamp(). TOAST's compression is in here."},
	{M_REST, "rest", "What is left of the write: arrival, parsing and planning, commit, the way back."},
	{M_READ, "read", "From asking for it to having the payload again: the mean, the sum of the next two."},
	{M_FETCH, "fetch", "The round trip of reading; TOAST's decompression is in here."},
	{M_DECOMPRESS, "decompress", "The client's decompressor."},
};

#define NTIMES ((int) (sizeof(times) / sizeof(times[0])))

static void
add_cells(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "cells", "Every payload by everybody: times by part, and bytes", false);

	result_column(table, "case", "case", UNIT_LABEL, SHOW_FULL, "Kind and size.");
	result_column(table, "who", "who", UNIT_LABEL, SHOW_FULL, "Who compresses.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Writes and reads that were measured.");
	time_columns(table, times, NTIMES);
	result_column(table, "wire", "wire", UNIT_BYTES, SHOW_FULL, "Bytes of protocol messages that writing it sends.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_FULL, "pg_column_size() of it.");
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "WAL of one insert with its commit, the least of three: others can only add to it.");
	result_column(table, "heap", "heap", UNIT_BYTES, SHOW_FULL, "pg_relation_size() of the table with three such rows.");
	result_column(table, "toast", "TOAST", UNIT_BYTES, SHOW_FULL, "pg_total_relation_size() of its TOAST table, with the index, then.");
	result_column(table, "compress_speed", "compressor", UNIT_MB_PER_S, SHOW_FULL, "How fast the client's compressor is, of raw bytes.");
	result_column(table, "decompress_speed", "decompressor", UNIT_MB_PER_S, SHOW_FULL, "And its decompressor.");
	result_column(table, "memcpy_speed", "memcpy", UNIT_MB_PER_S, SHOW_FULL, "How fast memcpy() was on the same bytes, in the same turn.");
	for (int i = 0; i < f->c->ncases; i++)
	{
		const Case *one = &f->c->cases[i];

		for (Who who = 0; who < WHO_COUNT; who++)
		{
			int			cell = one->cells[who];
			int64_t		n;

			if (cell < 0)
				continue;
			n = plan_n(f->plan, cell, M_WRITE);
			if (n == 0 && isnan(f->c->bytes[cell].stored))
				continue;
			result_label(table, "%s %s", one->kind, words_bytes((int64_t) one->size));
			result_label(table, "%s", who_names[who]);
			result_exact(table, (double) n);
			time_cells(table, f->plan, cell, times, NTIMES);
			result_exact(table, plan_median(f->plan, cell, M_WIRE).value);
			result_exact(table, f->c->bytes[cell].stored);
			result_exact(table, f->c->bytes[cell].wal);
			result_exact(table, f->c->bytes[cell].heap);
			result_exact(table, f->c->bytes[cell].toast);
			result_estimate(table, plan_speed(f->plan, cell, M_COMPRESS, one->size), n);
			result_estimate(table, plan_speed(f->plan, cell, M_DECOMPRESS, one->size), n);
			result_estimate(table, plan_speed(f->plan, cell, M_MEMCPY, one->size), n);
		}
	}
}

/* the same over compressibility, for the pictures */
static void
add_curve(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "curve", "By how much of the payload a compressor can remove", false);

	result_column(table, "size", "size", UNIT_LABEL, SHOW_FULL, "Of the payload.");
	result_column(table, "who", "who", UNIT_LABEL, SHOW_FULL, "Who compresses.");
	result_column(table, "compressible", "compressible", UNIT_PERCENT, SHOW_FULL, "Share of the payload that is zeros, the rest is random.");
	result_column(table, "ratio", "time against EXTERNAL", UNIT_RATIO, SHOW_FULL, "Time to write it, in the same turn.");
	result_column(table, "stored", "stored", UNIT_PERCENT, SHOW_FULL, "pg_column_size() in percent of the payload.");
	for (int s = 0; s < f->c->nsizes; s++)
	{
		for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
		{
			for (int i = 0; i < f->c->ncases; i++)
			{
				const Case *one = &f->c->cases[i];

				if ((int64_t) one->size != f->c->sizes[s] || one->compressible < 0 || one->cells[who] < 0 ||
					(isnan(against(f, i, who)->ratio.value) && isnan(stored_percent(f, i, who))))
					continue;
				result_label(table, "%s", words_bytes(f->c->sizes[s]));
				result_label(table, "%s", who_names[who]);
				result_exact(table, one->compressible);
				result_estimate(table, against(f, i, who)->ratio, plan_n(f->plan, one->cells[who], M_WRITE));
				result_exact(table, stored_percent(f, i, who));
			}
		}
	}
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

/* From what share of zeros on it pays at that size, at all that were tried above it too; -1: at none. */
static int
pays_from(const Findings *f, int64_t size, Who who)
{
	int			from = -1;

	for (int i = f->c->ncases - 1; i >= 0; i--)
	{
		const Case *one = &f->c->cases[i];

		if ((int64_t) one->size != size || one->compressible < 0)
			continue;
		if (!pays(f, i, who))
			break;
		from = one->compressible;
	}
	return from;
}

/* Where somebody is shown to save time, from when on; *none gets the sizes where nobody is. */
static void
conclude_when(const Findings *f, int64_t size, char **none, ExperimentResult *result)
{
	char	   *those = NULL;
	char	   *others = NULL;

	for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
	{
		int			from = pays_from(f, size, who);

		if (!f->c->there[who])
			continue;
		if (from >= 0)
			text_add(&those, "%s%s from %d %%", those ? ", " : "", who_names[who], from);
		else
			text_add(&others, "%s%s", others ? ", " : "", who_names[who]);
	}
	if (those == NULL && size_was_judged(f, size))
		text_add(none, "%s%s", *none ? ", " : "", words_bytes(size));
	else if (those != NULL)
		result_conclude(result, "At %s compressing saves time when writing: %s compressible on%s%s.", words_bytes(size), those,
						others ? "; not shown at any compressibility for " : "", others ? others : "");
	free(those);
	free(others);
}

/* Who is shown to take longer than nobody, and on what. */
static void
conclude_slower(const Findings *f, int64_t size, ExperimentResult *result)
{
	char	   *text = NULL;

	for (Who who = WHO_NOBODY + 1; who < WHO_COUNT; who++)
	{
		char	   *kinds = NULL;

		for (int i = 0; i < f->c->ncases; i++)
			if ((int64_t) f->c->cases[i].size == size && against(f, i, who)->differs && against(f, i, who)->ratio.value > 1.0)
				text_add(&kinds, "%s%s %s", kinds ? ", " : "", f->c->cases[i].kind, words_figure(&against(f, i, who)->ratio, UNIT_RATIO));
		if (kinds != NULL)
			text_add(&text, "%s%s (%s)", text ? "; " : "", who_names[who], kinds);
		free(kinds);
	}
	if (text != NULL)
		result_conclude(result, "At %s it takes longer than EXTERNAL by: %s.", words_bytes(size), text);
	free(text);
}

static int
find_case(const Findings *f, int64_t size, int compressible)
{
	for (int i = 0; i < f->c->ncases; i++)
		if ((int64_t) f->c->cases[i].size == size && f->c->cases[i].compressible == compressible)
			return i;
	return -1;
}

/* What trying costs where nothing can be had. */
static void
conclude_attempt(const Findings *f, int64_t size, ExperimentResult *result)
{
	int			i = find_case(f, size, 0);
	bool		judged = i >= 0 && was_timed(f, i, true);
	char	   *text = NULL;

	for (Who who = WHO_NOBODY + 1; who < WHO_COUNT && i >= 0; who++)
	{
		const JudgedRatio *here = against(f, i, who);
		Estimate	percent = here->ratio;

		if (!isfinite(here->ratio.value))
			continue;
		percent.value = 100.0 * (percent.value - 1.0);
		percent.low = 100.0 * (percent.low - 1.0);
		percent.high = 100.0 * (percent.high - 1.0);
		text_add(&text, "%s%s %+.1f %%%s%s", text ? ", " : "", who_names[who], percent.value,
				 words_interval(&percent, 1), here->differs || !judged ? "" : ", no difference shown");
	}
	if (text != NULL)
		result_conclude(result, "Trying in vain, on random bytes of %s, changes the time to write by: %s%s.", words_bytes(size), text,
						judged ? "" : "; there were too few blocks for an interval");
	free(text);
}

/* Text, and the user's own file: who is fastest, who is smallest. */
static void
conclude_case(const Findings *f, int i, ExperimentResult *result)
{
	const Case *one = &f->c->cases[i];
	const char *who = fastest(f, i);
	Who			small = smallest(f, i);
	char	   *ratio = NULL;
	char	   *text = NULL;

	for (Who w = WHO_NOBODY + 1; w < WHO_COUNT; w++)
		if (strcmp(who, who_names[w]) == 0)
			text_add(&ratio, ", %s of EXTERNAL's time", words_figure(&against(f, i, w)->ratio, UNIT_RATIO));
	if (was_timed(f, i, true))
		text_add(&text, "%s%s%s", strcmp(who, NOT_SHOWN) == 0 ? "no difference in the time to write is shown" : "least time to write by ",
				 strcmp(who, NOT_SHOWN) == 0 ? "" : who, ratio ? ratio : "");
	if (small < WHO_COUNT)
		text_add(&text, "%sfewest bytes by %s, %.1f %% of the payload", text ? "; " : "", who_names[small], stored_percent(f, i, small));
	if (text != NULL)
		result_conclude(result, "%s of %s: %s.", one->compressible == -2 ? "Your file" : "JSON text", words_bytes((int64_t) one->size), text);
	free(text);
	free(ratio);
}

static void
conclude(const Findings *f, ExperimentResult *result)
{
	const Compression *c = f->c;
	char	   *none = NULL;

	for (int i = 0; i < c->ncases; i++)
		if (c->cases[i].compressible == -2)
			conclude_case(f, i, result);
	if (c->nsizes == 0)
		return;
	for (int s = 0; s < c->nsizes; s++)
		conclude_when(f, c->sizes[s], &none, result);
	if (none != NULL)
		result_conclude(result, "No compression is shown to save time when writing, at any compressibility, at: %s.", none);
	free(none);
	for (int s = 0; s < c->nsizes; s++)
		conclude_slower(f, c->sizes[s], result);
	conclude_attempt(f, c->sizes[c->nsizes - 1], result);
	for (int i = c->ncases - 1; i >= 0; i--)
	{
		if (c->cases[i].compressible == -1)
		{
			conclude_case(f, i, result);
			break;
		}
	}
}

static void
add_plots(const Findings *f, ExperimentResult *result)
{
	for (int s = 0; s < f->c->nsizes; s++)
	{
		const char *size = words_bytes(f->c->sizes[s]);
		char	   *name = xasprintf("time-%lld", (long long) f->c->sizes[s]);
		char	   *title = xasprintf("Writing a payload of %s compressed, against EXTERNAL", size);

		result_plot_where(result_plot(result, PLOT_LINES, name, title, "Below 1 compressing takes less time than not. Points: ratios of the same turn, 95 % interval.",
									  "curve", "compressible", "ratio", "who"), "size", size);
		free(name);
		free(title);
	}
	if (f->c->nsizes > 0)
	{
		const char *size = words_bytes(f->c->sizes[f->c->nsizes - 1]);
		const char *kinds[] = {"random", "JSON text"};

		result_plot_where(result_plot(result, PLOT_LINES, "stored", "What is stored of a payload", "pg_column_size() in percent of the payload, counted.",
									  "curve", "compressible", "stored", "who"), "size", size);
		for (int k = 0; k < 2; k++)
		{
			char	   *which = xasprintf("%s %s", kinds[k], size);
			char	   *name = xasprintf("parts-%s", k == 0 ? "random" : "text");
			char	   *title = xasprintf("Where the time to write %s goes, by who compresses", which);

			result_plot_where(result_plot(result, PLOT_STACKED, name, title, "Bars: the mean of each part; they add up to the mean of the whole.",
										  "cells", "who", "compress,send,store,rest", NULL), "case", which);
			free(which);
			free(name);
			free(title);
		}
	}
}

void
compression_result(Lab *lab, const Compression *c, const Plan *plan, ExperimentResult *result)
{
	Findings	f = {.c = c,.plan = plan};
	char	   *sizes = NULL;

	compare_all(&f);
	for (int s = 0; s < c->nsizes; s++)
		text_add(&sizes, "%s%s", s > 0 ? ", " : "", words_bytes(c->sizes[s]));
	result_parameter(result, "sizes", "%s", sizes ? sizes : "none");
	if (lab->options->payload_path != NULL)
		result_parameter(result, "payload", "%s", lab->options->payload_path);
	result_condition(result, "LZ4", "%s", compress_version(COMPRESS_LZ4));
	result_condition(result, "Zstandard", "%s, its default level", compress_version(COMPRESS_ZSTD));
	result_condition(result, "blocks", "%d", plan->nblocks);
	add_answer(&f, result);
	add_cells(&f, result);
	add_curve(&f, result);
	add_plots(&f, result);
	conclude(&f, result);
	if (plan->nvalues == 0 && c->ncases > 0)
		result_caveat(result, "No time was measured: it was stopped before.");
	if (!c->there[WHO_TOAST_LZ4])
		result_caveat(result, "This server has no TOAST lz4 (before PostgreSQL 14, or built without it), so that is left out.");
	if (plan->nvalues > 0)
		caveat_few_blocks(result, plan);
	result_caveat(result, "A payload made here is zeros and random bytes, or made-up orders: --payload FILE measures yours.");
	result_caveat(result, "WAL is the whole server's while a row was written, the least of three: what others write at every one of them is in it.");
	free(sizes);
	free(f.against);
}
