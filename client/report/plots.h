/*
 * plots.h
 *	  What the files of the plots share.
 */
#ifndef PLOTS_H
#define PLOTS_H

#include <stdbool.h>
#include <stdio.h>

#include "figures/experiment.h"
#include "figures/figures.h"

/* the gnuplot programs of plots/, as the build takes them in; the last has no name */
typedef struct PlotProgram
{
	const char *name;
	const char *text;
} PlotProgram;

extern const PlotProgram plot_programs[];

typedef struct Picture
{
	char	   *name;			/* of its files, without the ending */
	char	   *heading;
	char	   *caption;		/* what a bar or line means */
} Picture;

/*
 * plots_files.c: the pictures of one folder, being written; all zeros at first.  For a
 * page there is SVG alone, without the texts, which stand beside it there; nothing is
 * said of them, and the caller frees them.
 */
typedef struct Pictures
{
	const char *dir;
	const char *conditions;		/* under each title */
	bool		for_page;
	int			n;
	Picture    *list;
} Pictures;

/* a run's and experiments' pictures for a page; false, with a message, where one failed */
extern bool plots_for_page(const Figures *figures, Pictures *pictures);
extern bool experiment_plots_for_page(const ExperimentResult *result, Pictures *pictures);
extern void pictures_free(Pictures *pictures);

#define PLOT_DATA ".dat"
#define PLOT_NAMES ".gnuplot"

/* gnuplot on each, in the folder, away from the terminal; false, with a message, where it failed */
extern bool plots_draw(const Pictures *pictures);

/* the programs; false, with a message, where they could not be written */
extern bool pictures_begin(Pictures *pictures, const char *dir, const char *conditions);

/* draw all, and free the list; good: all was written; false, with a message, where anything failed */
extern bool pictures_end(Pictures *pictures, bool good);

/* a picture's file of names; NULL, with a message, where it cannot be made; the caller adds its own names */
extern FILE *picture_begin(Pictures *pictures, const char *name, const char *heading,
						   const char *caption);
extern bool picture_end(const Pictures *pictures, FILE *file, const char *program);

/* name and ending: "latency", ".dat"; closing is false, with a message unless it was not opened */
extern FILE *plots_open(const char *dir, const char *name, const char *ending);
extern bool plots_close(FILE *file, const char *dir, const char *name, const char *ending);

/* a length of text between single quotes */
extern void plots_put_quoted(FILE *file, const char *text, int length);

#endif							/* PLOTS_H */
