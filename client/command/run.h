/*
 * run.h
 *	  The command run: the experiment, in blocks of iterations in random order.
 */
#ifndef RUN_H
#define RUN_H

#include "command/options.h"

/* returns the program's exit status */
extern int	run_command(const Options *options);

#endif							/* RUN_H */
