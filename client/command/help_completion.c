/*
 * help_completion.c
 *	  Completion for bash, made of the same tables as --help.
 *
 * The script completes commands, a command's options, what options choose from and
 * files, and needs nothing but bash; "--option=value" and "--option value" alike.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "command/options_table.h"
#include "experiment/experiment.h"
#include "sample/sample.h"

#define PROGRAM "dbos_payload_bench"

/* "calls pipeline procedure", all of the names */
static void
print_names(const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		printf("%s%s", i > 0 ? " " : "", names[i]);
}

typedef struct Choices
{
	const char *const *names;	/* NULL: the option's value is no choice */
	int			n;
	bool		list;			/* or several, or "all" */
} Choices;

/* What the option's value is chosen from. */
static Choices
choices_of(const OptionRule *rule)
{
	switch (rule->code)
	{
		case OPTION_DRIVE:
			return (Choices) {drive_names, OWN_DRIVES, true};
		case OPTION_PROFILE:
			return (Choices) {drive_names + FIRST_PROFILE, PROFILES, true};
		case OPTION_ORIGIN:
			return (Choices) {origin_names, ORIGIN_COUNT, true};
		case OPTION_RESULT_FORMAT:
			return (Choices) {format_names, RESULT_FORMATS, false};
		case 'M':
			return (Choices) {protocol_names, PROTOCOL_COUNT, false};
		default:
			return (Choices) {NULL, 0, false};
	}
}

/* has another rule the same name, for other commands? */
static bool
is_shared(const OptionRule *rule)
{
	for (int i = 0; i < noption_rules; i++)
		if (&option_rules[i] != rule && strcmp(option_rules[i].name, rule->name) == 0)
			return true;
	return false;
}

/* "*:-T|*:--time", or the commands that have it; behind another pattern after a bar */
static void
print_pattern(const OptionRule *rule, bool first)
{
	for (int command = 0; command < COMMAND_COUNT; command++)
	{
		const char *name = is_shared(rule) ? command_rules[command].name : "*";

		if (!option_belongs(rule, (Command) command))
			continue;
		if (rule->code <= UCHAR_MAX)
			printf("%s%s:-%c", first ? "" : "|", name, rule->code);
		printf("%s%s:--%s", first && rule->code > UCHAR_MAX ? "" : "|", name, rule->name);
		first = false;
		if (!is_shared(rule))
			break;
	}
}

static bool
takes_file(const OptionRule *rule)
{
	return strcmp(rule->argument, "FILE") == 0 || strcmp(rule->argument, "DIR") == 0;
}

static bool
is_choice(const OptionRule *rule)
{
	return choices_of(rule).names != NULL;
}

/* The cases of an option's value: what it completes to, and those that it does not. */
static void
print_values(void)
{
	bool		first = true;

	for (int i = 0; i < noption_rules; i++)
	{
		const OptionRule *rule = &option_rules[i];

		if (rule->argument == NULL || !(takes_file(rule) || is_choice(rule)))
			continue;
		fputs("\t\t", stdout);
		print_pattern(rule, true);
		if (takes_file(rule))
			printf(") _" PROGRAM "_files \"$current\"%s", strcmp(rule->argument, "DIR") == 0 ? " -d" : "");
		else
		{
			const Choices choices = choices_of(rule);

			fputs(") _" PROGRAM "_words \"$current\" '", stdout);
			print_names(choices.names, choices.n);
			printf("%s'", choices.list ? " all" : "");
		}
		puts("; return ;;");
	}
	fputs("\t\t", stdout);
	for (int i = 0; i < noption_rules; i++)
	{
		const OptionRule *rule = &option_rules[i];

		if (rule->argument == NULL || takes_file(rule) || is_choice(rule))
			continue;
		print_pattern(rule, first);
		first = false;
	}
	puts(") return ;;");
}

/* A command's options, with a "=" behind those that take a value. */
static void
print_options_of(Command command)
{
	printf("\t\t%s) options='", command_rules[command].name);
	for (int i = 0; i < noption_rules; i++)
		if (option_belongs(&option_rules[i], command))
			printf("--%s%s ", option_rules[i].name, option_rules[i].argument != NULL ? "=" : "");
	puts("' ;;");
}

void
print_help_bash(void)
{
	puts("# bash completion for " PROGRAM " " DBOS_PAYLOAD_VERSION ", made of the program's own tables\n"
		 "\n"
		 "# of the words that begin so; the last of a list with commas\n"
		 "_" PROGRAM "_words()\n"
		 "{\n"
		 "\tlocal before= last=$1 i\n"
		 "\n"
		 "\tcase $1 in\n"
		 "\t\t*,*) before=${1%,*}, last=${1##*,} ;;\n"
		 "\tesac\n"
		 "\tCOMPREPLY=($(compgen -W \"$2\" -- \"$last\"))\n"
		 "\tfor i in \"${!COMPREPLY[@]}\"; do\n"
		 "\t\tCOMPREPLY[i]=$before${COMPREPLY[i]}\n"
		 "\tdone\n"
		 "}\n"
		 "\n"
		 "# files, names with blanks too; -d: directories alone\n"
		 "_" PROGRAM "_files()\n"
		 "{\n"
		 "\tlocal name\n"
		 "\n"
		 "\tcompopt -o filenames 2>/dev/null\n"
		 "\twhile IFS= read -r name; do\n"
		 "\t\tCOMPREPLY+=(\"$name\")\n"
		 "\tdone < <(compgen \"${2--f}\" -- \"$1\")\n"
		 "}\n"
		 "\n"
		 "_" PROGRAM "()\n"
		 "{\n"
		 "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous= command=${COMP_WORDS[1]-} options=\n"
		 "\n"
		 "\tCOMPREPLY=()\n"
		 "\tif [ \"$COMP_CWORD\" -gt 1 ]; then\n"
		 "\t\tprevious=${COMP_WORDS[COMP_CWORD - 1]}\n"
		 "\tfi\n"
		 "\t# bash makes three words of --option=value\n"
		 "\tif [ \"$current\" = = ]; then\n"
		 "\t\tcurrent=\n"
		 "\telif [ \"$previous\" = = ]; then\n"
		 "\t\tprevious=${COMP_WORDS[COMP_CWORD - 2]}\n"
		 "\tfi\n"
		 "\n"
		 "\tif [ \"$COMP_CWORD\" -le 1 ]; then");
	fputs("\t\t_" PROGRAM "_words \"$current\" '", stdout);
	for (int i = 0; i < COMMAND_COUNT; i++)
		printf("%s ", command_rules[i].name);
	puts("help --help --version'\n"
		 "\t\treturn\n"
		 "\tfi\n"
		 "\tcase $command:$previous in");
	print_values();
	puts("\tesac\n"
		 "\n"
		 "\tcase $command in");
	for (int i = 0; i < COMMAND_COUNT; i++)
		print_options_of((Command) i);
	fputs("\t\thelp) [ \"$COMP_CWORD\" -gt 2 ] || _" PROGRAM "_words \"$current\" '", stdout);
	for (int i = 0; i < COMMAND_COUNT; i++)
		printf("%s%s", i > 0 ? " " : "", command_rules[i].name);
	puts("'; return ;;\n"
		 "\tesac\n"
		 "\tif [ \"${current#-}\" != \"$current\" ]; then\n"
		 "\t\t_" PROGRAM "_words \"$current\" \"$options\"\n"
		 "\t\tcase ${COMPREPLY[0]-} in\n"
		 "\t\t\t*=) compopt -o nospace 2>/dev/null ;;\n"
		 "\t\tesac\n"
		 "\t\treturn\n"
		 "\tfi");
	fputs("\tcase $command in\n"
		  "\t\treport|compare) _" PROGRAM "_files \"$current\" ;;\n"
		  "\t\texperiment) [ \"$COMP_CWORD\" -gt 2 ] || _" PROGRAM "_words \"$current\" '", stdout);
	for (int i = 0; experiment_list[i] != NULL; i++)
		printf("%s ", experiment_list[i]->name);
	puts("all' ;;\n"
		 "\tesac\n"
		 "}\n"
		 "\n"
		 "complete -F _" PROGRAM " " PROGRAM);
}
