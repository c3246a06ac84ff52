/*
 * main.c
 *	  dbos_payload_bench: what a workflow's checkpoints cost, and where the
 *	  time goes.
 *
 * The way of the data: command/ (the command line) -> environment/ (the server,
 * judged) -> drive/ (workload -> round trips -> parts) -> statistics/ ->
 * report/ (tables, files, plots).  run.c goes that way from top to bottom;
 * compare/ reads result files back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "command/run.h"
#include "compare/compare.h"
#include "environment/environment.h"
#include "util/interrupt.h"
#include "util/message.h"

int
main(int argc, char **argv)
{
	Options		options;
	int			status = EXIT_FAILURE;

	interrupt_install();
	parse_options(argc, argv, &options);
	switch (options.command)
	{
		case COMMAND_RUN:
			status = run_command(&options);
			break;
		case COMMAND_INIT:
			status = init_command(&options);
			break;
		case COMMAND_CHECK:
			status = check_command(&options);
			break;
		case COMMAND_COMPARE:
			status = compare_command(&options);
			break;
	}

	/* a report that nobody could read is not a success */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_SUCCESS)
	{
		print_error("could not write to standard output");
		status = 2;
	}
	return status;
}
