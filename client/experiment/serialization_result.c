/*
 * serialization_result.c
 *	  What the experiment serialization came to.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/serialization.h"
#include "report/experiment.h"
#include "report/text.h"
#include "util/memory.h"

/* cases that are on the one screen: the last random ones */
#define BRIEF_CASES 2

/* a way against raw bytes in bytea, of one case */
typedef struct AgainstRaw
{
	Estimate	write;
	Estimate	read;
	bool		write_differs;	/* by Holm over all of these */
	bool		read_differs;
} AgainstRaw;

typedef struct Findings
{
	const Serialization *s;
	const Plan *plan;
	AgainstRaw *against;		/* [ncells] */
} Findings;

static const char *
column_type(int way)
{
	return ways[way].text ? "text" : "bytea";
}

static void
compare_all(Findings *f)
{
	int			ncells = f->plan->ncells;
	JudgedRatio *ratios = xcalloc(2 * (size_t) ncells + 1, sizeof(JudgedRatio));
	int			n = 0;

	f->against = xcalloc((size_t) ncells + 1, sizeof(AgainstRaw));
	for (int cell = 0; cell < ncells; cell++)
	{
		if (cell % WAYS == 0)
			continue;
		ratios[n++] = (JudgedRatio) {.cell = cell,.against = cell - cell % WAYS,.metric = S_WRITE};
		ratios[n++] = (JudgedRatio) {.cell = cell,.against = cell - cell % WAYS,.metric = S_READ};
	}
	ratios_judge(f->plan, ratios, n);
	n = 0;
	for (int cell = 0; cell < ncells; cell++)
	{
		f->against[cell].write = f->against[cell].read = plan_n(f->plan, cell, S_WRITE) > 0 ? estimate_exact(1.0) : estimate_unknown();
		if (cell % WAYS == 0)
			continue;
		f->against[cell] = (AgainstRaw) {ratios[n].ratio, ratios[n + 1].ratio, ratios[n].differs, ratios[n + 1].differs};
		n += 2;
	}
	free(ratios);
}

/* ------------------------------------------------------------------------
 * Tables
 * ------------------------------------------------------------------------
 */

/* The i-th timed random payload, from the last; NULL: there are no more. */
static const SerialCase *
brief_case(const Findings *f, int i)
{
	for (int c = f->s->ncases - 1; c >= 0; c--)
		if (f->s->cases[c].group >= 0 && f->s->cases[c].content == CONTENT_RANDOM && i-- == 0)
			return &f->s->cases[c];
	return NULL;
}

static void
add_answer(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "answer", "Random bytes, written down in text and had back, against raw bytes in bytea", true);

	result_column(table, "size", "size", UNIT_LABEL, SHOW_BRIEF, "Of the payload.");
	result_column(table, "format", "format", UNIT_LABEL, SHOW_BRIEF, "How it is written down.");
	result_column(table, "length", "length", UNIT_RATIO, SHOW_BRIEF, "Bytes of it against those of the payload.");
	result_column(table, "write_ms", "write", UNIT_MS, SHOW_BRIEF, "Encoding and the round trip of the insert, median.");
	result_column(table, "write", "vs raw", UNIT_RATIO, SHOW_INTERVAL, "Of that against raw, in the same turn.");
	result_column(table, "read_ms", "read", UNIT_MS, SHOW_BRIEF, "The round trip of reading it, and decoding, median.");
	result_column(table, "read", "vs raw", UNIT_RATIO, SHOW_INTERVAL, "Of that against raw, in the same turn.");
	for (int i = BRIEF_CASES - 1; i >= 0; i--)
	{
		const SerialCase *one = brief_case(f, i);

		for (int way = 0; way < WAYS && one != NULL; way++)
		{
			int			cell = SERIAL_CELL(one, way);
			int64_t		n;

			if (way > 0 && !ways[way].text)
				continue;
			n = plan_n(f->plan, cell, S_WRITE);
			if (n == 0 && isnan(one->bytes[way].length))
				continue;
			result_label(table, "%s", words_bytes((int64_t) one->size));
			result_label(table, "%s", format_labels[ways[way].format]);
			result_exact(table, one->size > 0 ? one->bytes[way].length / (double) one->size : NAN);
			result_estimate(table, plan_median(f->plan, cell, S_WRITE), n);
			result_estimate(table, f->against[cell].write, n);
			result_estimate(table, plan_median(f->plan, cell, S_READ), n);
			result_estimate(table, f->against[cell].read, n);
		}
	}
}

static const TimeColumn times[] = {
	{S_WRITE, "write", "From having the bytes to the answer that they are durable: the mean, which is the sum of the four parts."},
	{S_ENCODE, "encode", "Writing them down; 0 for raw."},
	{S_SEND, "send", "Building the message and handing it to the kernel; 0, and in the rest, where libpq's sends are not seen."},
	{S_STORE, "store", "In the server, from the statement's start to the row and its TOAST rows being in place; TOAST tries to compress it by the server's default_toast_compression."},
	{S_REST, "rest", "What is left of the write: arrival, the type's input, parsing and planning, commit, the way back."},
	{S_READ, "read", "From asking for it to having the bytes again: the mean, the sum of the next two."},
	{S_FETCH, "fetch", "The round trip of reading."},
	{S_DECODE, "decode", "Making bytes of it again; 0 for raw."},
};

#define NTIMES ((int) (sizeof(times) / sizeof(times[0])))

static void
add_cells(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "cells", "Every payload in every way: times by part, and speed", false);

	result_column(table, "case", "case", UNIT_LABEL, SHOW_FULL, "Content and size.");
	result_column(table, "way", "way", UNIT_LABEL, SHOW_FULL, "Format and type of the column.");
	result_column(table, "n", "n", UNIT_COUNT, SHOW_FULL, "Writes and reads that were measured.");
	time_columns(table, times, NTIMES);
	result_column(table, "write_ratio", "write vs raw", UNIT_RATIO, SHOW_FULL, "Time to write against raw, in the same turn.");
	result_column(table, "read_ratio", "read vs raw", UNIT_RATIO, SHOW_FULL, "Time to read against raw, in the same turn.");
	result_column(table, "encode_speed", "encoder", UNIT_MB_PER_S, SHOW_FULL, "Of raw bytes.");
	result_column(table, "decode_speed", "decoder", UNIT_MB_PER_S, SHOW_FULL, "Likewise.");
	result_column(table, "memcpy_speed", "memcpy", UNIT_MB_PER_S, SHOW_FULL, "memcpy() of the same bytes, in the same turn.");
	for (int c = 0; c < f->s->ncases; c++)
	{
		const SerialCase *one = &f->s->cases[c];

		for (int way = 0; way < WAYS && one->group >= 0; way++)
		{
			int			cell = SERIAL_CELL(one, way);
			int64_t		n = plan_n(f->plan, cell, S_WRITE);

			if (n == 0)
				continue;
			result_label(table, "%s %s", content_names[one->content], words_bytes((int64_t) one->size));
			result_label(table, "%s, %s", format_labels[ways[way].format], column_type(way));
			result_exact(table, (double) n);
			time_cells(table, f->plan, cell, times, NTIMES);
			result_estimate(table, f->against[cell].write, n);
			result_estimate(table, f->against[cell].read, n);
			result_estimate(table, plan_speed(f->plan, cell, S_ENCODE, one->size), n);
			result_estimate(table, plan_speed(f->plan, cell, S_DECODE, one->size), n);
			result_estimate(table, plan_speed(f->plan, cell, S_MEMCPY, one->size), n);
		}
	}
}

static void
add_bytes(const Findings *f, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "bytes", "Bytes of every payload in every way, each verified byte by byte", false);

	result_column(table, "content", "content", UNIT_LABEL, SHOW_FULL, "What the payload is.");
	result_column(table, "size", "size", UNIT_BYTES, SHOW_FULL, "Of the payload.");
	result_column(table, "format", "format", UNIT_LABEL, SHOW_FULL, "How it is written down.");
	result_column(table, "column", "column", UNIT_LABEL, SHOW_FULL, "The type of the column.");
	result_column(table, "length", "length", UNIT_BYTES, SHOW_FULL, "What it is then.");
	result_column(table, "wire", "wire", UNIT_BYTES, SHOW_FULL, "Bytes of protocol messages that writing it sends.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_FULL, "pg_column_size() of it.");
	for (int c = 0; c < f->s->ncases; c++)
	{
		const SerialCase *one = &f->s->cases[c];

		for (int way = 0; way < WAYS; way++)
		{
			if (isnan(one->bytes[way].stored))
				continue;
			result_label(table, "%s", content_names[one->content]);
			result_exact(table, (double) one->size);
			result_label(table, "%s", format_labels[ways[way].format]);
			result_label(table, "%s", column_type(way));
			result_exact(table, one->bytes[way].length);
			result_exact(table, one->bytes[way].wire);
			result_exact(table, one->bytes[way].stored);
		}
	}
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

/* The ways of writing that are shown to take more or less time than raw, and those that are not. */
static void
conclude_ratios(const Findings *f, const SerialCase *one, bool read, ExperimentResult *result)
{
	char	   *shown = NULL;
	char	   *none = NULL;

	for (int way = 1; way < WAYS; way++)
	{
		const AgainstRaw *here = &f->against[SERIAL_CELL(one, way)];
		const Estimate *ratio = read ? &here->read : &here->write;

		if (!ways[way].text || !estimate_has_interval(ratio))
			continue;
		if (read ? here->read_differs : here->write_differs)
			text_add(&shown, "%s%s %s", shown ? ", " : "", format_labels[ways[way].format], words_figure(ratio, UNIT_RATIO));
		else
			text_add(&none, "%s%s", none ? ", " : "", format_labels[ways[way].format]);
	}
	if (shown != NULL)
		result_conclude(result, "%s %s of random bytes in text takes, against raw bytes in bytea: %s%s%s.", read ? "Reading" : "Writing",
						words_bytes((int64_t) one->size), shown, none ? "; no difference shown for " : "", none ? none : "");
	else if (none != NULL)
		result_conclude(result, "%s %s of random bytes in text: no difference from raw bytes in bytea is shown for %s.",
						read ? "Reading" : "Writing", words_bytes((int64_t) one->size), none);
	free(shown);
	free(none);
}

/* The same text in a column of text and in one of bytea. */
static void
conclude_types(const Findings *f, const SerialCase *one, ExperimentResult *result)
{
	Estimate	ratios[WAYS];
	double		p[WAYS];
	bool		rejected[WAYS];
	char	   *shown = NULL;
	int			n = 0;

	/* each format's text, and behind it its bytea */
	for (int way = 1; way < WAYS; way += 2, n++)
		ratios[n] = plan_ratio(f->plan, SERIAL_CELL(one, way), S_WRITE, SERIAL_CELL(one, way + 1), S_WRITE, &p[n]);
	holm(p, n, rejected);
	for (int i = 0; i < n; i++)
		if (rejected[i])
			text_add(&shown, "%s%s %s", shown ? ", " : "", format_labels[ways[2 * i + 1].format], words_figure(&ratios[i], UNIT_RATIO));
	if (shown != NULL)
		result_conclude(result, "In text instead of bytea, writing the same characters (%s) takes: %s; no difference is shown for the other formats.",
						words_bytes((int64_t) one->size), shown);
	else if (estimate_has_interval(&ratios[0]))
		result_conclude(result, "Whether the same characters (%s) are written into text or bytea: no difference shown.", words_bytes((int64_t) one->size));
	free(shown);
}

/* Where what a way takes longer than raw comes from. */
static void
conclude_where(const Findings *f, const SerialCase *one, int way, ExperimentResult *result)
{
	char	   *text = NULL;
	int			cell = SERIAL_CELL(one, way);
	int			raw = SERIAL_CELL(one, 0);
	Estimate	whole = plan_difference(f->plan, cell, S_WRITE, raw, S_WRITE);

	if (!f->against[cell].write_differs || !(whole.low > 0.0))
		return;
	for (int t = 1; t <= 4; t++)
	{
		Estimate	part = plan_difference(f->plan, cell, times[t].metric, raw, times[t].metric);

		text_add(&text, "%s%s %s", t > 1 ? ", " : "", times[t].name, words_figure(&part, UNIT_MS));
	}
	result_conclude(result, "Of what %s takes longer than raw to write %s, %s, the parts have (medians of differences in the same turn): %s.",
					format_labels[ways[way].format], words_bytes((int64_t) one->size), words_figure(&whole, UNIT_MS), text);
	free(text);
}

/* The same of the dearest, and of Python's. */
static void
conclude_wheres(const Findings *f, const SerialCase *one, ExperimentResult *result)
{
	int			dearest = 0;

	for (int way = 1; way < WAYS; way++)
		if (ways[way].text && f->against[SERIAL_CELL(one, way)].write.value > f->against[SERIAL_CELL(one, dearest)].write.value)
			dearest = way;
	for (int way = 1; way < WAYS; way++)
		if (ways[way].text && (way == dearest || ways[way].format == FORMAT_PICKLE))
			conclude_where(f, one, way, result);
}

/* The format and not the code is measured: how fast is the code? */
static void
conclude_code(const Findings *f, const SerialCase *one, ExperimentResult *result)
{
	char	   *text = NULL;
	Estimate	copies = plan_speed(f->plan, SERIAL_CELL(one, 0), S_MEMCPY, one->size);

	for (int way = 1; way < WAYS; way++)
	{
		Estimate	encode = plan_median(f->plan, SERIAL_CELL(one, way), S_ENCODE);
		Estimate	write = plan_median(f->plan, SERIAL_CELL(one, way), S_WRITE);
		Estimate	to = plan_speed(f->plan, SERIAL_CELL(one, way), S_ENCODE, one->size);
		Estimate	from = plan_speed(f->plan, SERIAL_CELL(one, way), S_DECODE, one->size);

		if (ways[way].text && isfinite(to.value) && isfinite(from.value))
			text_add(&text, "%s%s %.0f and %.0f MB/s (encoding is %.1f %% of the write)", text ? ", " : "",
					 format_labels[ways[way].format], to.value, from.value, 100.0 * encode.value / write.value);
	}
	if (text != NULL && isfinite(copies.value))
		result_conclude(result, "Encoders and decoders, beside memcpy() at %.0f MB/s, of %s: %s.", copies.value,
						words_bytes((int64_t) one->size), text);
	free(text);
}

/* Was every payload written and read in every way? */
static bool
all_verified(const Serialization *s)
{
	for (int c = 0; c < s->ncases; c++)
		for (int way = 0; way < WAYS; way++)
			if (!isfinite(s->cases[c].bytes[way].stored))
				return false;
	return true;
}

static void
add_plots(const Findings *f, ExperimentResult *result)
{
	const SerialCase *one = brief_case(f, 0);
	char	   *which;
	char	   *title;

	if (one == NULL)
		return;
	which = xasprintf("%s %s", content_names[one->content], words_bytes((int64_t) one->size));
	title = xasprintf("Where the time to write %s bytes goes, by format", which);
	result_plot_where(result_plot(result, PLOT_STACKED, "write", title, "Bars: the mean of each part; they add up to the mean of the whole, which is written on them.",
								  "cells", "way", "encode,send,store,rest", NULL), "case", which);
	free(title);
	title = xasprintf("Where the time to read %s bytes goes, by format", which);
	result_plot_where(result_plot(result, PLOT_STACKED, "read", title, "Bars: the mean of each part; they add up to the mean of the whole, which is written on them.",
								  "cells", "way", "fetch,decode", NULL), "case", which);
	free(title);
	free(which);
}

void
serialization_result(Lab *lab, const Serialization *s, const Plan *plan, ExperimentResult *result)
{
	Findings	f = {.s = s,.plan = plan};
	const SerialCase *largest = brief_case(&f, 0);
	char	   *sizes = NULL;

	compare_all(&f);
	for (int c = 0; c < s->ncases; c++)
		if (s->cases[c].group >= 0 && s->cases[c].content == CONTENT_RANDOM)
			text_add(&sizes, "%s%s", sizes ? ", " : "", words_bytes((int64_t) s->cases[c].size));
	result_parameter(result, "sizes", "%s", sizes ? sizes : "none");
	result_parameter(result, "contents", "%s", lab->options->quick ? "random" : "random, all zero, all 0xFF");
	result_condition(result, "blocks", "%d", plan->nblocks);
	result_condition(result, "verified", "%" PRId64, s->verified);
	add_answer(&f, result);
	add_cells(&f, result);
	add_bytes(&f, result);
	add_plots(&f, result);
	if (largest != NULL && plan->nblocks > 0)
	{
		conclude_ratios(&f, largest, false, result);
		conclude_wheres(&f, largest, result);
		conclude_ratios(&f, largest, true, result);
		conclude_types(&f, largest, result);
		conclude_code(&f, largest, result);
	}
	if (s->ncases > 0 && all_verified(s))
		result_conclude(result, "Each of %d contents and sizes came back as it was, byte by byte, in all %d ways, in %" PRId64 " writes and reads.",
						s->ncases, WAYS, s->verified);
	if (plan->nvalues > 0)
		caveat_few_blocks(result, plan);
	else
		result_caveat(result, "No time was measured: it was stopped before.");
	result_caveat(result, "All columns have the storage EXTENDED, as text and bytea have by default: TOAST tries to compress each, and succeeds where the bytes are all the same. The experiment compression sets that apart.");
	result_caveat(result, "Encoders here are C (OpenSSL's base64); those of the SDKs' languages take more time.");
	free(sizes);
	free(f.against);
}
