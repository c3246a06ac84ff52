/*
 * options.c
 *	  The command line.
 *
 * options_table.c holds every option with the commands that take it; one
 * function here reads an option's value.  options_check.c checks what belongs
 * together.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_internal.h"
#include "command/options_table.h"
#include "pg/conninfo.h"
#include "util/message.h"
#include "util/numbers.h"

#define MAX_SECONDS 2592000		/* 30 days */
#define MAX_BLOCKS 100000
#define MAX_TRIES 1000
#define MAX_RATE 1000000		/* a second */
#define MAX_CLIENTS 1000
#define LEAST_TO 10000
#define MAX_TO 1000000000
#define MAX_SLOWER_PERCENT 1000

#define lengthof(array) ((int) (sizeof(array) / sizeof((array)[0])))

/* what getopt returns for an argument that is no option */
#define ARGUMENT 1

static void
set_defaults(Options *options)
{
	Parameters *run = &options->run;
	int64_t		size = 1;

	memset(options, 0, sizeof(*options));
	run->iterations = DEFAULT_BLOCK_ITERATIONS;
	run->warmup = DEFAULT_WARMUP;
	run->nsides = 1;
	run->nsizes = 7;
	for (int i = 0; i < run->nsizes; i++)
	{
		run->sizes[i] = size;
		size *= 10;
	}
	run->drives[DRIVE_CALLS] = true;
	run->origins[ORIGIN_SERVER] = true;
	run->origins_by_default = true;
	run->baselines = true;
	run->binary = true;
	run->max_tries = 1;
	options->sides[0].protocol = PROTOCOL_EXTENDED;
	options->assume_rtt_ms = NAN;
	options->slower_percent = NAN;
	options->schema = "dbos";
}

/* options whose value is an integer of a range */
static const struct
{
	int			code;
	size_t		place;			/* of an int in Options */
	int			low;
	int			high;
}			integers[] = {
	{'n', offsetof(Options, run.iterations), 1, MAX_BLOCK_ITERATIONS},
	{OPTION_BLOCKS, offsetof(Options, run.blocks), 1, MAX_BLOCKS},
	{'T', offsetof(Options, run.time_limit_s), 1, MAX_SECONDS},
	{'P', offsetof(Options, progress_s), 1, MAX_SECONDS},
	{OPTION_WARMUP, offsetof(Options, run.warmup), 0, MAX_BLOCK_ITERATIONS},
	{OPTION_MAX_TRIES, offsetof(Options, run.max_tries), 1, MAX_TRIES},
	{OPTION_TIMEOUT, offsetof(Options, sides[0].timeout_s), 0, MAX_SECONDS},
};

/* those that take none, and what they set */
static const struct
{
	int			code;
	size_t		place;			/* of a bool in Options */
	bool		value;
}			flags[] = {
	{OPTION_NO_BASELINES, offsetof(Options, run.baselines), false},
	{OPTION_RECONNECT, offsetof(Options, run.reconnect), true},
	{OPTION_KEEP, offsetof(Options, run.keep), true},
	{OPTION_ALLOW_UNSAFE, offsetof(Options, allow_unsafe), true},
	{OPTION_TRANSCRIPT, offsetof(Options, transcript), true},
	{OPTION_FULL, offsetof(Options, full), true},
	{OPTION_IGNORE_CONDITIONS, offsetof(Options, ignore_conditions), true},
	{OPTION_EXACT, offsetof(Options, exact), true},
	{OPTION_PORTABLE, offsetof(Options, portable), true},
	{OPTION_SPLIT_COMMIT, offsetof(Options, run.split_commit), true},
	{OPTION_QUICK, offsetof(Options, quick), true},
};

/* those whose value is a name of something */
static const struct
{
	int			code;
	size_t		place;			/* of a text in Options */
}			texts[] = {
	{OPTION_WORKFLOW_ID, offsetof(Options, run.workflow_id)},
	{OPTION_JSON, offsetof(Options, json_path)},
	{OPTION_CSV, offsetof(Options, csv_path)},
	{OPTION_SAMPLES, offsetof(Options, samples_path)},
	{OPTION_PLOT, offsetof(Options, plot_dir)},
	{OPTION_HTML, offsetof(Options, html_path)},
	{OPTION_PROMETHEUS, offsetof(Options, prometheus_path)},
	{OPTION_LISTEN, offsetof(Options, listen)},
	{OPTION_SCHEMA, offsetof(Options, schema)},
	{OPTION_MODEL, offsetof(Options, model_path)},
	{OPTION_PAYLOAD, offsetof(Options, payload_path)},
};

/* A file, directory or label: something must be there. */
static const char *
text_value(const OptionRule *rule, const char *command)
{
	if (*optarg == '\0')
	{
		print_error("--%s needs a value that is not empty", rule->name);
		options_fail(command);
	}
	return optarg;
}

/* Options whose value goes to one place as it is; false: not one. */
static bool
take_simple(const OptionRule *rule, Options *options, const char *command)
{
	char	   *base = (char *) options;

	for (int i = 0; i < lengthof(integers); i++)
	{
		ParseError	error = {""};
		int64_t		value = 0;

		if (integers[i].code != rule->code)
			continue;
		if (!parse_integer(optarg, integers[i].low, integers[i].high, &value, &error))
		{
			print_error("--%s: %s", rule->name, error.text);
			options_fail(command);
		}
		*(int *) (base + integers[i].place) = (int) value;
		return true;
	}
	for (int i = 0; i < lengthof(flags); i++)
	{
		if (flags[i].code != rule->code)
			continue;
		*(bool *) (base + flags[i].place) = flags[i].value;
		return true;
	}
	for (int i = 0; i < lengthof(texts); i++)
	{
		if (texts[i].code != rule->code)
			continue;
		*(const char **) (base + texts[i].place) = text_value(rule, command);
		return true;
	}
	return false;
}

/* Options whose value is a list, a name, a size or a time; false: not one. */
static bool
take_parsed(const OptionRule *rule, Options *options, const char *command)
{
	Parameters *run = &options->run;
	ParseError	error = {""};
	bool		ok;
	int			choice = 0;
	int64_t		number = 0;

	switch (rule->code)
	{
		case OPTION_SIZES:
			options->sizes_given = true;
			ok = parse_sizes(optarg, MAX_PAYLOAD_BYTES, run->sizes, MAX_SIZES, &run->nsizes, &error);
			break;
		case OPTION_DRIVE:
			options->drives_given = true;
			ok = parse_choices(optarg, drive_names, OWN_DRIVES, run->drives, &error);
			if (ok && !HAS_PIPELINE && strcmp(optarg, "all") == 0)
				run->drives[DRIVE_PIPELINE] = false;	/* all that there are */
			break;
		case OPTION_PROFILE:
			ok = parse_choices(optarg, drive_names + FIRST_PROFILE, PROFILES, run->drives + FIRST_PROFILE, &error);
			break;
		case OPTION_ORIGIN:
			options->origins_given = true;
			run->origins_by_default = false;
			ok = parse_choices(optarg, origin_names, ORIGIN_COUNT, run->origins, &error);
			break;
		case OPTION_RESULT_FORMAT:
			ok = parse_choice(optarg, format_names, RESULT_FORMATS, &choice, &error);
			run->binary = choice == 1;
			break;
		case 'M':
			ok = parse_choice(optarg, protocol_names, PROTOCOL_COUNT, &choice, &error);
			options->sides[0].protocol = (Protocol) choice;
			break;
		case OPTION_SEED:
			ok = parse_integer(optarg, INT64_MIN, INT64_MAX, &run->seed, &error);
			run->has_seed = true;
			break;
		case OPTION_FAIL_IF_SLOWER:
			ok = parse_any_percent(optarg, MAX_SLOWER_PERCENT, &options->slower_percent, &error);
			break;
		case OPTION_COMPRESSIBLE:
			ok = parse_percent(optarg, &run->compressible, &error);
			break;
		case OPTION_THINK:
			run->think_exponential = strncmp(optarg, "exp:", strlen("exp:")) == 0;
			ok = parse_duration(run->think_exponential ? optarg + strlen("exp:") : optarg,
								&run->think_ns, &error);
			break;
		case OPTION_BUDGET:
			ok = parse_duration(optarg, &options->budget_ns, &error);
			if (ok && options->budget_ns == 0)
			{
				snprintf(error.text, sizeof(error.text), "no step takes no time; 1us at least");
				ok = false;
			}
			break;
		case OPTION_RATE:
			ok = parse_integer(optarg, 1, MAX_RATE, &number, &error);
			options->rate = (double) number;
			break;
		case OPTION_CLIENTS:
			ok = parse_integer(optarg, 1, MAX_CLIENTS, &number, &error);
			options->clients = (int) number;
			break;
		case OPTION_TO:
			ok = parse_integer(optarg, LEAST_TO, MAX_TO, &options->to, &error);
			break;
		case OPTION_ASSUME_RTT:
			ok = parse_duration(optarg, &number, &error);
			options->assume_rtt_ms = (double) number / 1e6;
			break;
		default:
			return false;
	}
	if (!ok)
	{
		print_error("--%s: %s", rule->name, error.text);
		options_fail(command);
	}
	return true;
}

/* An argument that is no option: a result file or the connection string. */
static void
take_argument(const char *argument, Options *options, Given *given, const char *command)
{
	if (options->command == COMMAND_COMPARE || options->command == COMMAND_REPORT)
	{
		int		   *n = given->against ? &options->nright : &options->nleft;
		const char **files = given->against ? options->right : options->left;

		if (*n == MAX_COMPARE_FILES)
		{
			print_error("more than %d files%s", MAX_COMPARE_FILES,
						options->command == COMMAND_COMPARE ? " on one side" : "");
			options_fail(command);
		}
		files[(*n)++] = argument;
		return;
	}
	if (options->command == COMMAND_EXPERIMENT && options->experiment == NULL)
	{
		options->experiment = argument;
		return;
	}
	if (given->nconninfo++ == 0)
	{
		options->sides[0].conninfo = argument;
		return;
	}

	/* do not quote what can be half of a connection string */
	if (is_conninfo(argument) || is_conninfo(options->sides[0].conninfo))
		print_error("more than one connection string; put all of it into one argument, in quotes: \"host=db.example user=me\"");
	else
		print_error("too many arguments: \"%.40s\" comes after the database name", argument);
	options_fail(command);
}

/* One option with its value in optarg. */
static void
take_option(const OptionRule *rule, Options *options, Given *given, const char *command)
{
	Parameters *run = &options->run;

	given->iterations |= rule->code == 'n';
	given->warmup |= rule->code == OPTION_WARMUP;
	if (take_simple(rule, options, command) || take_parsed(rule, options, command))
		return;
	if (rule->code == OPTION_LABEL)
	{
		if (given->nlabels == MAX_SIDES)
		{
			print_error("--label was given %d times; it names a side, and a run has %d at most",
						given->nlabels + 1, MAX_SIDES);
			options_fail(command);
		}
		run->labels[given->nlabels++] = text_value(rule, command);
		return;
	}

	/* --against, of either command */
	if (given->against)
	{
		print_error("--against was given twice; a %s", rule->code == OPTION_AGAINST ?
					"run has two sides at most" : "comparison has two sides");
		options_fail(command);
	}
	given->against = true;
	if (rule->code == OPTION_AGAINST)
	{
		run->nsides = 2;
		options->sides[1].conninfo = text_value(rule, command);
	}
	else if (optarg != NULL)
		take_argument(optarg, options, given, command);
}

/* Something that getopt does not know, or that lacks or has a value wrongly. */
static void
__attribute__((noreturn))
bad_option(int result, const char *text, Command number, const char *command)
{
	const OptionRule *rule = optopt != 0 ? option_rule(optopt, number) : NULL;

	if (result == ':')
		print_error("option \"%.40s\" needs a value", text);
	else if (rule != NULL)
		print_error("option --%s takes no value", rule->name);
	else if (optopt > ' ' && optopt < 0x7F)
		print_error("unknown option \"-%c\"", optopt);
	else if (optopt != 0)
		print_error("an option is one letter or a word after --");
	else
		print_error("unknown or ambiguous option \"%.*s\"",
					(int) (strcspn(text, "=") < 40 ? strcspn(text, "=") : 40), text);
	options_fail(command);
}

void
parse_options(int argc, char **argv, Options *options)
{
	struct option long_options[MAX_OPTIONS + 1];
	char		short_options[SHORT_OPTIONS_SIZE];
	Given		given;
	const char *command;

	memset(long_options, 0, sizeof(long_options));
	memset(&given, 0, sizeof(given));
	set_defaults(options);
	options->argc = argc;
	options->argv = argv;
	options->command = parse_command(argc, argv);
	command = command_rules[options->command].name;
	option_make_getopt(options->command, long_options, short_options);

	optind = 2;
	for (;;)
	{
		int			before = optind;
		const OptionRule *rule;
		int			result;

		optopt = 0;
		result = getopt_long(argc, argv, short_options, long_options, NULL);
		if (result == -1)
			break;
		if (result == ARGUMENT)
		{
			take_argument(optarg, options, &given, command);
			continue;
		}

		/* getopt says '?' for what it does not know, and -? is among that */
		if (result == OPTION_HELP || (result == '?' && optopt == '?'))
		{
			print_command_help(options->command);
			options_finish();
		}
		if (result == ':' || result == '?')
			bad_option(result, argv[before], options->command, command);
		if (result == 'V')
			options_print_version();
		rule = option_rule(result, options->command);
		if (!option_belongs(rule, options->command))
		{
			print_error("option --%s does not belong to the command \"%s\"", rule->name, command);
			options_fail(command);
		}
		take_option(rule, options, &given, command);
	}
	while (optind < argc)
		take_argument(argv[optind++], options, &given, command);
	options_check(options, &given, command);
}
