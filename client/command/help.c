/*
 * help.c
 *	  What --help prints.  Each text fits in 40 lines of 80 columns.
 */
#include <stdio.h>

#include "command/help.h"

static const char overall_help[] =
"dbos_payload_bench measures what a durable workflow's checkpoint costs in\n"
"PostgreSQL, by the size of its payload, and where the time goes.\n"
"\n"
"Usage:\n"
"  dbos_payload_bench COMMAND [OPTION]... [CONNINFO]\n"
"\n"
"Commands:\n"
"  init      create the extension dbos_payload in the database\n"
"  check     read the server and say what would falsify a measurement\n"
"  run       time seven steps of 1 byte to 1 MB against one step with all of it\n"
"  compare   set result files of run against each other\n"
"\n"
"CONNINFO is a database name, a connection string (\"host=db.example user=me\") or\n"
"a URI (postgresql://me@db.example/app), as for psql.  The environment (PGHOST,\n"
"PGPORT, PGUSER, PGDATABASE, PGSERVICE, PGPASSFILE) works as for psql too.\n"
"\n"
"A first measurement:\n"
"  dbos_payload_bench init mydb\n"
"  dbos_payload_bench check mydb\n"
"  dbos_payload_bench run --json before.json mydb\n"
"Change a setting, run again with --json after.json, and see what it did:\n"
"  dbos_payload_bench compare before.json --against after.json\n"
"\n"
"  -?, --help       this help; COMMAND --help shows a command's options\n"
"  -V, --version    the version\n"
"\n"
"Exit status: 0 all steps succeeded, 1 could not start, 2 some steps failed,\n"
"130 interrupted (what there is was printed and saved).\n";

static const char run_help[] =
"Usage: dbos_payload_bench run [OPTION]... [CONNINFO]\n"
"Time the steps of both workflows, in turn, and split the time into its parts.\n"
"What is run:\n"
"  -n, --iterations=N      how often, 1 to 1,000,000 (default 30)\n"
"  -T, --time=SECONDS      stop after so long, or at -n if that comes first\n"
"      --warmup=N          runs before that, not counted (default 3)\n"
"      --sizes=LIST        a step for each: 1,10,1kB,4KiB (default 1 to 1000000)\n"
"      --drive=LIST|all    calls: a round trip per step (default); pipeline: all\n"
"                          sent at once; procedure: one CALL\n"
"      --origin=LIST|all   who makes the payload: server (default) or client\n"
"      --compressible=PCT  how much of it a compressor can remove (default 0)\n"
"      --seed=N            the same payloads every time\n"
"      --no-arms           leave the differential arms out\n"
"      --workflow-id=ID    go on with this workflow, once; recorded steps are\n"
"                          replayed and not counted\n"
"How it talks:\n"
"  -M, --protocol=NAME     simple, extended (default) or prepared\n"
"      --result-format=F   payloads as binary (default) or text (simple: text)\n"
"      --max-tries=N       tries per step on serialization failure (default 1)\n"
"      --reconnect         go on after a lost connection\n"
"      --timeout=SECONDS   give a silent server up after so long (default never)\n"
"      --allow-unsafe      run although commits here are not durable\n"
"What it leaves:\n"
"  -P, --progress=SECONDS  a line every so often\n"
"      --json=FILE         everything, for compare and for other programs\n"
"      --csv=FILE          a line per step and part\n"
"      --samples=FILE      every single measurement\n"
"      --plot=DIR          pictures, by gnuplot\n"
"      --assume-rtt=TIME   what it would cost at that round trip: 200us, 5ms, 1s\n"
"      --label=TEXT        your name for this run, kept in its files\n"
	"      --keep              leave the rows that it wrote (default: delete them)\n"
"To see what a remote client pays for each step, and what batching would save:\n"
"  dbos_payload_bench run --drive all --assume-rtt 5ms --json run.json mydb\n";

static const char init_help[] =
"Usage: dbos_payload_bench init [OPTION]... [CONNINFO]\n"
"\n"
"Create the extension dbos_payload in the database, where it is missing.  Its\n"
"objects are all in the schema dbos_payload.  Two at once both succeed.\n"
"\n"
"      --timeout=SECONDS   give a silent server up after so long (default never)\n"
"\n"
"The extension must be installed on the server first (make && sudo make install\n"
"in its source), and only a superuser may create it.  Afterwards:\n"
"  dbos_payload_bench check mydb\n"
"\n"
"Exit status: 0 the extension is there, 1 it is not.\n";

static const char check_help[] =
"Usage: dbos_payload_bench check [OPTION]... [CONNINFO]\n"
"\n"
"Read the server, the connection and this host, and say of each setting what it\n"
"would do to the figures of run:\n"
"  ok        nothing\n"
"  warning   the figures hold, but for this setting too: read what it says\n"
"  unsafe    the figures would be those of a server that can lose commits;\n"
"            run refuses without --allow-unsafe\n"
"  cannot    run would fail\n"
"\n"
"Give it the options that you will give to run, to have those judged as well:\n"
"  -n, --iterations=N  --warmup=N  --sizes=LIST  --drive=LIST|all\n"
"  --origin=LIST|all  -M, --protocol=NAME  --result-format=F  --timeout=SECONDS\n"
"  --compressible=PCT  --allow-unsafe\n"
"\n"
"  dbos_payload_bench check --sizes 1,20MB -M prepared mydb\n"
"\n"
"Nothing is written to the database.\n"
"\n"
"Exit status: 0 run would start (there may be warnings), 1 it would not: no\n"
"connection, no extension, something unsafe, or something that it cannot do.\n";

static const char compare_help[] =
"Usage: dbos_payload_bench compare A.json... --against B.json...\n"
"\n"
"Set result files of run (--json) against each other: for each size and part, how\n"
"much B differs from A, with a 95 % confidence interval.  Where the interval\n"
"holds no difference, it says \"no difference shown\".\n"
"\n"
"Several files on a side are repeated runs of the same thing.  What differs\n"
"between them is taken for noise, so give three or more, run in turn (A B A B\n"
"A B): one file a side cannot tell a finding from the drift between two runs.\n"
"\n"
"      --against            the files after it are the other side\n"
"      --ignore-conditions  compare although settings that matter differ\n"
"\n"
"  dbos_payload_bench compare pglz?.json --against lz4?.json\n"
"\n"
"Exit status: 0 compared, 1 a file could not be read or the conditions differ.\n";

/* The commands, and how to go on from there. */
void
print_help(void)
{
	fputs(overall_help, stdout);
}

/* One command's options. */
void
print_command_help(Command command)
{
	switch (command)
	{
		case COMMAND_RUN:
			fputs(run_help, stdout);
			break;
		case COMMAND_INIT:
			fputs(init_help, stdout);
			break;
		case COMMAND_CHECK:
			fputs(check_help, stdout);
			break;
		case COMMAND_COMPARE:
			fputs(compare_help, stdout);
			break;
	}
}
