/*
 * compare.h
 *	  The command compare: set result files of separate runs against each other.
 */
#ifndef COMPARE_COMMAND_H
#define COMPARE_COMMAND_H

#include "command/options.h"

/* returns the program's exit status */
extern int	compare_command(const Options *options);

#endif							/* COMPARE_COMMAND_H */
