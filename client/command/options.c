/*
 * options.c
 *	  The command line.
 *
 * One table holds every option with the commands that take it; one function
 * reads an option's value.  options_check.c checks what belongs together.
 */
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command/help.h"
#include "command/options.h"
#include "command/options_internal.h"
#include "pg/conninfo.h"
#include "util/message.h"
#include "util/numbers.h"

#define MAX_SECONDS INT64_C(2592000)	/* 30 days */
#define MAX_TRIES 1000

static const char *const command_names[] = {
	[COMMAND_RUN] = "run",
	[COMMAND_INIT] = "init",
	[COMMAND_CHECK] = "check",
	[COMMAND_COMPARE] = "compare",
};

static const char *const format_names[] = {"text", "binary"};

#define lengthof(array) ((int) (sizeof(array) / sizeof((array)[0])))

enum
{
	/* options without a letter; above every char */
	OPTION_WARMUP = UCHAR_MAX + 1,
	OPTION_SIZES,
	OPTION_DRIVE,
	OPTION_ORIGIN,
	OPTION_RESULT_FORMAT,
	OPTION_SEED,
	OPTION_COMPRESSIBLE,
	OPTION_NO_ARMS,
	OPTION_WORKFLOW_ID,
	OPTION_MAX_TRIES,
	OPTION_RECONNECT,
	OPTION_KEEP,
	OPTION_TIMEOUT,
	OPTION_ALLOW_UNSAFE,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_SAMPLES,
	OPTION_PLOT,
	OPTION_ASSUME_RTT,
	OPTION_LABEL,
	OPTION_AGAINST,
	OPTION_IGNORE_CONDITIONS,
	OPTION_HELP
};

/* what getopt returns for an argument that is no option */
#define ARGUMENT 1

/* which commands take an option */
#define RUN (1 << COMMAND_RUN)
#define INIT (1 << COMMAND_INIT)
#define CHECK (1 << COMMAND_CHECK)
#define COMPARE (1 << COMMAND_COMPARE)
#define EVERY (RUN | INIT | CHECK | COMPARE)

typedef struct OptionRule
{
	const char *name;
	int			code;			/* its letter, or one of the enum */
	int			has_arg;
	int			commands;
} OptionRule;

static const OptionRule option_rules[] = {
	{"iterations", 'n', required_argument, RUN | CHECK},
	{"time", 'T', required_argument, RUN},
	{"warmup", OPTION_WARMUP, required_argument, RUN | CHECK},
	{"sizes", OPTION_SIZES, required_argument, RUN | CHECK},
	{"drive", OPTION_DRIVE, required_argument, RUN | CHECK},
	{"origin", OPTION_ORIGIN, required_argument, RUN | CHECK},
	{"result-format", OPTION_RESULT_FORMAT, required_argument, RUN | CHECK},
	{"protocol", 'M', required_argument, RUN | CHECK},
	{"seed", OPTION_SEED, required_argument, RUN},
	{"compressible", OPTION_COMPRESSIBLE, required_argument, RUN | CHECK},
	{"no-arms", OPTION_NO_ARMS, no_argument, RUN},
	{"workflow-id", OPTION_WORKFLOW_ID, required_argument, RUN},
	{"max-tries", OPTION_MAX_TRIES, required_argument, RUN},
	{"reconnect", OPTION_RECONNECT, no_argument, RUN},
	{"keep", OPTION_KEEP, no_argument, RUN},
	{"timeout", OPTION_TIMEOUT, required_argument, RUN | INIT | CHECK},
	{"allow-unsafe", OPTION_ALLOW_UNSAFE, no_argument, RUN | CHECK},
	{"progress", 'P', required_argument, RUN},
	{"json", OPTION_JSON, required_argument, RUN},
	{"csv", OPTION_CSV, required_argument, RUN},
	{"samples", OPTION_SAMPLES, required_argument, RUN},
	{"plot", OPTION_PLOT, required_argument, RUN},
	{"assume-rtt", OPTION_ASSUME_RTT, required_argument, RUN},
	{"label", OPTION_LABEL, required_argument, RUN},
	{"against", OPTION_AGAINST, optional_argument, COMPARE},
	{"ignore-conditions", OPTION_IGNORE_CONDITIONS, no_argument, COMPARE},
	{"help", OPTION_HELP, no_argument, EVERY},
	{"version", 'V', no_argument, EVERY},
};

/* '-': arguments keep their places among the options; ':': no messages */
#define SHORT_OPTIONS "-:n:T:M:P:V"

/* Point to the help and end the program. */
void
options_fail(const char *command)
{
	print_hint("\"dbos_payload_bench %s%s--help\" shows what is allowed",
			   command, *command ? " " : "");
	exit(1);
}

/* Help and version go to standard output, and that must have worked. */
static void
__attribute__((noreturn))
finish(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
	{
		print_error("could not write to standard output");
		exit(1);
	}
	exit(0);
}

static void
__attribute__((noreturn))
print_version(void)
{
	int			libpq = PQlibVersion();

	printf("dbos_payload_bench %s (libpq %d.%d)\n", DBOS_PAYLOAD_VERSION,
		   libpq / 10000, libpq % 10000);
	finish();
}

static void
set_defaults(Options *options)
{
	int64_t		size = 1;

	memset(options, 0, sizeof(*options));
	options->iterations = 30;
	options->warmup = 3;
	options->nsizes = 7;
	for (int i = 0; i < options->nsizes; i++)
	{
		options->sizes[i] = size;
		size *= 10;
	}
	options->drives[DRIVE_CALLS] = true;
	options->origins[ORIGIN_SERVER] = true;
	options->binary = true;
	options->protocol = PROTOCOL_EXTENDED;
	options->arms = true;
	options->max_tries = 1;
	options->assume_rtt_ms = NAN;
}

static const OptionRule *
find_rule(int code)
{
	for (int i = 0; i < lengthof(option_rules); i++)
		if (option_rules[i].code == code)
			return &option_rules[i];
	return NULL;
}

/* The first argument names the command, or asks for help. */
static Command
parse_command(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	bool		help = strcmp(word, "help") == 0;

	if (*word == '\0')
	{
		print_error("no command given; it is one of init, check, run and compare");
		options_fail("");
	}
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		print_version();
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0 || strcmp(word, "-h") == 0 ||
		(help && argc == 2))
	{
		print_help();
		finish();
	}
	if (help)
		word = argv[2];
	for (int i = 0; i < lengthof(command_names); i++)
	{
		if (strcmp(word, command_names[i]) != 0)
			continue;
		if (help)
		{
			print_command_help((Command) i);
			finish();
		}
		return (Command) i;
	}

	/* neither a password nor a database name belongs into this message */
	if (*word == '-' || is_conninfo(word))
		print_error("the command comes first: init, check, run or compare");
	else
		print_error("unknown command \"%.40s\"; it is one of init, check, run and compare", word);
	options_fail("");
}

/* An integer option; ends the program where it is not in its range. */
static int
integer_value(const OptionRule *rule, const char *command, int64_t low, int64_t high)
{
	ParseError	error = {""};
	int64_t		value = 0;

	if (!parse_integer(optarg, low, high, &value, &error))
	{
		print_error("--%s: %s", rule->name, error.text);
		options_fail(command);
	}
	return (int) value;
}

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

/* Options whose value is a list, a name, a size or a time; false: not one. */
static bool
take_parsed(const OptionRule *rule, Options *options, const char *command)
{
	ParseError	error = {""};
	bool		ok;
	int			choice = 0;
	int64_t		number = 0;

	switch (rule->code)
	{
		case OPTION_SIZES:
			ok = parse_sizes(optarg, options->sizes, MAX_SIZES, &options->nsizes, &error);
			break;
		case OPTION_DRIVE:
			ok = parse_choices(optarg, drive_names, DRIVE_COUNT, options->drives, &error);
			if (ok && !HAS_PIPELINE && strcmp(optarg, "all") == 0)
				options->drives[DRIVE_PIPELINE] = false;	/* all that there are */
			break;
		case OPTION_ORIGIN:
			ok = parse_choices(optarg, origin_names, ORIGIN_COUNT, options->origins, &error);
			break;
		case OPTION_RESULT_FORMAT:
			ok = parse_choice(optarg, format_names, lengthof(format_names), &choice, &error);
			options->binary = choice == 1;
			break;
		case 'M':
			ok = parse_choice(optarg, protocol_names, PROTOCOL_COUNT, &choice, &error);
			options->protocol = (Protocol) choice;
			break;
		case OPTION_SEED:
			ok = parse_integer(optarg, INT64_MIN, INT64_MAX, &options->seed, &error);
			options->has_seed = true;
			break;
		case OPTION_COMPRESSIBLE:
			ok = parse_percent(optarg, &options->compressible, &error);
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

/* One option with its value in optarg. */
static void
take_option(const OptionRule *rule, Options *options, Given *given, const char *command)
{
	if (take_parsed(rule, options, command))
		return;
	switch (rule->code)
	{
		case 'n':
			options->iterations = integer_value(rule, command, 1, MAX_ITERATIONS);
			given->iterations = true;
			break;
		case 'T':
			options->time_limit_s = integer_value(rule, command, 1, MAX_SECONDS);
			break;
		case 'P':
			options->progress_s = integer_value(rule, command, 1, MAX_SECONDS);
			break;
		case OPTION_WARMUP:
			options->warmup = integer_value(rule, command, 0, MAX_ITERATIONS);
			break;
		case OPTION_MAX_TRIES:
			options->max_tries = integer_value(rule, command, 1, MAX_TRIES);
			break;
		case OPTION_TIMEOUT:
			options->timeout_s = integer_value(rule, command, 0, MAX_SECONDS);
			break;
		case OPTION_NO_ARMS:
			options->arms = false;
			break;
		case OPTION_RECONNECT:
			options->reconnect = true;
			break;
		case OPTION_KEEP:
			options->keep = true;
			break;
		case OPTION_ALLOW_UNSAFE:
			options->allow_unsafe = true;
			break;
		case OPTION_IGNORE_CONDITIONS:
			options->ignore_conditions = true;
			break;
		case OPTION_WORKFLOW_ID:
			options->workflow_id = text_value(rule, command);
			break;
		case OPTION_JSON:
			options->json_path = text_value(rule, command);
			break;
		case OPTION_CSV:
			options->csv_path = text_value(rule, command);
			break;
		case OPTION_SAMPLES:
			options->samples_path = text_value(rule, command);
			break;
		case OPTION_PLOT:
			options->plot_dir = text_value(rule, command);
			break;
		case OPTION_LABEL:
			options->label = text_value(rule, command);
			break;
	}
}

/* An argument that is no option: a result file or the connection string. */
static void
take_argument(const char *argument, Options *options, Given *given, const char *command)
{
	if (options->command == COMMAND_COMPARE)
	{
		int		   *n = given->against ? &options->nright : &options->nleft;
		const char **files = given->against ? options->right : options->left;

		if (*n == MAX_COMPARE_FILES)
		{
			print_error("more than %d files on one side", MAX_COMPARE_FILES);
			options_fail(command);
		}
		files[(*n)++] = argument;
		return;
	}
	if (given->nconninfo++ == 0)
	{
		options->conninfo = argument;
		return;
	}

	/* do not quote what can be half of a connection string */
	if (is_conninfo(argument) || is_conninfo(options->conninfo))
		print_error("more than one connection string; put all of it into one argument, in quotes: \"host=db.example user=me\"");
	else
		print_error("too many arguments: \"%.40s\" comes after the database name", argument);
	options_fail(command);
}

/* Something that getopt does not know, or that lacks or has a value wrongly. */
static void
__attribute__((noreturn))
bad_option(int result, const char *text, const char *command)
{
	const OptionRule *rule = optopt != 0 ? find_rule(optopt) : NULL;

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

/* Fill *options from the command line, or end the program. */
void
parse_options(int argc, char **argv, Options *options)
{
	struct option long_options[lengthof(option_rules) + 1];
	Given		given = {false, false, 0};
	const char *command;
	int			result;

	memset(long_options, 0, sizeof(long_options));
	for (int i = 0; i < lengthof(option_rules); i++)
	{
		long_options[i].name = option_rules[i].name;
		long_options[i].has_arg = option_rules[i].has_arg;
		long_options[i].val = option_rules[i].code;
	}
	set_defaults(options);
	options->argc = argc;
	options->argv = argv;
	options->command = parse_command(argc, argv);
	command = command_names[options->command];

	optind = 2;
	for (;;)
	{
		int			before = optind;
		const OptionRule *rule;

		optopt = 0;
		result = getopt_long(argc, argv, SHORT_OPTIONS, long_options, NULL);
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
			finish();
		}
		if (result == ':' || result == '?')
			bad_option(result, argv[before], command);
		if (result == 'V')
			print_version();
		rule = find_rule(result);
		if (!(rule->commands & (1 << options->command)))
		{
			print_error("option --%s does not belong to the command \"%s\"", rule->name, command);
			options_fail(command);
		}
		if (result == OPTION_AGAINST)
		{
			if (given.against && optarg == NULL)
			{
				print_error("--against was given twice; a comparison has two sides");
				options_fail(command);
			}
			given.against = true;
			if (optarg != NULL)
				take_argument(optarg, options, &given, command);
		}
		else
			take_option(rule, options, &given, command);
	}
	while (optind < argc)
		take_argument(argv[optind++], options, &given, command);
	options_check(options, &given, command);
}
