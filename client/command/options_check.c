/*
 * options_check.c
 *	  What belongs together on the command line, and what does not.
 */
#include <stdlib.h>
#include <string.h>

#include "command/options_internal.h"
#include "pg/conninfo.h"
#include "util/message.h"

#define MAX_LABEL_BYTES 200

#define lengthof(array) ((int) (sizeof(array) / sizeof((array)[0])))

static int
count_chosen(const bool *chosen, int n)
{
	int			count = 0;

	for (int i = 0; i < n; i++)
		count += chosen[i];
	return count;
}

static void
check_workflow_id(Options *options, const Given *given, const char *command)
{
	if (strlen(options->workflow_id) > MAX_WORKFLOW_ID_BYTES)
		print_error("--workflow-id: %zu bytes are too long; an id has 1 to 1,024 bytes",
					strlen(options->workflow_id));
	else if (count_chosen(options->drives, DRIVE_COUNT) != 1 ||
			 count_chosen(options->origins, ORIGIN_COUNT) != 1)
		print_error("--workflow-id goes on with one workflow, so it takes one --drive and one --origin");
	else if ((given->iterations && options->iterations != 1) || options->time_limit_s > 0)
		print_error("--workflow-id goes on with one workflow, once: it takes no other --iterations than 1, and no --time");
	else
	{
		options->iterations = 1;
		options->warmup = 0;
		return;
	}
	options_fail(command);
}

/* What only makes sense together. */
static void
check_run_options(Options *options, const Given *given, const char *command)
{
	const char *const outputs[] = {options->json_path, options->csv_path, options->samples_path};

	if (options->protocol == PROTOCOL_SIMPLE && options->binary)
	{
		print_error("--protocol simple has no binary results; add --result-format text");
		options_fail(command);
	}
	if (options->protocol == PROTOCOL_SIMPLE && options->drives[DRIVE_PIPELINE])
	{
		print_error("--drive pipeline needs --protocol extended or prepared: the simple protocol has no pipeline");
		options_fail(command);
	}
	if (options->drives[DRIVE_PIPELINE] && !HAS_PIPELINE)
	{
		print_error("--drive pipeline needs libpq 14 or later; this client was built with an older one");
		options_fail(command);
	}
	if (options->label != NULL && strlen(options->label) > MAX_LABEL_BYTES)
	{
		print_error("--label is longer than %d bytes", MAX_LABEL_BYTES);
		options_fail(command);
	}
	for (int i = 0; i < lengthof(outputs); i++)
		for (int j = 0; j < i; j++)
			if (outputs[i] != NULL && outputs[j] != NULL && strcmp(outputs[i], outputs[j]) == 0 &&
				strncmp(outputs[i], "/dev/", strlen("/dev/")) != 0)
			{
				print_error("two result files have the same name, \"%s\"", outputs[i]);
				options_fail(command);
			}
	if (options->time_limit_s > 0 && !given->iterations)
		options->iterations = MAX_ITERATIONS;
	if (options->workflow_id != NULL)
		check_workflow_id(options, given, command);
}

void
options_check(Options *options, const Given *given, const char *command)
{
	if (options->command == COMMAND_COMPARE)
	{
		if (options->nleft > 0 && options->nright > 0)
			return;
		print_error(given->against ? "compare needs result files before and after --against" :
					"compare needs two sides: A.json... --against B.json...");
		options_fail(command);
	}
	if (options->conninfo != NULL)
	{
		char	   *mistake = conninfo_mistake(options->conninfo);

		if (mistake != NULL)
		{
			print_error("%s", mistake);
			free(mistake);
			options_fail(command);
		}
	}
	if (options->command == COMMAND_RUN || options->command == COMMAND_CHECK)
		check_run_options(options, given, command);
}
