/*
 * options_check.c
 *	  What belongs together on the command line, and what does not.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_internal.h"
#include "engine/profile.h"
#include "experiment/experiment.h"
#include "pg/conninfo.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/output.h"

#define MAX_LABEL_BYTES 200

/* and what is in it beside the text */
#define MAX_MESSAGE_BYTES ((size_t) 0x3fffffff - 1024)

#define lengthof(array) ((int) (sizeof(array) / sizeof((array)[0])))

#define refuse(command, ...) (print_error(__VA_ARGS__), options_fail(command))

static int
count_chosen(const bool *chosen, int n)
{
	int			count = 0;

	for (int i = 0; i < n; i++)
		count += chosen[i];
	return count;
}

/* One workflow, once: no blocks, no repetition, no second side. */
static void
check_workflow_id(Options *options, const Given *given, const char *command)
{
	Parameters *run = &options->run;

	if (strlen(run->workflow_id) > MAX_WORKFLOW_ID_BYTES)
		refuse(command, "--workflow-id: %zu bytes are too long; an id has 1 to 1,024 bytes",
			   strlen(run->workflow_id));
	if (count_chosen(run->drives, DRIVE_COUNT) != 1 ||
		count_chosen(run->origins, ORIGIN_COUNT) != 1)
		refuse(command, "--workflow-id goes on with one workflow, so it takes one --drive and one --origin");
	if (run->nsides > 1)
		refuse(command, "--workflow-id goes on with one workflow, so it takes no --against");
	if ((given->iterations && run->iterations != 1) || run->blocks > 1 || run->time_limit_s > 0 ||
		(given->warmup && run->warmup > 0))
		refuse(command, "--workflow-id goes on with one workflow, once: it takes no other --iterations or --blocks than 1, no --warmup and no --time");
	run->blocks = 1;
	run->iterations = 1;
	run->warmup = 0;
}

static void
check_labels(const Options *options, const Given *given, const char *command)
{
	for (int i = 0; i < given->nlabels; i++)
	{
		const char *label = options->run.labels[i];

		if (strlen(label) > MAX_LABEL_BYTES)
			refuse(command, "--label is longer than %d bytes", MAX_LABEL_BYTES);
		for (const char *c = label; *c != '\0'; c++)
			if ((unsigned char) *c < 0x20 || *c == 0x7F)
				refuse(command, "--label has a control character (a line break, a tab) at byte %d; it is one line of text",
					   (int) (c - label) + 1);
	}
	if (given->nlabels == 0 || given->nlabels == options->run.nsides)
		return;
	if (options->run.nsides == 1)
		refuse(command, "--label was given twice, and the run has one side; --against gives it a second one");
	refuse(command, "--label names one side of two; give it once for each: --label A --label B");
}

/* Beside profiles: their plain twins, and calls with the client's payloads. */
static void
add_beside_profiles(Options *options, const char *command)
{
	Parameters *run = &options->run;
	int64_t		total = 0;

	if (!has_profiles(run))
		return;
	if (run->workflow_id != NULL)
		refuse(command, "--workflow-id goes on with a workflow of ours, and a profile has none: it takes no --profile");
	if (run->think_ns > 0)
		refuse(command, "--think pauses before each step; it takes no --profile");
	if (run->max_tries > 1)
		refuse(command, "--max-tries sends a call again, and a step of a profile is several; it takes no --profile");
	for (int i = 0; i < run->nsizes; i++)
		total += run->sizes[i];
	for (Drive drive = FIRST_PROFILE; drive < FIRST_PROFILE + PROFILES; drive++)
	{
		if (!run->drives[drive])
			continue;
		if (encoding_room(drive_profile(drive)->encoding, (size_t) total) > MAX_MESSAGE_BYTES)
			refuse(command, "--profile %s: the text of %lld bytes (all --sizes together) can be longer than a message, which has 1 GB at most",
				   drive_names[drive], (long long) total);
		run->drives[drive_plain(drive)] = true;
	}
	run->origins[ORIGIN_CLIENT] = true;
}

/* What the drives cannot do. */
static void
check_drives(const Options *options, const char *command)
{
	const Parameters *run = &options->run;
	bool		only_calls = !run->drives[DRIVE_PIPELINE] && !run->drives[DRIVE_PROCEDURE];
	Protocol	protocol = options->sides[0].protocol;

	if (protocol == PROTOCOL_SIMPLE && run->binary)
		refuse(command, "--protocol simple has no binary results; add --result-format text");
	if (protocol == PROTOCOL_SIMPLE && run->drives[DRIVE_PIPELINE])
		refuse(command, "--drive pipeline needs --protocol extended or prepared: the simple protocol has no pipeline");
	if (run->drives[DRIVE_PIPELINE] && !HAS_PIPELINE)
		refuse(command, "--drive pipeline needs libpq 14 or later; this client was built with an older one");
	if (run->think_ns > 0 && !only_calls)
		refuse(command, "--think pauses before each step, and pipeline and procedure send all steps at once; it takes --drive calls alone");
	if (run->split_commit && !only_calls)
		refuse(command, "--split-commit sends a step and its commit apart, and pipeline and procedure send all steps at once; it takes --drive calls alone");
	if (run->split_commit && protocol == PROTOCOL_SIMPLE)
		refuse(command, "--split-commit needs --protocol extended or prepared: by the simple protocol a statement is one message with its commit");
	if (run->split_commit && !HAS_PIPELINE)
		refuse(command, "--split-commit needs libpq 14 or later; this client was built with an older one");
	if (run->split_commit && has_profiles(run))
		refuse(command, "--split-commit makes a step of ours two round trips, beside which a profile's would look better than they are; it takes no --profile");
	if (run->split_commit && run->workflow_id != NULL)
		refuse(command, "--workflow-id measures no empty queries, which --split-commit needs; it takes no --split-commit");
	if (run->split_commit && !isnan(options->assume_rtt_ms))
		refuse(command, "--assume-rtt is of steps of one round trip, and --split-commit makes them two; it takes no --split-commit");
	if (run->max_tries > 1 && !only_calls)
		refuse(command, "--max-tries sends a call again, and pipeline and procedure cannot send one step alone; it takes --drive calls alone");
}

/* Two results in one place would overwrite each other; "-" is standard output. */
static void
check_output_names(const Options *options, const char *command)
{
	const char *const outputs[] = {options->json_path, options->csv_path, options->samples_path, options->html_path,
	options->prometheus_path};

	for (int i = 0; i < lengthof(outputs); i++)
	{
		for (int j = 0; j < i; j++)
			if (outputs[i] != NULL && outputs[j] != NULL && strcmp(outputs[i], outputs[j]) == 0 &&
				strncmp(outputs[i], "/dev/", strlen("/dev/")) != 0)
				refuse(command, "two result files have the same name, \"%s\"", outputs[i]);
		if (outputs[i] != NULL && strcmp(outputs[i], OUTPUT_STDOUT) == 0)
			output_take_stdout();
	}
}

static void
check_files(const Options *options, const Given *given, const char *command)
{
	if (options->command == COMMAND_REPORT)
	{
		if (options->nleft == 0)
			refuse(command, "report needs a result file: what run --json wrote");
		if (options->html_path != NULL && (options->csv_path != NULL || options->plot_dir != NULL || options->full ||
			options->prometheus_path != NULL))
			refuse(command, "--html puts everything of all files on one page; it takes no --full, --csv, --plot and --prometheus");
		if (options->nleft > 1 && (options->csv_path != NULL || options->plot_dir != NULL || options->prometheus_path != NULL))
			refuse(command, "--csv, --plot and --prometheus take one result file at a time");
		check_output_names(options, command);
	}
	else if (options->nleft == 0 || options->nright == 0)
		refuse(command, given->against ? "compare needs result files before and after --against" :
			   "compare needs two sides: A.json... --against B.json...");
}

/* An option that nothing heeds would make somebody believe that something did. */
static void
check_uses(const Options *options, const char *command)
{
	const struct
	{
		int			use;
		const char *name;
		bool		given;
	}			given[] = {
		{USES_SIZES, "sizes", options->sizes_given},
		{USES_DRIVES, "drive", options->drives_given},
		{USES_ORIGINS, "origin", options->origins_given},
		{USES_PAYLOAD, "payload", options->payload_path != NULL},
		{USES_RATE, "rate", options->rate > 0},
		{USES_BUDGET, "budget", options->budget_ns > 0},
		{USES_TO, "to", options->to > 0},
		{USES_CLIENTS, "clients", options->clients > 0},
	};
	int			uses = 0;

	for (int i = 0; experiment_list[i] != NULL; i++)
		if (strcmp(options->experiment, "all") == 0 || strcmp(options->experiment, experiment_list[i]->name) == 0)
			uses |= experiment_list[i]->uses;
	for (int i = 0; i < lengthof(given); i++)
		if (given[i].given && (uses & given[i].use) == 0)
			refuse(command, "--%s does nothing in the experiment %s", given[i].name, options->experiment);
}

/* What it is of, and its files. */
static void
check_experiment(const Options *options, const char *command)
{
	char	   *names = NULL;

	for (int i = 0; experiment_list[i] != NULL; i++)
		text_add(&names, "%s%s", i > 0 ? ", " : "", experiment_list[i]->name);
	if (options->experiment == NULL)
		refuse(command, "experiment needs a name: %s or all", names);
	if (strcmp(options->experiment, "all") != 0 && experiment_by_name(options->experiment) == NULL)
		refuse(command, "there is no experiment of that name before the connection; it is one of %s or all", names);
	free(names);
	check_uses(options, command);
	if (options->sides[0].protocol == PROTOCOL_SIMPLE)
		refuse(command, "experiments send payloads as binary, which --protocol simple cannot; extended and prepared do");
	check_output_names(options, command);
}

void
options_check(Options *options, const Given *given, const char *command)
{
	if (options->command == COMMAND_REPORT || options->command == COMMAND_COMPARE)
	{
		check_files(options, given, command);
		return;
	}
	if (options->command == COMMAND_EXPERIMENT)
		check_experiment(options, command);
	for (int side = 0; side < options->run.nsides; side++)
	{
		const char *conninfo = options->sides[side].conninfo;
		char		mistake[CONNINFO_MISTAKE_SIZE];

		if (conninfo != NULL && conninfo_mistake(conninfo, mistake, sizeof(mistake)))
			refuse(command, "%s%s", side > 0 ? "--against: " : "", mistake);
	}
	if (options->command == COMMAND_RUN || options->command == COMMAND_CHECK)
	{
		check_drives(options, command);
		if (options->run.split_commit)
			options->run.baselines = false;	/* they are of one round trip */
		add_beside_profiles(options, command);
		check_labels(options, given, command);
		if (options->run.workflow_id != NULL)
			check_workflow_id(options, given, command);
		check_output_names(options, command);
	}

	if (options->command == COMMAND_TRACE)
	{
		if (options->listen == NULL)
			refuse(command, "trace needs --listen PORT: where the program is to connect to instead of its server");
		check_output_names(options, command);
	}
	if (options->command == COMMAND_INSPECT)
		check_output_names(options, command);

	/* the sides differ by their connection strings alone */
	options->sides[1] = (SessionSettings) {
		.conninfo = options->sides[1].conninfo,
		.protocol = options->sides[0].protocol,
		.timeout_s = options->sides[0].timeout_s,
	};
}
