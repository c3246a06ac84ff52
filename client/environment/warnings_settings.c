/*
 * warnings_settings.c
 *	  Judge the server's settings, by a table.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "environment/facts.h"
#include "util/memory.h"
#include "util/numbers.h"

typedef struct SettingRule
{
	const char *name;
	const char *condition;		/* when it is not harmless: see applies(); NULL: only shown */
	Level		level;
	const char *matters;		/* what another value would do */
	const char *text;			/* what this value does, and what to do about it */
} SettingRule;

#define LOGGED "writing the log takes time in every step and grows with the statement. "
#define STATISTICS "the server writes statistics to its log for every statement: the figures hold that too. Set it to off."
#define DEBUG "the server writes every statement's tree to its log: the figures hold that too. Set it to off."

static const SettingRule rules[] = {
	/* what a commit waits for */
	{"fsync", "= off", LEVEL_UNSAFE, "off would leave the flush out of every commit",
	"commits are not flushed to disk: what a durable commit waits for, the floor of every small step, is not in the figures. Set fsync = on."},
	{"synchronous_commit", "= off", LEVEL_UNSAFE, "off would acknowledge a step before it is on disk",
	"a step is acknowledged before its commit is on disk, and a crash can lose it: commit looks like nothing. Set synchronous_commit = on, for this connection by PGOPTIONS='-c synchronous_commit=on'."},
	{"full_page_writes", "= off", LEVEL_WARNING, "off would write less WAL than is safe",
	"the server writes less WAL than one that survives a torn page: store and WAL bytes come out too small. Set full_page_writes = on."},
	{"commit_delay", "> 0", LEVEL_WARNING, "above 0 would let a commit wait for others",
	"a commit waits this many microseconds while commit_siblings other transactions are open: it shows in commit, and not always. Set commit_delay = 0."},
	{"wal_level", "= minimal", LEVEL_WARNING, "minimal would write less WAL than others do",
	"the server writes less WAL than one that can be replicated or archived: store and WAL bytes can come out too small. The default is replica."},
	{"wal_compression", "!= off", LEVEL_WARNING, "on would trade CPU time in store for less WAL",
	"images of pages are compressed: less WAL, more CPU time in store, and random payloads get nothing for it (--compressible makes others). The default is off."},
	{"wal_sync_method", NULL, LEVEL_OK, "decides how long commit takes", NULL},
	{"max_wal_size", NULL, LEVEL_OK, "small would put checkpoints into the run", NULL},
	{"checkpoint_timeout", "< 300", LEVEL_WARNING, "short would put checkpoints into the run",
	"checkpoints come more often than by default (5min); after each, the first change of every page writes the whole page to WAL, so that some steps are slower. Set checkpoint_timeout = 5min or more."},
	{"shared_buffers", "< 4096", LEVEL_WARNING, "small would make steps write out old pages",
	"with so little memory a large step has to write out other pages before it can store its own: store comes out too large. Set shared_buffers = 128MB or more."},
	{"track_io_timing", "= on", LEVEL_WARNING, "on would add clock readings to reads and writes",
	"the server reads the clock twice for each block that it reads or writes; it shows in store where the server's clock is slow (see pg_test_timing)."},
	{"track_wal_io_timing", "= on", LEVEL_WARNING, "on would add clock readings to each WAL write",
	"the server reads the clock around each write and flush of WAL; it shows in commit where the server's clock is slow (see pg_test_timing)."},
	{"track_functions", "= all", LEVEL_WARNING, "all would count and time each call",
	"the server counts and times every call of a C function: it shows in parse and unattributed. Set track_functions = none or pl."},

	/* what writes to the log */
	{"log_statement", "= all", LEVEL_WARNING, "all would write each statement to the log",
	LOGGED "With --origin client the log receives every payload too. Set log_statement = none."},
	{"log_duration", "= on", LEVEL_WARNING, "on would write a line for each statement",
	LOGGED "Set log_duration = off."},
	{"log_min_duration_statement", ">= 0", LEVEL_WARNING, "0 or more would log slow statements",
	"statements that take this long are written to the log, with --origin client together with their payloads: slow steps become slower. Set log_min_duration_statement = -1."},
	{"log_min_duration_sample", ">= 0", LEVEL_WARNING, "0 or more would log some slow statements",
	"a sample of the statements that take this long is written to the log: some slow steps become slower. Set log_min_duration_sample = -1."},
	{"log_transaction_sample_rate", "> 0", LEVEL_WARNING, "above 0 would log some transactions",
	"a sample of all transactions is written to the log: some steps become slower. Set log_transaction_sample_rate = 0."},
	{"log_parameter_max_length_on_error", "!= 0", LEVEL_WARNING, "others would write the payloads of failed steps to the log",
	"a step that fails is logged with its parameters, and they are sent back to the client with the message: with --origin client a payload of 1 MB comes twice as text. Set log_parameter_max_length_on_error = 0."},
	{"log_parser_stats", "= on", LEVEL_WARNING, "on would write to the log", STATISTICS},
	{"log_planner_stats", "= on", LEVEL_WARNING, "on would write to the log", STATISTICS},
	{"log_executor_stats", "= on", LEVEL_WARNING, "on would write to the log", STATISTICS},
	{"log_statement_stats", "= on", LEVEL_WARNING, "on would write to the log", STATISTICS},
	{"debug_print_parse", "= on", LEVEL_WARNING, "on would write to the log", DEBUG},
	{"debug_print_rewritten", "= on", LEVEL_WARNING, "on would write to the log", DEBUG},
	{"debug_print_plan", "= on", LEVEL_WARNING, "on would write to the log", DEBUG},
	{"log_min_messages", "begins debug", LEVEL_WARNING, "debug would write much to the log",
	"the server writes debugging messages to its log in every step: the figures hold that too. Set log_min_messages = warning."},
	{"client_min_messages", "begins debug", LEVEL_WARNING, "debug would send messages to the client",
	"the server sends debugging messages to the client: they count as network and as bytes on the wire. Set client_min_messages = notice."},
	{"auto_explain.log_min_duration", ">= 0", LEVEL_WARNING, "0 or more would log and time plans",
	"auto_explain is loaded: it logs the plans of slow statements, and with log_analyze it times every part of every statement. Set auto_explain.log_min_duration = -1."},
	{"pg_stat_statements.track_planning", "= on", LEVEL_WARNING, "on would time each planning",
	"pg_stat_statements times the planning of every statement: it shows in parse. Set pg_stat_statements.track_planning = off."},

	{"bytea_output", NULL, LEVEL_OK, "run sets hex for its own sessions", NULL},

	/* builds and switches for developers */
	{"debug_assertions", "= on", LEVEL_WARNING, "on would make everything slower",
	"this server is built to check itself (--enable-cassert): every part is slower than on one for use. Measure another build."},
	{"debug_discard_caches", "> 0", LEVEL_WARNING, "above 0 would make everything slower",
	"the server throws its caches away all the time: everything is slower by far. Set debug_discard_caches = 0."},
	{"debug_parallel_query", "!= off", LEVEL_WARNING, "on would start a process for a query",
	"the server starts worker processes for queries that need none. Set debug_parallel_query = off."},
	{"force_parallel_mode", "!= off", LEVEL_WARNING, "on would start a process for a query",
	"the server starts worker processes for queries that need none. Set force_parallel_mode = off."},

	/* what can make steps fail or vary */
	{"default_transaction_isolation", "!= read committed", LEVEL_WARNING, "others would turn lost races into errors",
	"a step that loses a race fails with SQLSTATE 40001 and has to be tried again: give --max-tries 3 or more. The default is read committed."},
	{"statement_timeout", "> 0", LEVEL_WARNING, "above 0 would cancel long steps",
	"a step that takes longer is cancelled and counts as failed, so that the slowest ones are missing. Set statement_timeout = 0."},
	{"transaction_timeout", "> 0", LEVEL_WARNING, "above 0 would end the session in a long step",
	"a transaction that takes longer ends the session. Set transaction_timeout = 0."},
	{"autovacuum", "= off", LEVEL_WARNING, "off would let statistics and tables age",
	"nobody looks after the tables: repeated runs leave dead rows behind and the planner's statistics age. Set autovacuum = on."},
	{"dbos_payload.timing", "= off", LEVEL_WARNING, "off would leave the server's parts unknown",
	"the server times no step, so all of its parts are unknown and count as network. Set dbos_payload.timing = on."},
	{"dbos_payload.max_payload_bytes", NULL, LEVEL_OK, "larger payloads would be refused", NULL},
	{"jit", NULL, LEVEL_OK, "compiles only plans above jit_above_cost", NULL},
};

#define NRULES (sizeof(rules) / sizeof(rules[0]))

const char *
judged_setting(int i)
{
	return i >= 0 && (size_t) i < NRULES ? rules[i].name : NULL;
}

/* "= word", "!= word", "begins word", or "> ", ">= ", "< " a number in the setting's own unit */
static bool
applies(const char *condition, const char *shown, double number)
{
	const char *value = condition != NULL ? strchr(condition, ' ') + 1 : NULL;

	if (value == NULL)
		return false;
	switch (*condition)
	{
		case '=':
			return strcmp(shown, value) == 0;
		case '!':
			return strcmp(shown, value) != 0;
		case 'b':
			return strncmp(shown, value, strlen(value)) == 0;
		case '<':
			return number < strtod(value, NULL);
		default:
			return condition[1] == '=' ? number >= strtod(value, NULL) : number > strtod(value, NULL);
	}
}

/* How many standbys a commit waits for: "a, b" is one, "FIRST 2 (a, b)" two. */
static int
standbys_needed(const char *names)
{
	static const char *const methods[] = {"FIRST", "ANY"};
	char	   *end;
	long		number;

	names += strspn(names, " \t");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
	{
		size_t		length = strlen(methods[i]);

		if (strncasecmp(names, methods[i], length) == 0 &&
			(names[length] == ' ' || names[length] == '\t'))
			names += length;
	}
	number = strtol(names, &end, 10);
	end += strspn(end, " \t");
	return *end == '(' && number > 0 ? (int) number : 1;
}

/*
 * Standbys that commits wait for: not wrong, but to be known; unless they are not
 * there, when the first commit would never end.
 */
static void
judge_standbys(const Facts *facts, Environment *environment)
{
	const char *names = fact_setting(facts, "synchronous_standby_names");
	const char *commit = fact_setting(facts, "synchronous_commit");
	const char *connected = fact(facts->server, SERVER_STANDBYS);
	const char *matters = "others would put a standby's answer into commit";
	bool		waits;
	int			needed;

	if (names == NULL || commit == NULL)
		return;
	waits = strcmp(commit, "off") != 0 && strcmp(commit, "local") != 0;
	needed = standbys_needed(names);
	if (*names == '\0' || strcmp(commit, "off") == 0)
		judge_add(environment, "synchronous_standby_names", LEVEL_OK,
				  xstrdup(*names ? names : "none"), matters, NULL);
	else if (!waits)
		judge_add(environment, "synchronous_standby_names", LEVEL_WARNING, xstrdup(names), matters,
				  xstrdup("there are synchronous standbys, but synchronous_commit = local does not wait for them: commit is shorter than that of other sessions here."));
	else if (*connected != '\0' && strtol(connected, NULL, 10) < needed)
		judge_add(environment, "synchronous_standby_names", LEVEL_CANNOT, xstrdup(names), matters,
				  xasprintf("commits wait for %d standby%s of \"%s\" (synchronous_commit = %s), and %s of them %s connected: the first commit would wait for ever. Start the standby, or measure without by PGOPTIONS='-c synchronous_commit=local'.",
							needed, plural(needed), names, commit, connected,
							strcmp(connected, "1") == 0 ? "is" : "are"));
	else
		judge_add(environment, "synchronous_standby_names", LEVEL_WARNING, xstrdup(names), matters,
				  xasprintf("commit waits for a standby (synchronous_commit = %s): the way to it and its disk are part of commit, which the report tells apart.", commit));
}

/* Plans of the statements inside a step hold its payload. */
static void
judge_auto_explain(const Facts *facts, Environment *environment)
{
	const char *nested = fact_setting(facts, "auto_explain.log_nested_statements");
	const char *verbose = fact_setting(facts, "auto_explain.log_verbose");
	const char *level = fact_setting(facts, "auto_explain.log_level");
	bool		logs = fact_number(facts, "auto_explain.log_min_duration") >= 0 &&
		nested != NULL && strcmp(nested, "on") == 0;

	/* from 16 on with the parameters, unless that is switched off */
	bool		parameters = fact_number(facts, "auto_explain.log_parameter_max_length") != 0 &&
		fact_setting(facts, "auto_explain.log_parameter_max_length") != NULL;

	if (nested == NULL)
		return;
	judge_add(environment, "auto_explain.log_nested_statements", logs ? LEVEL_WARNING : LEVEL_OK,
			  xstrdup(nested), "on would log the plans of the statements inside a step",
			  xasprintf("on: the plans of the statements inside each step are logged too%s. Set auto_explain.log_nested_statements = off.",
						parameters || (verbose != NULL && strcmp(verbose, "on") == 0) ?
						level != NULL && strcmp(level, "log") != 0 ?
						", with the whole payload as text, in the log and sent to the client" :
						", with the whole payload as text" : ""));
}

/* The planner compiles nothing as cheap as a step, unless told to. */
static void
judge_jit(const Facts *facts, Environment *environment)
{
	const char *jit = fact_setting(facts, "jit");
	double		cost = fact_number(facts, "jit_above_cost");

	if (jit != NULL && strcmp(jit, "on") == 0 && cost >= 0 && cost < 1000)
		judge_add(environment, "jit_above_cost", LEVEL_WARNING, xasprintf("%.0f", cost),
				  "low would compile every small plan",
				  xstrdup("even the smallest plan is compiled to machine code, which takes far longer than a step. Set jit = off or jit_above_cost = 100000."));
}

/* A setting that this server does not have, or the role may not see, is left out. */
void
judge_settings(const Facts *facts, Environment *environment)
{
	for (size_t i = 0; i < NRULES; i++)
	{
		const SettingRule *rule = &rules[i];
		const char *shown = fact_setting(facts, rule->name);
		bool		bad;

		if (shown == NULL)
			continue;
		bad = applies(rule->condition, shown, fact_number(facts, rule->name));
		judge_add(environment, rule->name, bad ? rule->level : LEVEL_OK, xstrdup(shown),
				  rule->matters,
				  bad ? xasprintf("%s: %s", shown, rule->text) : NULL);
	}
	judge_standbys(facts, environment);
	judge_auto_explain(facts, environment);
	judge_jit(facts, environment);
}
