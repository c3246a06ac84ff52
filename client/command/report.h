/*
 * report.h
 *	  The command report: print from result files what their runs printed.
 */
#ifndef REPORT_COMMAND_H
#define REPORT_COMMAND_H

#include "command/options.h"

/* returns the program's exit status */
extern int	report_command(const Options *options);

#endif							/* REPORT_COMMAND_H */
