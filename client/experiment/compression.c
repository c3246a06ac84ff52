/*
 * compression.c
 *	  The experiment compression: which compression of payloads pays, for which kind
 *	  and size?
 *
 * A group is one payload, a cell of it one who compresses.  Each cell writes the
 * payload as a checkpoint is written, reads it back and verifies it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/compression.h"
#include "experiment/list.h"
#include "util/clock.h"
#include "util/memory.h"

const char *const who_names[WHO_COUNT] = {"EXTERNAL", "pglz", "TOAST lz4", "client lz4", "client zstd"};

#define NS_TO_MS(ns) ((double) (ns) / (double) NS_PER_MS)

static bool
by_client(Who who)
{
	return who == WHO_CLIENT_LZ4 || who == WHO_CLIENT_ZSTD;
}

static Compressor
compressor_of(Who who)
{
	return who == WHO_CLIENT_LZ4 ? COMPRESS_LZ4 : COMPRESS_ZSTD;
}

/* ------------------------------------------------------------------------
 * What there is to measure
 * ------------------------------------------------------------------------
 */

static void
add_case(Compression *c, const char *kind, int compressible, size_t size)
{
	Case	   *one;

	c->cases = xrealloc(c->cases, (size_t) (c->ncases + 1) * sizeof(Case));
	one = &c->cases[c->ncases++];
	*one = (Case) {.kind = kind,.compressible = compressible,.size = size,.raw = xcalloc(size + 1, 1)};
	c->largest = size > c->largest ? size : c->largest;
}

static bool
make_cases(Lab *lab, Compression *c)
{
	static const int64_t default_sizes[] = {1000, 10000, 100000, 1000000};
	static const int64_t quick_sizes[] = {1000, 100000};
	static const struct
	{
		const char *name;
		int			compressible;	/* -1: text */
	}			kinds[] = {
		{"random", 0}, {"25 %", 25}, {"50 %", 50}, {"75 %", 75}, {"90 %", 90}, {"JSON text", -1}
	};
	const int64_t *sizes = lab->options->sizes_given ? lab->options->run->sizes :
		lab->options->quick ? quick_sizes : default_sizes;
	int			nsizes = lab->options->sizes_given ? lab->options->run->nsizes : lab->options->quick ? 2 : 4;

	c->sizes = sizes;
	c->nsizes = nsizes;
	for (int s = 0; s < nsizes; s++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			add_case(c, kinds[k].name, kinds[k].compressible, (size_t) sizes[s]);
	if (lab->options->payload_path != NULL)
	{
		size_t		size;
		unsigned char *bytes = lab_payload_file(lab->options->payload_path, MOST_PAYLOAD_BYTES, &size);

		if (bytes == NULL)
			return false;
		add_case(c, "the file", -2, size);
		memcpy(c->cases[c->ncases - 1].raw, bytes, size);
		free(bytes);
	}
	return true;
}

/* Other payloads of the same kinds; the file is what it is. */
static void
fill_cases(Lab *lab, Compression *c)
{
	for (int i = 0; i < c->ncases; i++)
	{
		Case	   *one = &c->cases[i];

		if (one->compressible >= 0)
			lab_fill(lab, one->raw, one->size, one->compressible);
		else if (one->compressible == -1)
			fill_json(lab, one->raw, one->size);
	}
}

/* The tables are the same but for who compresses; a server that cannot have one says so. */
static bool
make_tables(Lab *lab, Compression *c)
{
	/* of one length, so that the statements are too */
	static const char *const names[WHO_COUNT] = {"way_0", "way_1", "way_2", "way_3", "way_4"};
	static const char *const storage[WHO_COUNT] = {"EXTERNAL", "EXTENDED", "EXTENDED", "EXTERNAL", "EXTERNAL"};
	bool		has_choice = PQserverVersion(lab->control.conn) >= 140000;

	for (Who who = 0; who < WHO_COUNT; who++)
	{
		CheckpointTable *table = &c->tables[who];

		if (!checkpoint_table_make(lab, table, (int) who, names[who], "bytea", storage[who]))
			return false;
		c->there[who] = true;
		if (who == WHO_PGLZ && has_choice &&
			!lab_do(lab, "ALTER TABLE %s ALTER COLUMN output SET COMPRESSION pglz", table->name))
			return false;
		if (who == WHO_TOAST_LZ4)
		{
			char	   *sql = xasprintf("ALTER TABLE %s ALTER COLUMN output SET COMPRESSION lz4", table->name);

			/* not a fault: a server that was built without it, or has none yet */
			c->there[who] = has_choice && session_do(&lab->control, sql, 0, NULL);
			free(sql);
			if (!c->there[who] && lab->control.lost)
			{
				lab_fail(lab, &lab->control, lab->name);
				return false;
			}
		}
	}
	return true;
}

static bool
empty_tables(Lab *lab, Compression *c)
{
	c->undeleted = 0;
	for (Who who = 0; who < WHO_COUNT; who++)
		if (!lab_do(lab, "TRUNCATE %s", c->tables[who].name))
			return false;
	return true;
}

/* ------------------------------------------------------------------------
 * One checkpoint
 * ------------------------------------------------------------------------
 */

/* What goes over the wire for a payload: of nobody's and the server's the payload itself. */
static const unsigned char *
make_sent(Compression *c, const Case *one, Who who, size_t *length)
{
	*length = one->size;
	if (!by_client(who))
		return one->raw;
	*length = compress(compressor_of(who), one->raw, one->size, c->packed, c->room);
	return c->packed;
}

static bool
write_row(Lab *lab, Session *session, Compression *c, Who who, const unsigned char *sent, size_t length, WriteParts *parts)
{
	c->undeleted += (int64_t) length;
	return checkpoint_write(lab, session, &c->tables[who], ++c->row, sent, length, parts);
}

/* Read it back into c->back, by its client's way; false where that is not the payload. */
static bool
read_row(Lab *lab, Session *session, Compression *c, const Case *one, Who who, double *values)
{
	PGresult   *result = checkpoint_read(lab, session, &c->tables[who], c->row, &values[M_FETCH]);
	int64_t		got = now_ns();
	int64_t		end;
	bool		good;

	if (result == NULL)
		return false;
	if (by_client(who))
		good = decompress(compressor_of(who), (const unsigned char *) PQgetvalue(result, 0, 0),
						  (size_t) PQgetlength(result, 0, 0), c->back, one->size);
	else
		good = (size_t) PQgetlength(result, 0, 0) == one->size;
	end = now_ns();
	good = good && memcmp(by_client(who) ? (char *) c->back : PQgetvalue(result, 0, 0), one->raw, one->size) == 0;
	PQclear(result);
	if (!good)
	{
		lab_progress_end(lab);
		print_error("compression: a payload of %zu bytes came back as another (%s)", one->size, who_names[who]);
		lab->failed = true;
	}
	values[M_DECOMPRESS] = by_client(who) ? NS_TO_MS(end - got) : 0.0;
	values[M_READ] = values[M_FETCH] + values[M_DECOMPRESS];
	return good;
}

static bool
run_cell(Lab *lab, Session *session, int cell, double *values, void *context)
{
	Compression *c = context;
	const Case *one = &c->cases[c->cells[cell].index];
	Who			who = c->cells[cell].who;
	const unsigned char *sent;
	size_t		length;
	int64_t		began;
	int64_t		packed;
	WriteParts	parts;

	values[M_MEMCPY] = timed_memcpy(c->back, one->raw, one->size);
	began = now_ns();
	sent = make_sent(c, one, who, &length);
	packed = now_ns();
	if (!write_row(lab, session, c, who, sent, length, &parts))
		return false;
	values[M_COMPRESS] = by_client(who) ? NS_TO_MS(packed - began) : 0.0;
	values[M_SEND] = parts.send;
	values[M_STORE] = parts.store;
	values[M_REST] = parts.rest;
	values[M_WRITE] = values[M_COMPRESS] + parts.send + parts.store + parts.rest;
	values[M_WIRE] = (double) parts.sent;
	return read_row(lab, session, c, one, who, values) &&
		(c->undeleted < MOST_UNDELETED_BYTES || empty_tables(lab, c));
}

static bool
open_block(Lab *lab, Session *session, void *context)
{
	Compression *c = context;

	(void) session;
	fill_cases(lab, c);
	return empty_tables(lab, c);
}

/* ------------------------------------------------------------------------
 * Bytes: what a row takes, from the server's own functions, and its WAL
 * ------------------------------------------------------------------------
 */

/* The least WAL of a few, since a full-page image or somebody else can be in one of them. */
static bool
measure_volume(Lab *lab, Session *session, Compression *c, int cell)
{
	const Case *one = &c->cases[c->cells[cell].index];
	Who			who = c->cells[cell].who;
	Bytes	   *bytes = &c->bytes[cell];
	double		wal[VOLUME_ROWS];
	const unsigned char *sent;
	size_t		length;

	if (!lab_do(lab, "TRUNCATE %s", c->tables[who].name))
		return false;
	sent = make_sent(c, one, who, &length);
	for (int i = 0; i < VOLUME_ROWS; i++)
	{
		WriteParts	parts;
		double		before = wal_position(lab);

		if (!write_row(lab, session, c, who, sent, length, &parts))
			return false;
		wal[i] = wal_position(lab) - before;
	}
	bytes->sent = (double) length;
	bytes->wal = least_of(wal, VOLUME_ROWS);
	bytes->stored = lab_number(lab, "SELECT pg_catalog.pg_column_size(output) FROM %s LIMIT 1", c->tables[who].name);
	bytes->heap = lab_number(lab, "SELECT pg_catalog.pg_relation_size('%s')", c->tables[who].name);
	bytes->toast = lab_number(lab, "SELECT pg_catalog.pg_total_relation_size(reltoastrelid) FROM pg_catalog.pg_class"
							  " WHERE oid OPERATOR(pg_catalog.=) '%s'::pg_catalog.regclass", c->tables[who].name);
	return lab_is_alive(lab);
}

static bool
measure_volumes(Lab *lab, Compression *c, int ncells)
{
	Session		session = {0};
	bool		good = lab_connect(lab, &session);

	if (good)
		fill_cases(lab, c);
	for (int cell = 0; cell < ncells && good; cell++)
	{
		good = measure_volume(lab, &session, c, cell);
		lab_progress(lab, "bytes", 0.0);
	}
	session_close(&session);
	return good;
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static int
make_cells(Compression *c)
{
	int			n = 0;

	c->cells = xcalloc((size_t) c->ncases * WHO_COUNT, sizeof(CaseCell));
	c->groups = xcalloc((size_t) c->ncases * WHO_COUNT, sizeof(int));
	c->bytes = xcalloc((size_t) c->ncases * WHO_COUNT, sizeof(Bytes));
	for (int i = 0; i < c->ncases; i++)
	{
		for (Who who = 0; who < WHO_COUNT; who++)
		{
			c->cases[i].cells[who] = c->there[who] ? n : -1;
			if (!c->there[who])
				continue;
			c->bytes[n] = (Bytes) {NAN, NAN, NAN, NAN, NAN};
			c->groups[n] = i;
			c->cells[n++] = (CaseCell) {i, who};
		}
	}
	return n;
}

static bool
run_compression(Lab *lab, ExperimentResult *result)
{
	Compression c = {0};
	Plan		plan = {.nmetrics = METRICS,.run = run_cell,.open = open_block,.context = &c};
	bool		good = make_cases(lab, &c) && make_tables(lab, &c);

	if (good)
	{
		c.room = compress_room(COMPRESS_LZ4, c.largest);
		if (compress_room(COMPRESS_ZSTD, c.largest) > c.room)
			c.room = compress_room(COMPRESS_ZSTD, c.largest);
		c.packed = xcalloc(c.room, 1);
		c.back = xcalloc(c.largest + 1, 1);
		plan.ncells = make_cells(&c);
		plan.groups = c.groups;
		/* many comparisons at once need more of them */
		plan.blocks = lab->options->quick ? PLAN_BLOCKS : 2 * PLAN_BLOCKS;
		good = measure_volumes(lab, &c, plan.ncells) && plan_measure(lab, &plan);
		compression_result(lab, &c, &plan, result);
	}
	for (int i = 0; i < c.ncases; i++)
		free(c.cases[i].raw);
	for (Who who = 0; who < WHO_COUNT; who++)
		checkpoint_table_free(&c.tables[who]);
	free(c.cases);
	free(c.cells);
	free(c.groups);
	free(c.bytes);
	free(c.packed);
	free(c.back);
	plan_free(&plan);
	return good;
}

/* Said before anything is written: the file cannot be read, or is too large. */
static bool
allowed(Lab *lab)
{
	size_t		size;
	unsigned char *bytes;

	for (int i = 0; i < lab->options->run->nsizes && lab->options->sizes_given; i++)
	{
		if (lab->options->run->sizes[i] >= 1 && lab->options->run->sizes[i] <= MOST_PAYLOAD_BYTES)
			continue;
		print_error("compression: a payload has 1 byte to 100 MB, and not %lld bytes", (long long) lab->options->run->sizes[i]);
		return false;
	}
	if (lab->options->payload_path == NULL)
		return true;
	bytes = lab_payload_file(lab->options->payload_path, MOST_PAYLOAD_BYTES, &size);
	free(bytes);
	return bytes != NULL;
}

const Experiment experiment_compression = {
	.name = "compression",
	.summary = "which compression of payloads pays, and from when on",
	.question = "Who should compress a payload, if anybody: TOAST or the client, and from what kind and size on does it pay?",
	.seconds = 95,
	.quick_seconds = 15,
	.uses = USES_SIZES | USES_PAYLOAD,
	.allowed = allowed,
	.run = run_compression,
};
