/*
 * serialization.c
 *	  The experiment serialization: what does each way of writing bytes down cost?
 *
 * A group is one payload, a cell of it one way to write it down.  Each cell encodes,
 * writes, reads, decodes and verifies it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/list.h"
#include "experiment/serialization.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

#define MOST_PAYLOAD_BYTES 100000000

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

const Way	ways[WAYS] = {
	{FORMAT_RAW, false},
	{FORMAT_HEX, true}, {FORMAT_HEX, false},
	{FORMAT_BASE64, true}, {FORMAT_BASE64, false},
	{FORMAT_NUMBERS, true}, {FORMAT_NUMBERS, false},
	{FORMAT_JSON_BASE64, true}, {FORMAT_JSON_BASE64, false},
	{FORMAT_PICKLE, true}, {FORMAT_PICKLE, false},
};

const char *const content_names[CONTENT_COUNT] = {"random", "all zero", "all 0xFF"};

/* ------------------------------------------------------------------------
 * What there is to measure
 * ------------------------------------------------------------------------
 */

static void
add_cases(Serialization *s, size_t size, bool quick, bool timed)
{
	for (Content content = 0; content < CONTENT_COUNT; content++)
	{
		SerialCase *one;

		s->cases = xrealloc(s->cases, (size_t) (s->ncases + 1) * sizeof(SerialCase));
		one = &s->cases[s->ncases++];
		*one = (SerialCase) {.size = size,.content = content,.group = -1};
		for (int way = 0; way < WAYS; way++)
			one->bytes[way] = (WayBytes) {NAN, NAN, NAN};
		if (timed && (!quick || content == CONTENT_RANDOM))
			one->group = s->ngroups++;
	}
}

/* Where a format has its corners, and two sizes as they are met; given ones instead. */
static void
make_cases(const Lab *lab, Serialization *s)
{
	static const size_t sizes[] = {0, 1, 2, 3, 1000, 100000, 1000000};
	const Parameters *run = lab->options->run;
	bool		quick = lab->options->quick;

	for (int i = 0; i < run->nsizes && lab->options->sizes_given; i++)
		add_cases(s, (size_t) run->sizes[i], quick, true);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && !lab->options->sizes_given; i++)
	{
		/* a shorter run times what is in between instead of the largest */
		if (sizes[i] == 100000 && !quick)
			continue;
		add_cases(s, sizes[i], quick, !quick || sizes[i] == 1 || sizes[i] == 1000 || sizes[i] == 100000);
	}
}

static size_t
largest_size(const Serialization *s)
{
	size_t		largest = 0;

	for (int i = 0; i < s->ncases; i++)
		largest = s->cases[i].size > largest ? s->cases[i].size : largest;
	return largest;
}

static bool
make_tables(Lab *lab, Serialization *s)
{
	for (int way = 0; way < WAYS; way++)
	{
		char	   *name = xasprintf("way_%d", way);
		bool		good = checkpoint_table_make(lab, &s->tables[way], way, name, ways[way].text ? "text" : "bytea", "EXTENDED");

		free(name);
		if (!good)
			return false;
	}
	return true;
}

static bool
empty_tables(Lab *lab, Serialization *s)
{
	s->undeleted = 0;
	for (int way = 0; way < WAYS; way++)
		if (!lab_do(lab, "TRUNCATE %s", s->tables[way].name))
			return false;
	return true;
}

static void
fill(Lab *lab, const SerialCase *one, unsigned char *raw)
{
	if (one->content == CONTENT_RANDOM)
		lab_fill(lab, raw, one->size, 0);
	else
		memset(raw, one->content == CONTENT_ZEROS ? 0 : 0xff, one->size);
}

/* ------------------------------------------------------------------------
 * One checkpoint
 * ------------------------------------------------------------------------
 */

/* Have it back; false, with a message, where that is not what was written. */
static bool
read_back(Lab *lab, Session *session, Serialization *s, const SerialCase *one, int way, double *values)
{
	PGresult   *result = checkpoint_read(lab, session, &s->tables[way], s->row, &values[S_FETCH]);
	int64_t		got = now_ns();
	const char *text;
	size_t		length;
	bool		raw = ways[way].format == FORMAT_RAW;
	bool		good;
	int64_t		end;

	if (result == NULL)
		return false;
	text = PQgetvalue(result, 0, 0);
	length = (size_t) PQgetlength(result, 0, 0);
	/* raw bytes are used where libpq has them */
	good = raw ? length == one->size :
		format_decode(ways[way].format, text, length, s->back, one->size, s->scratch);
	end = now_ns();
	good = good && memcmp(raw ? text : (char *) s->back, s->raw, one->size) == 0;
	PQclear(result);
	values[S_DECODE] = raw ? 0.0 : NS_TO_MS(end - got);
	values[S_READ] = values[S_FETCH] + values[S_DECODE];
	if (good)
		s->verified++;
	else
	{
		lab_progress_end(lab);
		print_error("serialization: %zu bytes (%s) came back as others (%s in %s)", one->size, content_names[one->content],
					format_labels[ways[way].format], ways[way].text ? "text" : "bytea");
		lab->failed = true;
	}
	return good;
}

/* The payload in s->raw by one way, there and back; *wire and *length get its bytes. */
static bool
there_and_back(Lab *lab, Session *session, Serialization *s, const SerialCase *one, int way,
			   double *values, double *length, double *wire)
{
	bool		raw = ways[way].format == FORMAT_RAW;
	size_t		encoded = one->size;
	WriteParts	parts;
	int64_t		began;

	values[S_MEMCPY] = timed_memcpy(s->back, s->raw, one->size);
	began = now_ns();
	if (!raw)
		encoded = format_encode(ways[way].format, s->raw, one->size, s->encoded);
	values[S_ENCODE] = raw ? 0.0 : NS_TO_MS(now_ns() - began);
	s->undeleted += (int64_t) encoded;
	if (!checkpoint_write(lab, session, &s->tables[way], ++s->row, raw ? (char *) s->raw : s->encoded, encoded, &parts))
		return false;
	values[S_SEND] = parts.send;
	values[S_STORE] = parts.store;
	values[S_REST] = parts.rest;
	values[S_WRITE] = values[S_ENCODE] + parts.send + parts.store + parts.rest;
	*length = (double) encoded;
	*wire = (double) parts.sent;
	return read_back(lab, session, s, one, way, values) &&
		(s->undeleted < MOST_UNDELETED_BYTES || empty_tables(lab, s));
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

/* Everything once: is it verified, and how many bytes is it? */
static bool
verify_all(Lab *lab, Serialization *s)
{
	Session		session = {0};
	bool		good = lab_connect(lab, &session);

	for (int i = 0; i < s->ncases && good; i++)
	{
		SerialCase *one = &s->cases[i];

		fill(lab, one, s->raw);
		for (int way = 0; way < WAYS && good; way++)
		{
			double		values[S_METRICS];
			WayBytes   *bytes = &one->bytes[way];

			good = there_and_back(lab, &session, s, one, way, values, &bytes->length, &bytes->wire);
			if (good)
				bytes->stored = lab_number(lab, "SELECT pg_catalog.pg_column_size(output) FROM %s"
										   " WHERE function_id OPERATOR(pg_catalog.=) %d", s->tables[way].name, s->row);
			good = good && lab_is_alive(lab);
		}
		lab_progress(lab, "verifying", (double) i / s->ncases);
	}
	session_close(&session);
	return good && empty_tables(lab, s);
}

static bool
run_cell(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Serialization *s = context;
	double		length;
	double		wire;

	for (int i = 0; i < s->ncases; i++)
	{
		if (s->cases[i].group != cell / WAYS)
			continue;
		fill(lab, &s->cases[i], s->raw);
		return there_and_back(lab, session, s, &s->cases[i], cell % WAYS, values, &length, &wire);
	}
	return false;
}

static bool
open_block(Lab *lab, Session *session, void *context)
{
	(void) session;
	return empty_tables(lab, context);
}

static bool
run_serialization(Lab *lab, ExperimentResult *result)
{
	Serialization s = {0};
	Plan		plan = {.nmetrics = S_METRICS,.run = run_cell,.open = open_block,.context = &s};
	size_t		largest;
	int		   *groups;
	bool		good;

	make_cases(lab, &s);
	largest = largest_size(&s);
	s.raw = xcalloc(largest + 1, 1);
	s.back = xcalloc(largest + 4, 1);
	s.encoded = xcalloc(format_room(FORMAT_NUMBERS, largest) + 64, 1);
	s.scratch = xcalloc(format_room(FORMAT_NUMBERS, largest) + 64, 1);
	plan.ncells = s.ngroups * WAYS;
	groups = xcalloc((size_t) plan.ncells, sizeof(int));
	for (int cell = 0; cell < plan.ncells; cell++)
		groups[cell] = cell / WAYS;
	plan.groups = groups;
	/* many comparisons at once need more of them */
	plan.blocks = lab->options->quick ? PLAN_BLOCKS : 2 * PLAN_BLOCKS;
	good = make_tables(lab, &s) && verify_all(lab, &s) && plan_measure(lab, &plan);
	serialization_result(lab, &s, &plan, result);
	for (int way = 0; way < WAYS; way++)
		checkpoint_table_free(&s.tables[way]);
	free(s.cases);
	free(s.raw);
	free(s.back);
	free(s.encoded);
	free(s.scratch);
	free(groups);
	plan_free(&plan);
	return good;
}

static bool
allowed(Lab *lab)
{
	for (int i = 0; i < lab->options->run->nsizes && lab->options->sizes_given; i++)
	{
		if (lab->options->run->sizes[i] <= MOST_PAYLOAD_BYTES)
			continue;
		print_error("serialization: a payload has 0 bytes to 100 MB, and not %lld bytes", (long long) lab->options->run->sizes[i]);
		return false;
	}
	return true;
}

const Experiment experiment_serialization = {
	.name = "serialization",
	.summary = "what each way of writing bytes down costs",
	.question = "What does it cost to write bytes down as hex, base64, JSON or a pickle, in text or bytea, and to have them back?",
	.seconds = 90,
	.quick_seconds = 15,
	.uses = USES_SIZES,
	.allowed = allowed,
	.run = run_serialization,
};
