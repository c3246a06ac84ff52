/*
 * test_run_ids.c
 *	  Ids of runs: random UUIDs, no two alike, and their workflows'.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "drive/leftovers.h"
#include "tap.h"
#include "util/memory.h"

#define NIDS 20000

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
	static char ids[NIDS][RUN_ID_SIZE];
	char		workflow_id[WORKFLOW_ID_SIZE];
	char	   *expected;
	int			malformed = 0;
	int			alike = 0;

	for (int i = 0; i < NIDS; i++)
	{
		run_id_make(ids[i]);
		if (!is_random_uuid(run_id_uuid(ids[i])) && malformed++ == 0)
			printf("# \"%s\"\n", ids[i]);
	}
	ok(malformed == 0, "20,000 ids are UUIDs of random bits");
	qsort(ids, NIDS, sizeof(ids[0]), compare_ids);
	for (int i = 1; i < NIDS; i++)
		alike += strcmp(ids[i - 1], ids[i]) == 0;
	ok(alike == 0, "no two of them are alike");

	run_workflow_id(workflow_id, ids[0], false, INT64_MAX);
	expected = xasprintf("dbos_payload_bench:%s:9223372036854775807", ids[0]);
	ok(strcmp(workflow_id, expected) == 0, "a workflow is named by its run and a number");
	free(expected);
	run_workflow_id(workflow_id, ids[0], true, 1);
	ok(strncmp(workflow_id, "dbos_payload_bench:", 19) != 0, "one that is kept is nobody's leftover");
	return done_testing();
}
