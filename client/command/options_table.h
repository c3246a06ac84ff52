/*
 * options_table.h
 *	  Every command and every option, once: parsing, --help, the documentation's
 *	  tables and the man page are made of this.
 */
#ifndef OPTIONS_TABLE_H
#define OPTIONS_TABLE_H

#include <getopt.h>

#include "command/options.h"

/* options without a letter; above every char */
typedef enum OptionCode
{
	OPTION_BLOCKS = 256,
	OPTION_WARMUP,
	OPTION_SIZES,
	OPTION_DRIVE,
	OPTION_PROFILE,
	OPTION_ORIGIN,
	OPTION_COMPRESSIBLE,
	OPTION_SEED,
	OPTION_NO_BASELINES,
	OPTION_THINK,
	OPTION_WORKFLOW_ID,
	OPTION_AGAINST,				/* run: a connection */
	OPTION_AGAINST_FILES,		/* compare: the files after it */
	OPTION_LABEL,
	OPTION_RESULT_FORMAT,
	OPTION_MAX_TRIES,
	OPTION_RECONNECT,
	OPTION_TIMEOUT,
	OPTION_ALLOW_UNSAFE,
	OPTION_TRANSCRIPT,
	OPTION_FULL,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_SAMPLES,
	OPTION_PLOT,
	OPTION_HTML,
	OPTION_PROMETHEUS,
	OPTION_ASSUME_RTT,
	OPTION_KEEP,
	OPTION_QUICK,
	OPTION_PAYLOAD,
	OPTION_RATE,
	OPTION_CLIENTS,
	OPTION_BUDGET,
	OPTION_TO,
	OPTION_IGNORE_CONDITIONS,
	OPTION_FAIL_IF_SLOWER,
	OPTION_LISTEN,
	OPTION_SCHEMA,
	OPTION_MODEL,
	OPTION_EXACT,
	OPTION_PORTABLE,
	OPTION_SPLIT_COMMIT,
	OPTION_HELP
} OptionCode;

typedef enum OptionGroup
{
	GROUP_AMOUNT,
	GROUP_WORK,
	GROUP_TALK,
	GROUP_OUTPUT,
	GROUP_OTHER,
	GROUP_COUNT
} OptionGroup;

typedef struct OptionRule
{
	const char *name;
	int			code;			/* its letter, or an OptionCode */
	const char *argument;		/* its value's name; NULL: it takes none */
	int			commands;		/* bits 1 << Command */
	OptionGroup group;
	const char *help;			/* a line of --help */
	const char *more;			/* what a manual adds; NULL: nothing */
} OptionRule;

typedef struct CommandRule
{
	const char *name;
	const char *arguments;		/* after the options */
	const char *summary;		/* a line of --help */
	const char *text;			/* what its own help begins with */
	const char *after;			/* and ends with; lines that begin with a tab are code */
} CommandRule;

extern const CommandRule command_rules[COMMAND_COUNT];
extern const OptionRule option_rules[];
extern const int noption_rules;
extern const char *const option_groups[GROUP_COUNT];

/* what --result-format chooses from */
#define RESULT_FORMATS 2
extern const char *const format_names[RESULT_FORMATS];

/* of all commands together: the program, its arguments, and what to know first */
extern const char *const program_summary;
extern const char *const program_text;
extern const char *const program_after;

/* what a command's help begins with: its text, and what there is to choose from; malloc'd */
extern char *command_text(Command command);

/* the rule of a getopt code, that command's where it has one; NULL: there is none */
extern const OptionRule *option_rule(int code, Command command);

/* does the option belong to that command? */
extern bool option_belongs(const OptionRule *rule, Command command);

/*
 * What getopt_long is to know: the command's own options, and those of the others,
 * so that it can be said that they are that.  long_options is zeroed and has room
 * for MAX_OPTIONS + 1, short_options for SHORT_OPTIONS_SIZE bytes.
 */
#define MAX_OPTIONS 64
#define SHORT_OPTIONS_SIZE (2 * MAX_OPTIONS + 3)

extern void option_make_getopt(Command command, struct option *long_options, char *short_options);

/* help.c: the commands, and one command's options; on standard output */
extern void print_help(void);
extern void print_command_help(Command command);

/* help_pages.c: all of it as a part of a Markdown file, and as a page of the manual; likewise */
extern void print_help_markdown(void);
extern void print_help_man(void);

/* help_completion.c: a script that completes them in bash; likewise */
extern void print_help_bash(void);

#endif							/* OPTIONS_TABLE_H */
