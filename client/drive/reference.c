/*
 * reference.c
 *	  The server's reference work.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "memory.h"
#include "message.h"
#include "reference.h"

void
reference_measure(Reference *reference, Session *session, bool record)
{
	PGresult   *result;

	if (reference->given_up)
		return;
	result = session_query(session, "SELECT dbos_payload.reference_work()", 0, NULL);
	if (result == NULL)
	{
		if (session->lost || interrupted())
			return;
		reference->given_up = true;
		print_warning("without the server's reference work compare cannot allow for a machine that changes "
					  "its pace: %s", session->error);
		return;
	}
	if (record)
	{
		if (reference->n == reference->capacity)
		{
			reference->capacity = reference->capacity ? 2 * reference->capacity : 32;
			reference->ns = xrealloc(reference->ns, (size_t) reference->capacity * sizeof(int64_t));
		}
		reference->ns[reference->n++] = llround(strtod(PQgetvalue(result, 0, 0), NULL) * (double) NS_PER_MS);
	}
	PQclear(result);
}

void
reference_free(Reference *reference)
{
	free(reference->ns);
	memset(reference, 0, sizeof(*reference));
}
