/*
 * init.h
 *	  The command init: create the extension where it is missing.
 */
#ifndef INIT_COMMAND_H
#define INIT_COMMAND_H

#include "command/options.h"

/* returns the program's exit status */
extern int	init_command(const Options *options);

#endif							/* INIT_COMMAND_H */
