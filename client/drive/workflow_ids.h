/*
 * workflow_ids.h
 *	  The workflows that a run made, so that it can take them away again.
 */
#ifndef WORKFLOW_IDS_H
#define WORKFLOW_IDS_H

#include "drive/payload.h"
#include "pg/session.h"

typedef struct WorkflowIds
{
	int			n;
	int			capacity;
	char		(*ids)[WORKFLOW_ID_SIZE];
} WorkflowIds;

/* a new id; valid until the next one is made */
extern const char *workflow_ids_new(WorkflowIds *ids);

/* delete the rows of all of them; false with session->error set */
extern bool workflow_ids_delete(WorkflowIds *ids, Session *session);
extern void workflow_ids_free(WorkflowIds *ids);

#endif							/* WORKFLOW_IDS_H */
