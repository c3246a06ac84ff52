/*
 * turns.c
 *	  Turns of a connection, and the units that they make up.
 *
 * A turn begins with the first byte that the program sends while nothing is due, and
 * ends when the last answer that is due has been handed on: so what is sent without
 * waiting for answers (a pipeline, statements in one packet) is one turn.  A unit is a
 * transaction, or a statement that is one by itself.  Of a turn with several units each
 * has the time up to its own ReadyForQuery, and the first one has the round trip.
 */
#include <string.h>

#include "trace/trace_internal.h"
#include "util/clock.h"

/* A ping or SET goes with what its connection does next, unless that is this long after. */
#define PREAMBLE_NS (100 * NS_PER_MS)

static void
unit_begin(TracedConnection *connection, int64_t now)
{
	Unit	   *unit = &connection->unit;

	memset(unit, 0, sizeof(*unit));
	unit->connection = connection->number;
	unit->start = unit->end = now;
	unit->affected = unit->found_bytes = -1;
	values_clear(&unit->step_values);
	values_clear(&unit->workflow_values);
	values_clear(&unit->status_values);
	connection->has_unit = true;
}

static bool
is_preamble(const Unit *unit)
{
	return (unit->roles & ~(1u << ROLE_EMPTY | 1u << ROLE_SETTING)) == 0;
}

void
turn_from_program(TracedConnection *connection, int64_t arrived_ns)
{
	Unit	   *unit = &connection->unit;

	if (!connection->started)
		return;
	if (connection->in_turn)
	{
		if (!connection->answering)
			connection->turn_sending = arrived_ns - connection->turn_start;
		return;
	}
	connection->in_turn = true;
	connection->turn_start = connection->segment_start = arrived_ns;
	connection->turn_sending = 0;
	connection->turn_counted = connection->answering = false;
	if (connection->has_unit && !connection->in_transaction && arrived_ns - unit->end > PREAMBLE_NS)
		connection->has_unit = false;
	if (!connection->has_unit)
		unit_begin(connection, arrived_ns);
	else
		unit->gaps++;
}

void
turn_from_server(TracedConnection *connection)
{
	connection->answering = connection->in_turn;
}

void
turn_bytes(TracedConnection *connection, int64_t up, int64_t down)
{
	if (connection->has_unit && connection->in_turn)
	{
		connection->unit.bytes_up += up;
		connection->unit.bytes_down += down;
	}
}

/* the unit takes what has passed of the turn */
static void
take_segment(TracedConnection *connection, int64_t now)
{
	Unit	   *unit = &connection->unit;

	unit->waiting += now - connection->segment_start;
	unit->end = now;
	connection->segment_start = now;
	if (!connection->turn_counted)
	{
		unit->turns++;
		unit->sending += connection->turn_sending;
		connection->turn_counted = true;
	}
}

static void
take_values(Values *values, const Executed *executed)
{
	if (values->id_length == 0 && executed->values != NULL)
		*values = *executed->values;
}

static void
take_step(Unit *unit, const Executed *executed, const Pattern *pattern)
{
	bool		record = pattern->role != ROLE_CHECK;

	/* what is read back behind a record is no check; one record is a unit's step */
	if (unit->step == ROLE_RECORD || unit->step == ROLE_STEP)
		return;
	if (executed->values == NULL)
		values_clear(&unit->step_values);
	else
		unit->step_values = *executed->values;
	unit->step = pattern->role;
	unit->engine = pattern->engine;
	unit->function = pattern->function;
	memcpy(unit->schema, pattern->schema, sizeof(unit->schema));
	if (record)
		unit->affected = executed->affected;
	else
	{
		unit->found = executed->rows > 0;
		unit->found_bytes = executed->first_column;
	}

	/* what the server made itself it gives back */
	if (pattern->role == ROLE_STEP && unit->step_values.output_bytes < 0 &&
		pattern->places[FIELD_OUTPUT].parameter == 0 && pattern->places[FIELD_OUTPUT].literal == 0)
		unit->step_values.output_bytes = executed->first_column;
}

void
turn_statement(TracedConnection *connection, const Executed *executed)
{
	Trace	   *trace = connection->trace;
	Unit	   *unit = &connection->unit;
	const Pattern *pattern = NULL;
	Role		role = ROLE_UNKNOWN;

	if (executed->text != NULL && executed->index < executed->text->npatterns)
	{
		pattern = &executed->text->patterns[executed->index];
		role = pattern->role;
	}
	if (role != ROLE_EMPTY)
		trace->seen.statements++;
	trace->seen.roles[role].n++;
	trace->seen.roles[role].failed += executed->failed;
	if (role == ROLE_UNKNOWN)
		not_understood_text(trace, executed->text);
	if (!connection->has_unit)
		return;

	/* after a ping that nothing followed, of a pool's user who had nothing to do */
	if (role == ROLE_EMPTY && unit->turns > 0 && is_preamble(unit) && !connection->in_transaction)
		unit_begin(connection, connection->segment_start);
	unit->statements += role != ROLE_EMPTY;
	unit->roles |= 1u << role;
	unit->failed |= executed->failed;
	if (pattern == NULL)
		return;
	switch (role)
	{
		case ROLE_STATUS:
		case ROLE_OWNER:
		case ROLE_RESTAMP:
			take_values(&unit->status_values, executed);
			break;
		case ROLE_CHECK:
		case ROLE_RECORD:
		case ROLE_STEP:
			take_step(unit, executed, pattern);
			break;
		case ROLE_START:
		case ROLE_END:
			take_values(&unit->workflow_values, executed);
			unit->engine = pattern->engine;
			break;
		default:
			break;
	}
}

void
turn_ready(TracedConnection *connection, char status, int64_t now)
{
	Unit	   *unit = &connection->unit;

	connection->in_transaction = status != 'I';
	if (!connection->in_turn || !connection->has_unit)
		return;
	take_segment(connection, now);
	if (connection->in_transaction || is_preamble(unit))
		return;
	unit->transactions++;
	connection->trace->seen.transactions++;
	steps_unit(connection->trace, unit);
	connection->has_unit = false;
	if (connection->nexpected > 0 || connection->overflown)
		unit_begin(connection, now);
}

void
turn_end(TracedConnection *connection, int64_t now)
{
	/* without ReadyForQuery, behind Flush, say */
	if (connection->has_unit)
		take_segment(connection, now);
	connection->in_turn = false;
	connection->trace->seen.turns++;
}

/* The connection is gone: what it was doing has failed, as far as can be seen. */
void
turn_lost(TracedConnection *connection)
{
	Expected   *head;
	bool		busy = connection->in_transaction || connection->nexpected > 0;

	if (!busy)
		return;
	connection->trace->seen.lost++;
	while ((head = expected_head(connection)) != NULL)
	{
		if (head->kind == EXPECT_EXECUTE || head->kind == EXPECT_QUERY)
		{
			head->executed.failed = true;
			turn_statement(connection, &head->executed);
		}
		expected_drop(connection);
	}
	if (connection->has_unit)
	{
		connection->unit.failed = true;
		steps_unit(connection->trace, &connection->unit);
		connection->has_unit = false;
	}
}
