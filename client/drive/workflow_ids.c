/*
 * workflow_ids.c
 *	  The workflows that a run made.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/workflow_ids.h"
#include "util/byte_buffer.h"
#include "util/memory.h"

const char *
workflow_ids_new(WorkflowIds *ids)
{
	if (ids->n == ids->capacity)
	{
		ids->capacity = ids->capacity ? 2 * ids->capacity : 64;
		ids->ids = xrealloc(ids->ids, (size_t) ids->capacity * sizeof(*ids->ids));
	}
	workflow_id_make(ids->ids[ids->n]);
	return ids->ids[ids->n++];
}

bool
workflow_ids_delete(WorkflowIds *ids, Session *session)
{
	static const char *const deletes[] = {
		"DELETE FROM dbos_payload.operation_outputs"
		" WHERE workflow_uuid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])",
		"DELETE FROM dbos_payload.workflow_status"
		" WHERE workflow_uuid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])"
	};
	ByteBuffer	array = {0};
	const char *values[1];
	char	   *text;
	bool		ok = true;

	for (int i = 0; i < ids->n; i++)
	{
		buffer_add_text(&array, i == 0 ? "{" : ",");
		buffer_add_text(&array, ids->ids[i]);
	}
	buffer_add_text(&array, ids->n == 0 ? "{}" : "}");
	values[0] = text = buffer_take(&array, NULL);
	for (int i = 0; i < 2 && ok; i++)
	{
		PGresult   *result = session_query(session, deletes[i], 1, values);

		ok = (result != NULL);
		PQclear(result);
	}
	free(text);
	return ok;
}

void
workflow_ids_free(WorkflowIds *ids)
{
	free(ids->ids);
	memset(ids, 0, sizeof(*ids));
}
