/*
 * progress.h
 *	  How far a run is, on standard error: a line that is written over on a
 *	  terminal, a line every so many seconds with --progress, nothing in a pipe.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdint.h>

#include "sample/parameters.h"

typedef struct Progress
{
	const char *what;			/* "warm-up", "measuring" */
	int			total;			/* iterations */
	int64_t		until_ns;		/* now_ns() at which it ends at the latest; 0: none */
	int64_t		began;
	int64_t		shown;			/* when it was last shown */
	int			every_s;		/* --progress; 0: none */
	bool		terminal;
	bool		on_line;		/* a line that is written over stands there */
} Progress;

extern void progress_begin(Progress *progress, const Options *options, const char *what,
						   int total, int64_t until_ns);
extern void progress_show(Progress *progress, int done);
extern void progress_end(Progress *progress);

#endif							/* PROGRESS_H */
