/*
 * help.h
 *	  What --help prints.
 */
#ifndef HELP_H
#define HELP_H

#include "command/options.h"

/* the commands, and how to go on from there; on standard output */
extern void print_help(void);

/* one command's options, likewise */
extern void print_command_help(Command command);

#endif							/* HELP_H */
