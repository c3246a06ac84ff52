/*
 * output.h
 *	  Result files that are whole or not there at all.
 *
 * A file is written under a temporary name beside its target and renamed when
 * everything is on disk.  What cannot be renamed over (a pipe, a device, this
 * program's own standard output) is written directly.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/* the name that stands for standard output */
#define OUTPUT_STDOUT "-"

/*
 * Standard output belongs to the result file of that name from now on: what the
 * program prints goes to standard error.  Called twice, it does nothing more.
 */
extern void output_take_stdout(void);

typedef struct Output
{
	FILE	   *file;			/* write here */
	char	   *target;			/* behind symbolic links; NULL: written directly */
	char	   *temporary;
} Output;

/* false, with a message on stderr, where it cannot be written */
extern bool output_open(const char *path, Output *output);

/*
 * Flush, check and rename.  complete: the caller wrote everything; if not, or
 * if anything could not be written, the target is left as it was.  False, with
 * a message on stderr, unless the file is there and whole.
 */
extern bool output_close(const char *path, Output *output, bool complete);

/* can it be written at all? false, with a message on stderr: said before a run, not after it */
extern bool output_path_check(const char *path);

/* remove the temporary file being written, if any; safe in a signal handler */
extern void output_discard(void);

#endif							/* OUTPUT_H */
