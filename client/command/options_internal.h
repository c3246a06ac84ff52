/*
 * options_internal.h
 *	  What options.c and options_check.c share.
 */
#ifndef OPTIONS_INTERNAL_H
#define OPTIONS_INTERNAL_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "command/options.h"

/* --drive pipeline: from libpq 14 on */
#ifdef LIBPQ_HAS_PIPELINING
#define HAS_PIPELINE true
#else
#define HAS_PIPELINE false
#endif

/* what the user gave, where the options alone do not tell */
typedef struct Given
{
	bool		iterations;
	bool		warmup;
	bool		against;
	int			nlabels;
	int			nconninfo;
} Given;

/* options.c: after an error's message: point to the help (of a command, or "") and exit */
extern void options_fail(const char *command) __attribute__((noreturn));

/*
 * options_check.c: end the program where the options do not go together; set what
 * follows from them.
 */
extern void options_check(Options *options, const Given *given, const char *command);

#endif							/* OPTIONS_INTERNAL_H */
