/*
 * help_pages.c
 *	  The commands and options as pages of the documentation, made of the same
 *	  tables as --help.  "make docs" writes them where they belong.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_table.h"

typedef struct Format
{
	void		(*put) (const char *text, size_t length);	/* as it stands */
	const char *line_begin;		/* around a line of prose */
	const char *line_end;
	const char *code_begin;		/* around lines of code */
	const char *code_end;
} Format;

/* A text of the tables, in which lines that begin with a tab are code. */
static void
print_text(const Format *format, const char *text)
{
	bool		in_code = false;

	while (*text != '\0')
	{
		size_t		length = strcspn(text, "\n");
		bool		is_code = *text == '\t';

		if (in_code && !is_code)
			fputs(format->code_end, stdout);
		if (is_code && !in_code)
			fputs(format->code_begin, stdout);
		in_code = is_code;
		if (is_code)
		{
			format->put(text + 1, length - 1);
			putchar('\n');
		}
		else if (length > 0)
		{
			fputs(format->line_begin, stdout);
			format->put(text, length);
			fputs(format->line_end, stdout);
		}
		text += length + (text[length] == '\n');
	}
	if (in_code)
		fputs(format->code_end, stdout);
}

static void
print_command_text(const Format *format, Command command)
{
	char	   *text = command_text(command);

	print_text(format, text);
	free(text);
}

/* ------------------------------------------------------------------------
 * Markdown
 * ------------------------------------------------------------------------
 */

static void
markdown_text(const char *text, size_t length)
{
	fwrite(text, 1, length, stdout);
}

static const Format markdown = {markdown_text, "", "\n\n", "```\n", "```\n\n"};

/* A cell of a table: no line breaks, and bars are escaped. */
static void
markdown_cell(const char *text)
{
	for (; *text != '\0'; text++)
	{
		if (*text == '|')
			putchar('\\');
		putchar(*text == '\n' ? ' ' : *text);
	}
}

static void
markdown_option(const OptionRule *rule)
{
	fputs("| `", stdout);
	if (rule->code <= UCHAR_MAX)
		printf("-%c, ", rule->code);
	printf("--%s", rule->name);
	if (rule->argument != NULL)
	{
		putchar('=');
		markdown_cell(rule->argument);
	}
	fputs("` | ", stdout);
	markdown_cell(rule->help);
	fputs(" | ", stdout);
	if (rule->more != NULL)
		markdown_cell(rule->more);
	puts(" |");
}

static void
markdown_command(Command command)
{
	const CommandRule *rule = &command_rules[command];
	OptionGroup group = GROUP_COUNT;

	printf("### `%s`\n\n`dbos_payload_bench %s [OPTION]... %s`\n\n", rule->name, rule->name,
		   rule->arguments);
	print_command_text(&markdown, (Command) (rule - command_rules));
	for (int i = 0; i < noption_rules; i++)
	{
		const OptionRule *option = &option_rules[i];

		if (!option_belongs(option, command))
			continue;
		if (option->group != group)
		{
			if (group != GROUP_COUNT)
				putchar('\n');
			group = option->group;
			printf("| %s | | |\n|---|---|---|\n", option_groups[group]);
		}
		markdown_option(option);
	}
	putchar('\n');
	print_text(&markdown, rule->after);
}

void
print_help_markdown(void)
{
	puts("| command | does |\n|---|---|");
	for (int i = 0; i < COMMAND_COUNT; i++)
		printf("| [`%s`](#%s) | %s |\n", command_rules[i].name, command_rules[i].name,
			   command_rules[i].summary);
	putchar('\n');
	print_text(&markdown, program_text);
	print_text(&markdown, program_after);
	for (int i = 0; i < COMMAND_COUNT; i++)
		markdown_command((Command) i);
}

/* ------------------------------------------------------------------------
 * The manual's page, in man(7)
 * ------------------------------------------------------------------------
 */

/* Text that troff prints as it stands. */
static void
man_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (i == 0 && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", stdout);
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else if (text[i] == '-')
			fputs("\\-", stdout);
		else if (text[i] == '\'')
			fputs("\\(aq", stdout);
		else if (text[i] == '\n')
			putchar(' ');
		else
			putchar(text[i]);
	}
}

static const Format man = {man_text, ".PP\n", "\n", ".PP\n.RS 4\n.nf\n", ".fi\n.RE\n"};

static void
man_option(const OptionRule *rule)
{
	bool		first = true;

	puts(".TP");
	fputs(".B \"", stdout);
	if (rule->code <= UCHAR_MAX)
		printf("\\-%c, ", rule->code);
	fputs("\\-\\-", stdout);
	man_text(rule->name, strlen(rule->name));
	if (rule->argument != NULL)
	{
		putchar('=');
		man_text(rule->argument, strlen(rule->argument));
	}
	puts("\"");
	man_text(rule->help, strlen(rule->help));
	puts(".");
	if (rule->more != NULL)
	{
		man_text(rule->more, strlen(rule->more));
		putchar('\n');
	}
	fputs("(", stdout);
	for (int c = 0; c < COMMAND_COUNT; c++)
		if (option_belongs(rule, (Command) c))
		{
			printf("%s%s", first ? "" : ", ", command_rules[c].name);
			first = false;
		}
	puts(")");
}

void
print_help_man(void)
{
	puts(".\\\" made by \"make docs\" of the program's own tables\n"
		 ".TH DBOS_PAYLOAD_BENCH 1 \"\" \"dbos_payload " DBOS_PAYLOAD_VERSION "\" \"dbos_payload\"\n"
		 ".SH NAME");
	fputs("dbos_payload_bench \\- ", stdout);
	man_text(program_summary, strlen(program_summary));
	puts("\n.SH SYNOPSIS");
	for (int i = 0; i < COMMAND_COUNT; i++)
	{
		printf("%s.B dbos_payload_bench %s\n[\\fIOPTION\\fR]... ", i > 0 ? ".br\n" : "",
			   command_rules[i].name);
		man_text(command_rules[i].arguments, strlen(command_rules[i].arguments));
		putchar('\n');
	}
	puts(".SH DESCRIPTION");
	print_text(&man, program_text);
	print_text(&man, program_after);
	puts(".SH COMMANDS");
	for (int i = 0; i < COMMAND_COUNT; i++)
	{
		printf(".SS %s\n", command_rules[i].name);
		print_command_text(&man, (Command) i);
		print_text(&man, command_rules[i].after);
	}
	puts(".SH OPTIONS");
	for (OptionGroup group = 0; group < GROUP_COUNT; group++)
	{
		printf(".SS %s\n", option_groups[group]);
		for (int i = 0; i < noption_rules; i++)
			if (option_rules[i].group == group)
				man_option(&option_rules[i]);
	}
	puts(".SH SEE ALSO\n.BR psql (1),\n.BR pgbench (1)");
}
