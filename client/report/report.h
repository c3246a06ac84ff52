/*
 * report.h
 *	  What is shown of a run: on the terminal, in files, in pictures.
 *
 * Everything here reads figures and computes none; only the file of samples is
 * made from the samples themselves.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "figures/figures.h"
#include "sample/measured.h"

/* columns of everything that is printed here */
#define REPORT_WIDTH 100

/* what was measured, on what, how long: the first lines of every report; run_facts_free frees the texts */
typedef struct RunFacts
{
	int			n;
	const char *names[8];
	char	   *texts[8];
} RunFacts;

extern void run_facts(const Figures *figures, RunFacts *facts);
extern void run_facts_free(RunFacts *facts);

/*
 * The answer on one screen: what was measured and on what, what it comes to,
 * the caveats that apply, one table, where the rest is.
 */
extern void report_answer(const Figures *figures, FILE *out);

/*
 * The same with every table in place of the one: what `run --full` and
 * `report --full` print, instead of report_answer and not after it.
 */
extern void report_full(const Figures *figures, FILE *out);

/* one of these, or that nothing was measured */
extern void report_show(const Figures *figures, bool in_full);

/* server, connection and host, without the warnings: what check begins with too */
extern void report_environment(const Environment *environment, FILE *out);

/*
 * Every summary, a line each (RFC 4180), and every measured call.  False, with a
 * message on stderr, unless the file is there and whole.
 */
extern bool csv_write(const Figures *figures, const char *path);
extern bool samples_write(const Measured *measured, const char *path);

/*
 * Medians, their intervals and volumes in Prometheus's text format, for a textfile
 * collector; likewise.
 */
extern bool prometheus_write(const Figures *figures, const char *path);

/* a field of text of a CSV file, quoted where it has to be */
extern void csv_text(FILE *file, const char *text);

/*
 * Data files and gnuplot programs in dir, and each drawn as PNG and SVG.  False,
 * with a message, where a file could not be written or a picture not be drawn;
 * without gnuplot, data and programs are there all the same.
 */
extern bool plots_write(const Figures *figures, const char *dir);

/*
 * Make the folder where it is missing; false, with a message, where nothing can
 * be written there: asked before a run, not after it.
 */
extern bool plots_check_dir(const char *dir);

/*
 * The lines that the experiment prints, of one iteration of a pair of series;
 * batched: NULL where there is none.  Nothing is printed of a workflow that has
 * a step without a time.
 */
extern void transcript_print(const Series *multiple, const Series *batched, int iteration, FILE *out);

#endif							/* REPORT_H */
