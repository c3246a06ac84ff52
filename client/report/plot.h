/*
 * plot.h
 *	  Pictures of a run, drawn by gnuplot.
 */
#ifndef PLOT_H
#define PLOT_H

#include <stdbool.h>

#include "sample/result.h"

/* Make the folder where it is missing; false, with a message, where nothing can be written there. */
extern bool plot_dir_check(const char *dir);

/*
 * Write data files and gnuplot scripts into dir, and have gnuplot draw each as
 * SVG and PNG.  False, with a message, where a file could not be written or a
 * picture not be drawn; without gnuplot, data and scripts are there all the same.
 */
extern bool plot_write(const Result *result, const char *dir);

#endif							/* PLOT_H */
