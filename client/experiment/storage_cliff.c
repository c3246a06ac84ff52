/*
 * storage_cliff.c
 *	  Where payloads leave their row, and what that takes.
 */
#include <math.h>
#include <string.h>

#include "experiment/storage.h"

const char *const cliff_names[CLIFF_COUNT] = {"bytea", "text", "bytea, half of it zeros"};

/* of the experiment's time, for what is run in turns after this */
#define TIMED_SHARE 0.3

/* inserts of which the least WAL is taken */
#define WAL_STEPS 5

void
cliff_fill(Lab *lab, CliffKind kind, unsigned char *buffer, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	lab_fill(lab, buffer, size, kind == CLIFF_COMPRESSIBLE ? 50 : 0);
	for (size_t i = 0; i < size && kind == CLIFF_TEXT; i++)
		buffer[i] = (unsigned char) letters[buffer[i] & 63];
}

static StepsTable *
table_of(Storage *s, CliffKind kind)
{
	return kind == CLIFF_TEXT ? &s->text : &s->bytea;
}

/* The table with one step of that size in it. */
static bool
insert_alone(Lab *lab, Storage *s, Session *session, CliffKind kind, int size)
{
	cliff_fill(lab, kind, s->payload, (size_t) size);
	return lab_do(lab, "TRUNCATE %s", table_of(s, kind)->name) &&
		steps_table_insert(lab, session, table_of(s, kind), s->payload, (size_t) size);
}

static double
stored_bytes(Lab *lab, const StepsTable *table)
{
	return lab_number(lab, "SELECT pg_catalog.pg_column_size(output) FROM %s LIMIT 1", table->name);
}

/* Is a payload of that size left as it is, in its row? */
static bool
is_left(Lab *lab, Storage *s, Session *session, CliffKind kind, int size, bool *left, bool *compressed)
{
	TableBytes		volume;

	if (!insert_alone(lab, s, session, kind, size) || !volume_read(lab, table_of(s, kind)->name, &volume))
		return false;
	*compressed = stored_bytes(lab, table_of(s, kind)) < size;
	*left = volume.toast <= 0.0 && !*compressed;
	*compressed = *compressed && volume.toast <= 0.0;
	return lab_is_alive(lab);
}

/* By bisection: what stays at one size stays at all below it. */
static bool
find_edge(Lab *lab, Storage *s, Session *session, CliffKind kind)
{
	Cliff	   *cliff = &s->cliffs[kind];
	int			low = CLIFF_FROM - 1;
	int			high = CLIFF_TO + 1;
	bool		compressed = false;
	bool		left;

	while (high - low > 1)
	{
		int			middle = (low + high) / 2;

		if (!is_left(lab, s, session, kind, middle, &left, &compressed))
			return false;
		if (left)
			low = middle;
		else
		{
			high = middle;
			cliff->compressed = compressed;
		}
	}
	/* outside of what was looked at, nothing is known */
	cliff->edge = high > CLIFF_TO || low < CLIFF_FROM ? 0 : high;
	cliff->looked_for = true;
	return true;
}

static bool
measure_point(Lab *lab, Storage *s, Session *session, CliffKind kind, int size)
{
	StepsTable *table = table_of(s, kind);
	CliffPoint *point = &s->cliffs[kind].points[s->cliffs[kind].npoints];
	double		wal[WAL_STEPS];
	char		ends[WAL_STEPS + 1][LSN_SIZE];

	point->size = size;
	if (!insert_alone(lab, s, session, kind, size) || !wal_end(lab, ends[0]))
		return false;
	point->stored = stored_bytes(lab, table);
	for (int i = 1; i < CLIFF_STEPS; i++)
	{
		cliff_fill(lab, kind, s->payload, (size_t) size);
		/* the others need not be durable one by one */
		if (i == WAL_STEPS + 1 && !steps_table_do(lab, session, "BEGIN"))
			return false;
		if (!steps_table_insert(lab, session, table, s->payload, (size_t) size) ||
			(i <= WAL_STEPS && !wal_end(lab, ends[i])))
			return false;
	}
	if (!steps_table_do(lab, session, "COMMIT"))
		return false;
	for (int i = 0; i < WAL_STEPS; i++)
		wal[i] = wal_between(lab, ends[i], ends[i + 1]);
	point->wal = least_of(wal, WAL_STEPS);
	if (!volume_read(lab, table->name, &point->volume))
		return false;
	s->cliffs[kind].npoints++;
	return lab_is_alive(lab);
}

bool
storage_measure_cliffs(Lab *lab, Storage *s, Session *session)
{
	int			step = lab->options->quick ? 40 : 10;

	for (CliffKind kind = 0; kind < CLIFF_COUNT; kind++)
	{
		if (!find_edge(lab, s, session, kind))
			return false;
		for (int size = CLIFF_FROM; size <= CLIFF_TO; size += step)
		{
			lab_progress(lab, "the cliff", (kind + (double) (size - CLIFF_FROM) / (CLIFF_TO - CLIFF_FROM)) / CLIFF_COUNT);
			/* what is timed needs its share; a quick cliff is a few points */
			if (!lab->options->quick && lab_seconds_left(lab) < lab->seconds * TIMED_SHARE)
				return lab_is_alive(lab);
			if (!measure_point(lab, s, session, kind, size))
				return false;
		}
	}
	return true;
}
