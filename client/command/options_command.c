/*
 * options_command.c
 *	  The first word of the command line: a command, or what asks for help.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_internal.h"
#include "command/options_table.h"
#include "pg/conninfo.h"
#include "util/message.h"

/* room for all commands, with words between them */
#define NAMES_SIZE 128

void
options_fail(const char *command)
{
	print_hint("\"dbos_payload_bench %s%s--help\" shows what is allowed",
			   command, *command ? " " : "");
	exit(1);
}

/* Help and version go to standard output, and that must have worked. */
void
options_finish(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
	{
		print_error("could not write to standard output");
		exit(1);
	}
	exit(0);
}

void
options_print_version(void)
{
	int			libpq = PQlibVersion();

	printf("dbos_payload_bench %s (libpq %d.%d)\n", DBOS_PAYLOAD_VERSION,
		   libpq / 10000, libpq % 10000);
	options_finish();
}

/* "init, check and run": all commands, before the last the given word */
static const char *
command_list(const char *word, char *buffer, size_t size)
{
	size_t		used = 0;

	for (int i = 0; i < COMMAND_COUNT && used < size; i++)
		used += (size_t) snprintf(buffer + used, size - used, "%s%s%s%s",
								  i == 0 ? "" : i < COMMAND_COUNT - 1 ? ", " : " ",
								  i == COMMAND_COUNT - 1 ? word : "",
								  i == COMMAND_COUNT - 1 ? " " : "", command_rules[i].name);
	return buffer;
}

/* help [COMMAND], and what the documentation is made of */
static void
__attribute__((noreturn))
help_command(int argc, char **argv)
{
	const char *topic = argc > 2 ? argv[2] : "";
	char		names[NAMES_SIZE];

	if (*topic == '\0')
		print_help();
	else if (strcmp(topic, "--markdown") == 0)
		print_help_markdown();
	else if (strcmp(topic, "--man") == 0)
		print_help_man();
	else if (strcmp(topic, "--bash") == 0)
		print_help_bash();
	else
	{
		int			i = 0;

		while (i < COMMAND_COUNT && strcmp(topic, command_rules[i].name) != 0)
			i++;
		if (i == COMMAND_COUNT)
		{
			print_error("there is no help on \"%.40s\"; the commands are %s", topic,
						command_list("and", names, sizeof(names)));
			options_fail("");
		}
		print_command_help((Command) i);
	}
	options_finish();
}

Command
parse_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	char		names[NAMES_SIZE];

	if (*word == '\0')
	{
		print_error("no command given; it is one of %s", command_list("and", names, sizeof(names)));
		options_fail("");
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		options_print_version();
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0)
	{
		print_help();
		options_finish();
	}
	if (strcmp(word, "help") == 0)
		help_command(argc, argv);
	for (int i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(word, command_rules[i].name) == 0)
			return (Command) i;

	/* neither a password nor a database name belongs into this message */
	if (*word == '-' || is_conninfo(word))
		print_error("the command comes first: %s", command_list("or", names, sizeof(names)));
	else
		print_error("unknown command \"%.40s\"; it is one of %s", word,
					command_list("and", names, sizeof(names)));
	options_fail("");
}
