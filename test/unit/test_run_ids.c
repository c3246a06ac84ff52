/*
 * test_run_ids.c
 *	  Ids of runs: random UUIDs, no two alike; and of their workflows, which hold them.
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
	char		(*ids)[RUN_ID_SIZE] = calloc(NIDS, RUN_ID_SIZE);
	char		id[WORKFLOW_ID_SIZE];
	char		pooled[] = "pooled-01234567-89ab-4cde-8f01-23456789abcd";
	int			malformed = 0;
	int			alike = 0;

	if (ids == NULL)
	{
		printf("Bail out! no memory\n");
		return 1;
	}
	for (int i = 0; i < NIDS; i++)
	{
		run_id_make(ids[i]);
		if (!is_random_uuid(ids[i]) && malformed++ == 0)
			printf("# \"%s\"\n", ids[i]);
	}
	ok(malformed == 0, "100,000 ids are UUIDs of random bits");
	ok(strcmp(run_id_uuid(ids[0]), ids[0]) == 0, "which name the run");
	ok(strcmp(run_id_uuid(pooled), pooled + strlen("pooled-")) == 0, "behind a pooler too");

	run_workflow_id(id, pooled, false, INT64_MAX);
	ok(strcmp(id, "dbos_payload_bench:pooled-01234567-89ab-4cde-8f01-23456789abcd:9223372036854775807") == 0,
	   "the longest workflow id is whole");
	run_workflow_id(id, ids[0], true, 1);
	ok(strncmp(id, "dbos_payload_bench:", strlen("dbos_payload_bench:")) != 0,
	   "one that is kept does not begin as those that are cleaned away");

	qsort(ids, NIDS, sizeof(*ids), compare_ids);
	for (int i = 1; i < NIDS; i++)
		alike += strcmp(ids[i - 1], ids[i]) == 0;
	ok(alike == 0, "no two of them are alike");
	free(ids);
	return done_testing();
}
