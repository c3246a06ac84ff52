/*
 * experiment.h
 *	  What an experiment came to: the one structure that is printed, saved, drawn
 *	  and put on a page.
 *
 * Whoever makes an experiment fills it by the functions below, and is then done
 * with showing it.  Every figure is an Estimate with its n, in the unit of its
 * column.  Names (of tables, columns, plots) are words of a-z, 0-9 and _, which
 * other programs look things up by; titles are for people.
 */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "environment/environment.h"
#include "statistics/estimate.h"

/* of everything in a column; times are ms, sizes bytes, MB is 1,000,000 bytes */
typedef enum Unit
{
	UNIT_LABEL,					/* text */
	UNIT_BYTES,
	UNIT_MS,
	UNIT_COUNT,
	UNIT_RATIO,					/* 1: as much */
	UNIT_PERCENT,
	UNIT_PER_S,
	UNIT_MB_PER_S,
	UNIT_COUNT_OF_UNITS
} Unit;

extern const char *const unit_names[UNIT_COUNT_OF_UNITS];	/* in files: "bytes" */
extern const char *const unit_words[UNIT_COUNT_OF_UNITS];	/* behind a figure: "B"; may be "" */

typedef struct ExperimentColumn
{
	char	   *name;
	char	   *title;			/* without the unit */
	char	   *meaning;		/* from what to what, how it is had: a sentence */
	Unit		unit;
	bool		brief;			/* it is on the one screen too */
	bool		interval;		/* its interval has a column beside it there */
} ExperimentColumn;

typedef struct ExperimentCell
{
	char	   *text;			/* of a label; else NULL */
	Estimate	estimate;		/* of a figure; of a label all NAN */
	int64_t		n;				/* measurements behind it; 0: a label, or not a measurement */
} ExperimentCell;

typedef struct ExperimentRow
{
	int			ncells;			/* as many as the table has columns */
	ExperimentCell *cells;
} ExperimentRow;

typedef struct ExperimentTable
{
	char	   *name;
	char	   *title;
	bool		brief;			/* it is on the one screen too */
	int			ncolumns;
	ExperimentColumn *columns;
	int			nrows;
	ExperimentRow *rows;
} ExperimentTable;

typedef enum PlotKind
{
	PLOT_LINES,					/* y over x, which are figures */
	PLOT_BARS,					/* y beside one another over labels */
	PLOT_STACKED,				/* y on one another over labels: parts of a whole */
	PLOT_KIND_COUNT
} PlotKind;

extern const char *const plot_kind_names[PLOT_KIND_COUNT];

/*
 * A picture, described by what of a table is in it: a line (or colour) for each
 * text of the column "by" and each column in "y".  Rows whose column "where" does
 * not say "is" are left out.
 */
typedef struct ExperimentPlot
{
	char	   *name;
	char	   *title;
	char	   *caption;		/* what a bar or line means */
	PlotKind	kind;
	char	   *table;
	char	   *x;
	char	   *by;				/* NULL: there is one series for each y */
	char	   *where;			/* NULL: all rows */
	char	   *is;
	int			ny;
	char	  **y;				/* all of one unit */
	bool		log_x;
	bool		log_y;
} ExperimentPlot;

typedef struct ExperimentParameter
{
	char	   *name;
	char	   *value;
} ExperimentParameter;

typedef struct ExperimentResult
{
	char	   *name;
	char	   *question;
	char	   *started_at;		/* ISO 8601, UTC */
	double		measured_s;
	bool		partial;		/* stopped before its end, by a signal or a failure */
	int			nparameters;	/* what was asked for, and under what it was measured, by name */
	ExperimentParameter *parameters;
	int			nconditions;
	ExperimentParameter *conditions;
	int			ntables;
	ExperimentTable *tables;
	int			nplots;
	ExperimentPlot *plots;
	int			nconclusions;	/* sentences, with the figures in them */
	char	  **conclusions;
	int			ncaveats;
	char	  **caveats;
} ExperimentResult;

/* a file of them: those of one command, on one server */
typedef struct Experiments
{
	char	   *tool_version;
	char	   *started_at;
	char	   *run_id;
	int			ncommand;
	char	  **command;		/* without passwords */
	char	   *conninfo;		/* likewise; NULL: none given */
	Environment environment;
	int			nresults;
	ExperimentResult *results;
} Experiments;

extern void experiments_free(Experiments *experiments);

/* ------------------------------------------------------------------------
 * Filling a result.  All text is copied.
 * ------------------------------------------------------------------------
 */

#define MAX_EXPERIMENT_TABLES 16
#define MAX_EXPERIMENT_PLOTS 32
#define MAX_EXPERIMENT_COLUMNS 40

/* experiments_free frees it as one of Experiments */
extern void result_begin(ExperimentResult *result, const char *name, const char *question);

extern void result_parameter(ExperimentResult *result, const char *name, const char *format,...)
			__attribute__((format(printf, 3, 4)));
extern void result_condition(ExperimentResult *result, const char *name, const char *format,...)
			__attribute__((format(printf, 3, 4)));

/* a table, which stays where it is; brief: it is on the one screen too */
extern ExperimentTable *result_table(ExperimentResult *result, const char *name, const char *title,
									 bool brief);

/* how a column is shown on the one screen */
typedef enum Show
{
	SHOW_FULL,					/* not there: in the full report, the file and the page */
	SHOW_BRIEF,
	SHOW_INTERVAL				/* there, with its interval beside it */
} Show;

/* all columns come before the first cell */
extern void result_column(ExperimentTable *table, const char *name, const char *title, Unit unit,
						  Show show, const char *meaning);

/* cells, from left to right and row by row */
extern void result_label(ExperimentTable *table, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void result_estimate(ExperimentTable *table, Estimate estimate, int64_t n);

/* what is counted or known and not estimated: no interval; NAN: not known */
extern void result_exact(ExperimentTable *table, double value);

/*
 * A plot of a table; y: names of columns with commas between them.  by, where and is
 * can be NULL.
 */
extern ExperimentPlot *result_plot(ExperimentResult *result, PlotKind kind, const char *name,
								   const char *title, const char *caption,
								   const char *table, const char *x, const char *y, const char *by);
extern void result_plot_where(ExperimentPlot *plot, const char *where, const char *is);
extern void result_plot_log(ExperimentPlot *plot, bool x, bool y);

extern void result_conclude(ExperimentResult *result, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void result_caveat(ExperimentResult *result, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* an estimate that is exact, and one that is not known */
extern Estimate estimate_exact(double value);
extern Estimate estimate_unknown(void);

/* ------------------------------------------------------------------------
 * Looking things up, for whoever shows a result; -1 or NULL: not there
 * ------------------------------------------------------------------------
 */

extern const ExperimentTable *result_find_table(const ExperimentResult *result, const char *name);
extern int	table_find_column(const ExperimentTable *table, const char *name);

/*
 * The series of a plot, i from 0, false: there are no more.  Its rows are those r for
 * which series_has_row().
 */
typedef struct PlotSeries
{
	const ExperimentTable *table;
	const ExperimentPlot *plot;
	int			x;				/* columns of the table */
	int			y;
	int			by;				/* -1: none */
	int			where;			/* -1: none */
	const char *text;			/* what its rows say in column by; NULL: there is none */
	char		title[200];		/* "lz4", "lz4: stored", "stored" */
} PlotSeries;

extern bool plot_series_at(const ExperimentResult *result, const ExperimentPlot *plot, int i,
						   PlotSeries *series);
extern bool series_has_row(const PlotSeries *series, int row);

/* ------------------------------------------------------------------------
 * Files (--json): kind "experiment", see docs/result-file.md.  False, with a message
 * on stderr; what is read is checked key by key.  result_file_text() reads the text.
 * ------------------------------------------------------------------------
 */

extern bool experiments_write(const Experiments *experiments, const char *path);
extern bool experiments_parse(const char *text, size_t length, const char *path, Experiments *experiments);

/* real numbers to as many digits as a file keeps, so that what is printed is what is read */
extern void experiments_tidy(Experiments *experiments);

#endif							/* EXPERIMENT_H */
