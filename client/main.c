/*
 * main.c
 *	  dbos_payload_bench: what a workflow's checkpoints cost, and where the
 *	  time goes.
 *
 * The way of the data: command/ (the command line) -> environment/ (the server,
 * judged) -> drive/ (workload -> round trips -> samples) -> figures/ -> report/
 * (tables, files, plots).  Each folder includes only those below it, in the
 * order util, pg, sample, statistics, environment, engine, figures, drive, report,
 * trace, inspect, experiment, page, command.  trace/ is a way of its own: it watches
 * another program's steps, whose statements engine/ knows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "util/interrupt.h"
#include "util/message.h"

static int	(*const commands[COMMAND_COUNT]) (const Options *options) = {
	[COMMAND_INIT] = init_command,
	[COMMAND_CHECK] = check_command,
	[COMMAND_RUN] = run_command,
	[COMMAND_EXPERIMENT] = experiment_command,
	[COMMAND_REPORT] = report_command,
	[COMMAND_COMPARE] = compare_command,
	[COMMAND_CLEAN] = clean_command,
	[COMMAND_TRACE] = trace_command,
	[COMMAND_INSPECT] = inspect_command,
};

int
main(int argc, char **argv)
{
	Options		options;
	int			status;

	interrupt_install();
	parse_options(argc, argv, &options);
	status = commands[options.command] (&options);

	/* a report that nobody could read is not a success */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_SUCCESS)
	{
		print_error("could not write to standard output");
		status = 2;
	}
	return status;
}
