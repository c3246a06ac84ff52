/*
 * check.h
 *	  The command check: read the server and say what would falsify a measurement.
 */
#ifndef CHECK_COMMAND_H
#define CHECK_COMMAND_H

#include "command/options.h"

/* returns the program's exit status */
extern int	check_command(const Options *options);

#endif							/* CHECK_COMMAND_H */
