/*
 * result_file.c
 *	  Fuzzes the reading of result files, which come from anywhere.
 */
#include <math.h>

#include "compare/result_file.h"
#include "fuzz.h"

/* Every text that was read ends, and can be read. */
static void
check_text(const char *text)
{
	must(text == NULL || strlen(text) < SIZE_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ResultFile	file;
	char	   *error = NULL;

	/* without the zero that a string would end in */
	char	   *text = malloc(size > 0 ? size : 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	if (!result_file_parse(text, size, "fuzzed", &file, &error))
	{
		must(error != NULL && strstr(error, "fuzzed") != NULL);
		free(error);
		free(text);
		return 0;
	}

	free(text);					/* nothing of it may be needed any more */
	must(error == NULL);
	check_text(file.label);
	must(file.tool_version != NULL && file.started_at != NULL);
	must(file.nworkflows >= 0 && file.nconditions >= 0);
	for (int i = 0; i < file.nconditions; i++)
	{
		check_text(file.conditions[i].name);
		check_text(file.conditions[i].value);
	}
	for (int i = 0; i < file.nworkflows; i++)
	{
		const FileWorkflow *workflow = &file.workflows[i];

		must(workflow->drive < DRIVE_COUNT && workflow->origin < ORIGIN_COUNT);
		must(workflow->iterations >= 0 && workflow->failed >= 0 && workflow->nsteps >= 0);
		for (int s = 0; s < workflow->nsteps; s++)
		{
			must(workflow->steps[s].name != NULL);
			must(workflow->steps[s].payload_bytes >= 0);
			for (int m = 0; m < METRIC_COUNT; m++)
				must(workflow->steps[s].times[m].n >= 0);
		}
	}
	result_file_free(&file);
	return 0;
}
