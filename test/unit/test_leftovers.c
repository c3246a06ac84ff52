/*
 * test_leftovers.c
 *	  Ids of runs and of their workflows.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "drive/leftovers.h"
#include "tap.h"

#define NIDS 100000

static int
compare_ids(const void *left, const void *right)
{
	return strcmp(left, right);
}

/* xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx, y one of 8, 9, a and b */
static bool
is_random_uuid(const char *id)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

	if (strlen(id) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++)
	{
		bool		good;

		switch (form[i])
		{
			case 'x':
				good = isdigit((unsigned char) id[i]) || (id[i] >= 'a' && id[i] <= 'f');
				break;
			case 'y':
				good = strchr("89ab", id[i]) != NULL;
				break;
			default:
				good = id[i] == form[i];
				break;
		}
		if (!good)
			return false;
	}
	return true;
}

int
main(void)
{
	char		(*ids)[RUN_ID_SIZE] = calloc(NIDS, sizeof(*ids));
	char		workflow_id[WORKFLOW_ID_SIZE];
	char		expected[WORKFLOW_ID_SIZE];
	int			malformed = 0;
	int			alike = 0;

	for (int i = 0; i < NIDS; i++)
	{
		run_id_make(ids[i]);
		if (!is_random_uuid(ids[i]) && malformed++ == 0)
			printf("# \"%s\"\n", ids[i]);
	}
	ok(malformed == 0, "ids of runs are random UUIDs");
	ok(strcmp(run_id_uuid(ids[0]), ids[0]) == 0, "and are their UUIDs");

	run_workflow_id(workflow_id, ids[0], false, 7);
	snprintf(expected, sizeof(expected), "dbos_payload_bench:%s:7", ids[0]);
	ok(strcmp(workflow_id, expected) == 0, "a workflow is named for its run");
	run_workflow_id(workflow_id, ids[0], true, 7);
	ok(strncmp(workflow_id, "dbos_payload_bench:", strlen("dbos_payload_bench:")) != 0,
	   "with --keep it is not taken for a leftover");
	ok(strcmp(run_id_uuid("pooled-0d5c"), "0d5c") == 0, "the UUID of a run behind a pooler");

	qsort(ids, NIDS, sizeof(*ids), compare_ids);
	for (int i = 1; i < NIDS; i++)
		alike += strcmp(ids[i - 1], ids[i]) == 0;
	ok(alike == 0, "no two ids are alike");
	free(ids);
	return done_testing();
}
