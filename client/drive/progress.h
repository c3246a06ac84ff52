/*
 * progress.h
 *	  How far a run is, on standard error: a line that is written over on a
 *	  terminal, a line every so many seconds with --progress, nothing in a pipe.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Progress
{
	int			blocks;			/* that will be made at least */
	bool		at_least;		/* there can be more of them */
	int64_t		until_ns;		/* now_ns() at which it ends; 0: there is no such time */
	int64_t		began;
	int64_t		shown;			/* when it was last shown */
	int			every_s;		/* --progress; 0: none */
	bool		terminal;
	bool		on_line;		/* a line that is written over stands there */
} Progress;

/*
 * every_s: --progress, 0 for what the terminal is.  A run ends after so many blocks,
 * or at until_ns where that is not 0: whichever is later with at_least, else whichever
 * is earlier.
 */
extern void progress_begin(Progress *progress, int every_s, int blocks, bool at_least,
						   int64_t until_ns);

/* what: "warm-up", "measuring"; block from 1; done of total iterations of it */
extern void progress_show(Progress *progress, const char *what, int block, int done, int total);
extern void progress_end(Progress *progress);

/* is anything shown at all? */
extern bool progress_is_shown(const Progress *progress);

#endif							/* PROGRESS_H */
