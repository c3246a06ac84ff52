/*
 * plots.h
 *	  What the files of the plots share.
 */
#ifndef PLOTS_H
#define PLOTS_H

#include <stdbool.h>

/* the gnuplot programs of plots/, as the build takes them in; the last has no name */
typedef struct PlotProgram
{
	const char *name;
	const char *text;
} PlotProgram;

extern const PlotProgram plot_programs[];

/* gnuplot on a file, in the folder, away from the terminal; false, with a message, where it failed */
extern bool plots_draw(const char *dir, const char *const *files, int nfiles);

#endif							/* PLOTS_H */
