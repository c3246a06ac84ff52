/*
 * options_table.c
 *	  The commands and their options.
 *
 * A new option takes a row here, a code in options_table.h, and a case in
 * options.c; "make docs" then writes it into the documentation.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "command/options_table.h"
#include "experiment/experiment.h"
#include "util/memory.h"

#define RUN (1 << COMMAND_RUN)
#define INIT (1 << COMMAND_INIT)
#define CHECK (1 << COMMAND_CHECK)
#define REPORT (1 << COMMAND_REPORT)
#define COMPARE (1 << COMMAND_COMPARE)
#define CLEAN (1 << COMMAND_CLEAN)
#define TRACE (1 << COMMAND_TRACE)
#define INSPECT (1 << COMMAND_INSPECT)
#define EXPERIMENT (1 << COMMAND_EXPERIMENT)
#define EVERY (RUN | EXPERIMENT | INIT | CHECK | REPORT | COMPARE | CLEAN | TRACE | INSPECT)

const char *const format_names[RESULT_FORMATS] = {"text", "binary"};

const char *const option_groups[GROUP_COUNT] = {
	[GROUP_AMOUNT] = "How much is measured",
	[GROUP_WORK] = "What is measured",
	[GROUP_TALK] = "How it talks to the server",
	[GROUP_OUTPUT] = "What is printed and saved",
	[GROUP_OTHER] = "Other",
};

const OptionRule option_rules[] = {
	{"iterations", 'n', "N", RUN | CHECK, GROUP_AMOUNT,
		"iterations of a block (default 30, or what 2 s hold)",
	"1 to 10,000. An iteration does everything that is compared once, in random order. At the default, and without --blocks, a block ends after a tenth of the run's time too, but has 5 iterations at least."},
	{"blocks", OPTION_BLOCKS, "N", RUN | CHECK, GROUP_AMOUNT,
		"blocks, each on fresh connections, and no stop before",
	"1 to 100,000. Intervals are made of the blocks' values: fewer than 6 blocks have none. Without --blocks and --time: until every step's median is known to 5 %, or for 20 s, but 10 blocks at least."},
	{"time", 'T', "SECONDS", RUN | CHECK | TRACE, GROUP_AMOUNT,
		"stop after so long",
	"1 to 2,592,000. run: by default when every median is known; with --blocks whichever comes first; an iteration that would be over later is not begun, but everything is measured once. trace: by default at Ctrl-C."},
	{"warmup", OPTION_WARMUP, "N", RUN | CHECK, GROUP_AMOUNT,
		"of a block, before them, not counted (default 3)",
	"0 to 10,000."},

	{"time", 'T', "SECONDS", EXPERIMENT, GROUP_AMOUNT,
		"measure for so long, of each experiment",
	"1 to 2,592,000. By default an experiment is done within 2 minutes, with --quick within 20 s."},
	{"quick", OPTION_QUICK, NULL, EXPERIMENT, GROUP_AMOUNT,
		"20 s instead of 2 minutes, with wider intervals", NULL},

	{"sizes", OPTION_SIZES, "LIST", EXPERIMENT, GROUP_WORK,
		"payloads of these instead: 1kB,1MB",
	"1 to 100 whole numbers of bytes, as for run; each experiment has its own by default."},
	{"sizes", OPTION_SIZES, "LIST", RUN | CHECK, GROUP_WORK,
		"a step for each: 1,10,1kB,4KiB (default 1 to 1000000)",
	"1 to 100 whole numbers of bytes, alone or with B, kB, MB (powers of 1000), KiB or MiB (powers of 1024) after them; 536,870,000 together at most, and not more than dbos_payload.max_payload_bytes."},
	{"drive", OPTION_DRIVE, "LIST|all", RUN | CHECK | EXPERIMENT, GROUP_WORK,
		"calls (default), pipeline (all at once), procedure",
	"A comma-separated list. calls: a round trip per step; pipeline: all sent at once; procedure: one CALL. In all three each step is a transaction of its own."},
	{"profile", OPTION_PROFILE, "LIST|all", RUN | CHECK, GROUP_WORK,
		"the statements and encodings of DBOS's SDKs, too",
	"A comma-separated list of dbos-python, dbos-typescript, dbos-typescript-buffer, dbos-go, dbos-go-portable, dbos-java. Message by message what these send, in a schema of the run's own; needs no extension, but CREATE on the database. Calls with --origin client stand beside them."},
	{"origin", OPTION_ORIGIN, "LIST|all", RUN | CHECK | EXPERIMENT, GROUP_WORK,
		"who makes the payload: server (default) or client",
	"A comma-separated list. From the client payloads are sent to record_step, as an SDK does."},
	{"compressible", OPTION_COMPRESSIBLE, "PCT", RUN | CHECK, GROUP_WORK,
		"how much of it a compressor can remove (default 0)",
	"0 to 100, in percent."},
	{"seed", OPTION_SEED, "N", RUN | CHECK | EXPERIMENT, GROUP_WORK, "the same payloads and the same order every time",
	"Any 64-bit number. Payloads are then verified byte by byte."},
	{"think", OPTION_THINK, "[exp:]TIME", RUN | CHECK, GROUP_WORK,
		"pause before each step: 5ms, exp:5ms (default 0)",
	"At most an hour. exp: draws each pause from an exponential distribution with that mean. For --drive calls."},
	{"no-baselines", OPTION_NO_BASELINES, NULL, RUN | CHECK, GROUP_WORK,
		"leave out the calls that skip parts of the way",
	"Baselines are a call of nothing, a payload received and dropped, made and returned, replayed, and a bare INSERT."},
	{"split-commit", OPTION_SPLIT_COMMIT, NULL, RUN | CHECK, GROUP_WORK,
		"a step and its commit in messages of their own",
	"The client then sees the commit by itself: its round trip less an empty query's, also where the server tells no times. For --drive calls; there are no other baselines."},
	{"workflow-id", OPTION_WORKFLOW_ID, "ID", RUN | CHECK, GROUP_WORK,
		"go on with this workflow, once",
	"1 to 1,024 bytes. Recorded steps are replayed and not counted. One drive, one origin and the sizes that it was begun with."},
	{"payload", OPTION_PAYLOAD, "FILE", EXPERIMENT, GROUP_WORK,
		"compression: a payload of yours, beside those made",
	"1 byte to 100 MB."},
	{"clients", OPTION_CLIENTS, "N", EXPERIMENT, GROUP_WORK,
		"concurrency: up to so many at once (default 16)",
	"1 to 1,000. Each has a connection of its own, and two more are needed."},
	{"rate", OPTION_RATE, "N", EXPERIMENT, GROUP_WORK,
		"concurrency: steps a second that are due; storage: that are kept",
	"1 to 1,000,000. Concurrency counts latency from when a step was due; storage says what that many take a day (default 10)."},
	{"budget", OPTION_BUDGET, "TIME", EXPERIMENT, GROUP_WORK,
		"budget: the time that a step may take (default 10ms)",
	"At most an hour."},
	{"to", OPTION_TO, "N", EXPERIMENT, GROUP_WORK,
		"growth: recorded steps to go up to (default 1000000)",
	"10,000 to 1,000,000,000."},
	{"against", OPTION_AGAINST, "CONNINFO", RUN, GROUP_WORK, "a second side, measured in turn with the first",
	"Whatever two connection strings can carry is compared: two servers, two databases, or settings (options='-c ...')."},
	{"label", OPTION_LABEL, "TEXT", RUN, GROUP_WORK, "your name for this run; one for each side",
	"At most 200 bytes, no control characters; kept in the result file."},

	{"protocol", 'M', "NAME", RUN | CHECK | EXPERIMENT, GROUP_TALK, "simple, extended (default) or prepared", NULL},
	{"result-format", OPTION_RESULT_FORMAT, "F", RUN | CHECK, GROUP_TALK,
		"payloads as binary (default) or text (simple: text)",
	"Both ways: payloads that the client sends, too. Text is hex."},
	{"max-tries", OPTION_MAX_TRIES, "N", RUN | CHECK, GROUP_TALK,
		"tries per call on serialization failure (default 1)",
	"1 to 1,000, on SQLSTATE 40001 and 40P01. Calls that were sent again are counted and left out. For --drive calls."},
	{"reconnect", OPTION_RECONNECT, NULL, RUN | CHECK, GROUP_TALK, "go on after a lost connection", NULL},
	{"timeout", OPTION_TIMEOUT, "SECONDS", RUN | CHECK | EXPERIMENT | INIT | CLEAN | INSPECT, GROUP_TALK,
		"give a silent server up after so long (default never)",
	"0 to 2,592,000; 0: never. The call is cancelled, and the server gets that long again to say so. Without it an attempt to connect has 10 s, or what connect_timeout says. For inspect it is each statement's limit, 30 s without it."},
	{"allow-unsafe", OPTION_ALLOW_UNSAFE, NULL, RUN | CHECK | EXPERIMENT, GROUP_TALK,
	"run although commits here are not durable", NULL},

	{"listen", OPTION_LISTEN, "PORT", TRACE, GROUP_TALK,
		"where the program is to connect to: [ADDR:]PORT",
	"Port 0 is any free one. Without an address from this host alone; an address with colons is in brackets, * is all that there are. There is no TLS on this way."},

	{"progress", 'P', "SECONDS", RUN | EXPERIMENT | TRACE, GROUP_OUTPUT, "a line every so often",
	"A terminal gets one without."},
	{"transcript", OPTION_TRANSCRIPT, NULL, RUN, GROUP_OUTPUT,
	"the experiment's own lines, of one iteration", NULL},
	{"full", OPTION_FULL, NULL, RUN | EXPERIMENT | REPORT | INSPECT, GROUP_OUTPUT, "every table, and not only the answer", NULL},
	{"json", OPTION_JSON, "FILE", RUN | EXPERIMENT | TRACE | INSPECT, GROUP_OUTPUT, "all figures, for report and other programs",
	"-: standard output; what is printed then goes to standard error."},
	{"csv", OPTION_CSV, "FILE", RUN | REPORT, GROUP_OUTPUT, "a line per step and part",
	"-: likewise."},
	{"samples", OPTION_SAMPLES, "FILE", RUN | TRACE, GROUP_OUTPUT, "every single measurement",
	"In nanoseconds; -: likewise."},
	{"plot", OPTION_PLOT, "DIR", RUN | EXPERIMENT | REPORT, GROUP_OUTPUT, "pictures, by gnuplot",
	"With their data and programs, so that they can be changed."},
	{"html", OPTION_HTML, "FILE", RUN | EXPERIMENT | TRACE | INSPECT | REPORT, GROUP_OUTPUT, "one page to read it on, pictures and all",
	"It needs no network and no other file; report puts all FILES on it. -: standard output, likewise."},
	{"prometheus", OPTION_PROMETHEUS, "FILE", RUN | REPORT, GROUP_OUTPUT, "medians, for node_exporter's textfile collector",
	"Times in seconds with their intervals, and bytes. A collector reads only names that end in .prom; the file is there whole or not at all. -: likewise."},
	{"assume-rtt", OPTION_ASSUME_RTT, "TIME", RUN, GROUP_OUTPUT,
		"what it would cost at that round trip: 200us, 5ms, 1s",
	"At most an hour."},
	{"keep", OPTION_KEEP, NULL, RUN | CHECK, GROUP_OUTPUT,
	"leave the rows that it wrote (default: delete them)", NULL},

	{"portable", OPTION_PORTABLE, NULL, INIT, GROUP_WORK, "without C: tables and functions in SQL and PL/pgSQL",
	"For the owner of a database on a server where the extension is not installed. run --origin client works with it; payloads are not made there and nothing is timed. DROP SCHEMA dbos_payload CASCADE takes it away."},

	{"schema", OPTION_SCHEMA, "NAME", INSPECT, GROUP_WORK, "the schema of DBOS's tables (default dbos)",
	"As it is named, without quotes."},
	{"model", OPTION_MODEL, "FILE", INSPECT, GROUP_WORK, "a run on that server: what advice saves, in ms and WAL",
	"What run --json wrote; best with --origin client, as an SDK sends what it stores."},
	{"exact", OPTION_EXACT, NULL, INSPECT, GROUP_WORK, "read every page, however large a table is",
	"Without it, tables above 512 MB (not counting TOAST, which is never read) are sampled, and what takes joins or sorting from 128 and 16 MB on. The report says what was."},

	{"against", OPTION_AGAINST_FILES, NULL, COMPARE, GROUP_OTHER,
	"the files after it are the other side", NULL},
	{"ignore-conditions", OPTION_IGNORE_CONDITIONS, NULL, COMPARE, GROUP_OTHER,
	"compare although settings that matter differ", NULL},
	{"fail-if-slower", OPTION_FAIL_IF_SLOWER, "PCT", COMPARE, GROUP_OTHER,
		"exit status 3 if B takes more than PCT % longer",
	"0 to 1,000, such as 10 or 2.5: where a step's or a workflow's own time is shown to, by the pairs' intervals; with one run a side, by those within the two runs, which know nothing of what differs from one run to the next: PCT has to leave room for that. Where it cannot be said, the exit status is 1."},
	{"help", OPTION_HELP, NULL, EVERY, GROUP_OTHER, "a command's options (also -?)", NULL},
	{"version", 'V', NULL, EVERY, GROUP_OTHER, "the version, and libpq's", NULL},
};

const int	noption_rules = (int) (sizeof(option_rules) / sizeof(option_rules[0]));

const char *const program_summary =
"measure what a durable workflow's checkpoints cost in PostgreSQL, by the size of their payload, and where the time goes";

const char *const program_text =
"CONNINFO is a database name, a connection string (\"host=db.example user=me\") or a URI (postgresql://me@db.example/app), as for psql. The environment (PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE, PGPASSFILE) works as for psql too.";

const char *const program_after =
"A first measurement:\n"
"\tdbos_payload_bench init mydb\n"
"\tdbos_payload_bench check mydb\n"
"\tdbos_payload_bench run --json before.json mydb\n"
"What another setting, compression, server or version would make of it:\n"
"\tdbos_payload_bench run mydb --against \"dbname=other host=db.example\"\n"
"What it printed, again, and with every table:\n"
"\tdbos_payload_bench report --full before.json\n"
"\n"
"Exit status: 0 all steps succeeded, 1 could not start, 2 some steps failed, 130 interrupted (what there is was printed and saved).";

const CommandRule command_rules[COMMAND_COUNT] = {
	[COMMAND_INIT] = {"init", "[CONNINFO]",
		"create the extension dbos_payload in the database",
		"Create the extension dbos_payload in the database, where it is missing. Its objects are all in the schema dbos_payload. Two at once both succeed.",
		"The extension must be installed on the server first (make && sudo make install in its source), and only a superuser may create it. Where C cannot be installed, the owner of a database can have the part of it that needs none:\n"
		"\tdbos_payload_bench init --portable mydb\n"
		"Afterwards, with either:\n"
		"\tdbos_payload_bench check mydb\n"
	"\nExit status: 0 it is there, 1 it is not."},
	[COMMAND_CHECK] = {"check", "[CONNINFO]",
		"read the server and say what would falsify a measurement",
		"Read the server, the connection and this host, and say of each thing what it would do to the figures of run:\n"
		"\tok        nothing\n"
		"\twarning   the figures hold, but for this setting too: read what it says\n"
		"\tunsafe    they would be those of a server that can lose commits; run refuses\n"
		"\t          without --allow-unsafe\n"
		"\tcannot    run would fail\n"
		"Give it the options that you will give to run, to have those judged as well. Nothing is written to the database.",
		"\tdbos_payload_bench check --sizes 1,20MB -M prepared mydb\n"
	"\nExit status: 0 run would start (there may be warnings), 1 it would not: no connection, no extension, something unsafe, or something that it cannot do."},
	[COMMAND_RUN] = {"run", "[CONNINFO]",
		"time seven steps of 1 byte to 1 MB against one with all of it",
		"Time a step for each size, and one for all together, and split the time.",
	"\tdbos_payload_bench run --drive all --assume-rtt 5ms --json run.json mydb"},
	[COMMAND_EXPERIMENT] = {"experiment", "NAME|all [CONNINFO]",
		"answer one question by measuring: compression, ...",
		"Answer one question by measuring, on your own server, in 2 minutes at most: a conclusion with its figures, a table, and by --html, --json and --plot all of it; of all experiments together a page. Everything is written into a schema of its own, which is dropped at the end; nothing of yours is changed. It needs CREATE on the database, and says beforehand if it needs more. NAME is \"all\", or one of",
		"\tdbos_payload_bench experiment compression --payload order.json mydb\n"
		"Ctrl-C keeps what there is, marked as partial.\n"
	"\nExit status: 0 answered, 1 could not start, 2 something failed, 130 interrupted."},
	[COMMAND_REPORT] = {"report", "FILE...",
		"print what a run printed, again, from its result file",
		"Print what a run, an experiment, a trace or an inspection printed, again, from its result file (--json): the same figures to the last digit, since nothing is worked out anew.",
		"\tdbos_payload_bench report --full run.json | less\n"
	"\nExit status: 0 printed, 1 a file could not be read, 2 not everything could be written."},
	[COMMAND_COMPARE] = {"compare", "A.json... --against B.json...",
		"set result files of separate runs against each other",
		"Set result files of run (--json) against each other, for what cannot run at once: how much B differs from A at each size, with a 95 % confidence interval. Where the interval holds no difference, it says \"no difference shown\". What can run at once is compared better by run --against, which has no drift between its sides.",
		"Several files on a side are repeated runs of the same thing. Make pairs of runs, one of either side, and turn their order round from pair to pair (A B, B A, A B ...): one file a side cannot tell a finding from the drift between two runs. From six pairs on there are intervals.\n"
		"\tdbos_payload_bench compare old?.json --against new?.json\n"
	"\nExit status: 0 compared, 1 a file could not be read, the conditions differ or --fail-if-slower cannot be said, 3 slower."},
	[COMMAND_CLEAN] = {"clean", "[CONNINFO]",
		"delete the rows of runs that did not get to delete them",
		"Delete the workflows that runs left behind: those that were killed, or lost their server. The rows of a run that is still going on are left alone, and so are those that run --keep was to leave; nothing but runs' own workflows is touched.",
		"\tdbos_payload_bench clean mydb\n"
	"\nExit status: 0 nothing is left of dead runs, 1 something is, or could not be looked for."},
	[COMMAND_TRACE] = {"trace", "[CONNINFO]",
		"say where the time of a running DBOS program goes",
		"Stand between a program and its server, without a change to either: the program's database URL is pointed at --listen's port, and every byte is handed on as it is. What passes is read: which statements belong to which step of which workflow, how long the program works and how long it waits. CONNINFO is the server, with TLS or by a Unix socket where it says so; passwords pass through unread. No payload is kept or written.",
		"\tdbos_payload_bench trace --listen 5433 \"host=db.example dbname=app user=me\"\n"
		"\tDBOS_SYSTEM_DATABASE_URL=postgresql://me@127.0.0.1:5433/app my-program\n"
		"Ctrl-C, or --time's end, prints the report; connections end then, and the program makes new ones where its URL leads.\n"
	"\nExit status: 0 reported, 1 could not start (the port is taken, there is no server), 2 not everything could be written."},
	[COMMAND_INSPECT] = {"inspect", "[CONNINFO]",
		"read a DBOS database: what it holds, and what would save",
		"Read a DBOS database of any SDK and version: workflows and steps by name, sizes, formats, TOAST and compression, bytes on disk, growth, what could be deleted, what is stored twice; and what could be done about it. It needs no extension on the server, and also reads a standby.",
		"It only reads, in one READ ONLY transaction with time limits, and waits for no lock; no payload is read, only lengths. It takes USAGE on the schema and SELECT on its tables; what is missing, it says as a GRANT.\n"
		"\tdbos_payload_bench inspect --full mydb\n"
		"\tdbos_payload_bench run --origin client --json run.json testdb\n"
		"\tdbos_payload_bench inspect --model run.json --json dbos.json mydb\n"
	"\nExit status: 0 read, 1 it could not be read, 2 not everything could be written."},
};

const OptionRule *
option_rule(int code, Command command)
{
	const OptionRule *found = NULL;

	for (int i = 0; i < noption_rules; i++)
		if (option_rules[i].code == code && (found == NULL || option_belongs(&option_rules[i], command)))
			found = &option_rules[i];
	return found;
}

char *
command_text(Command command)
{
	char	   *text = xstrdup(command_rules[command].text);

	if (command == COMMAND_EXPERIMENT)
		for (int i = 0; experiment_list[i] != NULL; i++)
			text_add(&text, "\n\t%-15s%s", experiment_list[i]->name, experiment_list[i]->summary);
	return text;
}

bool
option_belongs(const OptionRule *rule, Command command)
{
	return (rule->commands & (1 << command)) != 0;
}

void
option_make_getopt(Command command, struct option *long_options, char *short_options)
{
	int			n = 0;

	/* '-': arguments keep their places among the options; ':': no messages */
	*short_options++ = '-';
	*short_options++ = ':';
	for (int own = 1; own >= 0; own--)
	{
		for (int i = 0; i < noption_rules; i++)
		{
			const OptionRule *rule = &option_rules[i];
			bool		known = false;

			if (option_belongs(rule, command) != (own == 1))
				continue;
			for (int k = 0; k < n; k++)
				known = known || strcmp(long_options[k].name, rule->name) == 0;
			if (known)
				continue;		/* another command's option of that name */
			if (n == MAX_OPTIONS)
				abort();
			long_options[n].name = rule->name;
			long_options[n].has_arg = rule->argument ? required_argument :
				rule->code == OPTION_AGAINST_FILES ? optional_argument : no_argument;
			long_options[n++].val = rule->code;
			if (rule->code <= UCHAR_MAX)
			{
				*short_options++ = (char) rule->code;
				if (rule->argument != NULL)
					*short_options++ = ':';
			}
		}
	}
	*short_options = '\0';
}
