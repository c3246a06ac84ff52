/*
 * clean.h
 *	  The command clean: delete what runs left behind that did not end well.
 */
#ifndef CLEAN_COMMAND_H
#define CLEAN_COMMAND_H

#include "command/options.h"

/* returns the program's exit status */
extern int	clean_command(const Options *options);

#endif							/* CLEAN_COMMAND_H */
