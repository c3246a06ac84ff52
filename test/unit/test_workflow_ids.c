/*
 * test_workflow_ids.c
 *	  Ids of workflows: random UUIDs, no two alike.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "drive/workflow_ids.h"
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
	WorkflowIds ids = {0};
	int			malformed = 0;
	int			alike = 0;

	for (int i = 0; i < NIDS; i++)
	{
		if (!is_random_uuid(workflow_ids_new(&ids)) && malformed++ == 0)
			printf("# \"%s\"\n", ids.ids[i]);
	}
	ok(ids.n == NIDS && malformed == 0, "100,000 ids are UUIDs of random bits");
	qsort(ids.ids, NIDS, sizeof(*ids.ids), compare_ids);
	for (int i = 1; i < NIDS; i++)
		alike += strcmp(ids.ids[i - 1], ids.ids[i]) == 0;
	ok(alike == 0, "no two of them are alike");
	workflow_ids_free(&ids);
	return done_testing();
}
