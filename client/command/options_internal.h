/*
 * options_internal.h
 *	  What options*.c share.
 */
#ifndef OPTIONS_INTERNAL_H
#define OPTIONS_INTERNAL_H

#include <stdbool.h>

#include "command/options.h"

/* what the user gave, where the options alone do not tell */
typedef struct Given
{
	bool		iterations;
	bool		warmup;
	bool		against;
	int			nlabels;
	int			nconninfo;
} Given;

/* options_command.c: after an error's message: point to the help (of a command, or "") and exit */
extern void options_fail(const char *command) __attribute__((noreturn));

/* what was asked for has been printed to standard output, and that must have worked: exit */
extern void options_finish(void) __attribute__((noreturn));

extern void options_print_version(void) __attribute__((noreturn));

/* the first argument names the command, or asks for help, which ends the program */
extern Command parse_command(int argc, char **argv);

/*
 * options_check.c: end the program where the options do not go together; set what
 * follows from them.
 */
extern void options_check(Options *options, const Given *given, const char *command);

#endif							/* OPTIONS_INTERNAL_H */
