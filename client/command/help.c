/*
 * help.c
 *	  What --help prints, made of the tables of commands and options.  Each text
 *	  fits in 40 lines of 80 columns.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_table.h"
#include "util/memory.h"
#include "util/message.h"

#define COMMAND_COLUMN 13
#define OPTION_COLUMN 26

void
print_help(void)
{
	printf("dbos_payload_bench: ");
	print_wrapped(stdout, (int) strlen("dbos_payload_bench: "), 0, program_summary);
	puts("\nUsage:\n  dbos_payload_bench COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:");
	for (int i = 0; i < COMMAND_COUNT; i++)
		printf("  %-*s %s\n", COMMAND_COLUMN - 3, command_rules[i].name, command_rules[i].summary);
	puts("\n  -?, --help       this help; COMMAND --help shows a command's options\n"
		 "  -V, --version    the version\n");
	print_wrapped(stdout, 0, 0, program_text);
	putchar('\n');
	print_wrapped(stdout, 0, 0, program_after);
}

/* Is it shown with that command?  Every command has --help and --version. */
static bool
is_listed(const OptionRule *rule, Command command)
{
	return option_belongs(rule, command) && rule->code != OPTION_HELP && rule->code != 'V';
}

/* "  -n, --iterations=N      iterations of a block" */
static void
print_option(const OptionRule *rule)
{
	char		letter[] = "-x, ";
	char	   *form;

	letter[1] = (char) rule->code;
	form = xasprintf("%s--%s%s%s", rule->code <= UCHAR_MAX ? letter : "    ", rule->name,
					 rule->argument ? "=" : "", rule->argument ? rule->argument : "");
	printf("  %-*s ", OPTION_COLUMN - 3, form);
	print_wrapped(stdout, OPTION_COLUMN, OPTION_COLUMN, rule->help);
	free(form);
}

/* A line for each option, under a heading for each group where there are many. */
static void
print_options(Command command)
{
	for (OptionGroup group = 0; group < GROUP_COUNT; group++)
	{
		bool		first = true;

		for (int i = 0; i < noption_rules; i++)
		{
			if (option_rules[i].group != group || !is_listed(&option_rules[i], command))
				continue;
			if (first && command == COMMAND_RUN)
				printf("%s:\n", option_groups[group]);
			first = false;
			print_option(&option_rules[i]);
		}
	}
}

/* Another command's help says what they do: their names alone. */
static void
print_option_names(Command command)
{
	char	   *names = NULL;

	for (int i = 0; i < noption_rules; i++)
	{
		if (is_listed(&option_rules[i], command))
			text_add(&names, "%s--%s", names != NULL ? ", " : "", option_rules[i].name);
	}
	fputs("  ", stdout);
	print_wrapped(stdout, 2, 2, names);
	free(names);
}

void
print_command_help(Command command)
{
	const CommandRule *rule = &command_rules[command];
	bool		dense = command == COMMAND_RUN || command == COMMAND_EXPERIMENT;
	char	   *text = command_text(command);

	printf("Usage: dbos_payload_bench %s [OPTION]... %s\n", rule->name, rule->arguments);
	if (!dense)
		putchar('\n');
	print_wrapped(stdout, 0, 0, text);
	free(text);
	if (!dense)
		putchar('\n');
	if (command == COMMAND_CHECK)
		print_option_names(command);
	else
		print_options(command);
	if (!dense)
		putchar('\n');
	print_wrapped(stdout, 0, 0, rule->after);
}
