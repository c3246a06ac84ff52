/*
 * experiment.h
 *	  What is shown of experiments: on the terminal and in pictures.  Reads their
 *	  results and computes nothing.
 */
#ifndef REPORT_EXPERIMENT_H
#define REPORT_EXPERIMENT_H

#include <stdbool.h>
#include <stdio.h>

#include "figures/experiment.h"
#include "util/table.h"

/*
 * What was asked, the answer, caveats, a table: about a screen each.  in_full: every
 * table with every column, its meaning, and the environment.
 */
extern void report_experiments(const Experiments *experiments, bool in_full, FILE *out);

/* every column of one, with the n of its figures; table_free */
extern Table *experiment_table(const ExperimentTable *table);

/* "sizes 1 B, 1 kB; clients 4", malloc'd; NULL: there are none */
extern char *words_parameters(const ExperimentParameter *list, int n);

/* a figure as a sentence has it, with its interval: "1.234 ms (1.200 .. 1.268)"; "n/a" */
extern const char *words_figure(const Estimate *estimate, Unit unit);

/*
 * Data files and gnuplot programs of every plot in dir, each drawn as PNG and SVG, as
 * plots_write() does for a run.
 */
extern bool experiment_plots_write(const Experiments *experiments, const char *dir);

#endif							/* REPORT_EXPERIMENT_H */
