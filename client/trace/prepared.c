/*
 * prepared.c
 *	  The prepared statements and portals of a connection.
 */
#include <stdlib.h>

#include "trace/trace_internal.h"
#include "util/memory.h"

NamedStatement **
find_statement(TracedConnection *connection, uint64_t name)
{
	NamedStatement **at = &connection->named[name % NAMED_BUCKETS];

	while (*at != NULL && (*at)->name != name)
		at = &(*at)->next;
	return at;
}

void
drop_statement(TracedConnection *connection, NamedStatement **at)
{
	NamedStatement *gone = *at;

	if (gone == NULL)
		return;
	*at = gone->next;
	text_release(gone->text);
	free(gone);
	connection->nnamed--;
}

/* the text is the statement's from now on */
void
keep_statement(TracedConnection *connection, uint64_t name, Text *text)
{
	NamedStatement **at = find_statement(connection, name);

	if (*at == NULL)
	{
		if (connection->nnamed >= MOST_NAMED)
		{
			text_release(text);
			return;
		}
		*at = xcalloc(1, sizeof(NamedStatement));
		(*at)->name = name;
		connection->nnamed++;
	}
	text_release((*at)->text);
	(*at)->text = text;
}

Portal **
find_portal(TracedConnection *connection, uint64_t name)
{
	Portal	  **at = &connection->portals;

	while (*at != NULL && (*at)->name != name)
		at = &(*at)->next;
	return at;
}

void
drop_portal(TracedConnection *connection, Portal **at)
{
	Portal	   *gone = *at;

	if (gone == NULL)
		return;
	*at = gone->next;
	text_release(gone->text);
	free(gone->values);
	free(gone);
	connection->nportals--;
}

/* the newest first; the oldest goes where there are too many; text and values are its own */
void
keep_portal(TracedConnection *connection, uint64_t name, Text *text, Values *values)
{
	Portal	   *portal;

	drop_portal(connection, find_portal(connection, name));
	if (connection->nportals >= MOST_PORTALS)
	{
		Portal	  **last = &connection->portals;

		while ((*last)->next != NULL)
			last = &(*last)->next;
		drop_portal(connection, last);
	}
	portal = xcalloc(1, sizeof(Portal));
	portal->name = name;
	portal->text = text;
	portal->values = values;
	portal->next = connection->portals;
	connection->portals = portal;
	connection->nportals++;
}

void
connection_free_statements(TracedConnection *connection)
{
	for (int i = 0; i < NAMED_BUCKETS; i++)
		while (connection->named[i] != NULL)
			drop_statement(connection, &connection->named[i]);
	while (connection->portals != NULL)
		drop_portal(connection, &connection->portals);
}
