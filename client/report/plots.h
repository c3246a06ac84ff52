/*
 * plots.h
 *	  What the files of the plots share.
 */
#ifndef PLOTS_H
#define PLOTS_H

#include <stdbool.h>
#include <stdio.h>

/* the gnuplot programs of plots/, as the build takes them in; the last has no name */
typedef struct PlotProgram
{
	const char *name;
	const char *text;
} PlotProgram;

extern const PlotProgram plot_programs[];

/* gnuplot on a file, in the folder, away from the terminal; false, with a message, where it failed */
extern bool plots_draw(const char *dir, const char *const *files, int nfiles);

/* plots_files.c: the pictures of one folder, being written; all zeros at first */
typedef struct Pictures
{
	const char *dir;
	const char *conditions;		/* under each title */
	int			n;
	char	  **files;			/* of names, to be run by gnuplot */
} Pictures;

#define PLOT_DATA ".dat"

/* the programs; false, with a message, where they could not be written */
extern bool pictures_begin(Pictures *pictures, const char *dir, const char *conditions);

/* draw all, and free the list; good: all was written; false, with a message, where anything failed */
extern bool pictures_end(Pictures *pictures, bool good);

/* a picture's file of names; NULL, with a message, where it cannot be made; the caller adds its own names */
extern FILE *picture_begin(const Pictures *pictures, const char *name, const char *heading,
						   const char *caption);
extern bool picture_end(Pictures *pictures, FILE *file, const char *name, const char *program);

/* name and ending: "latency", ".dat"; closing is false, with a message unless it was not opened */
extern FILE *plots_open(const char *dir, const char *name, const char *ending);
extern bool plots_close(FILE *file, const char *dir, const char *name, const char *ending);

/* a length of text between single quotes */
extern void plots_put_quoted(FILE *file, const char *text, int length);

#endif							/* PLOTS_H */
