/*
 * text.h
 *	  Words and layout that the reports share.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdio.h>

#include "figures/figures.h"
#include "util/table.h"

/*
 * Words for sentences and cells.  Each is valid until WORDS_KEPT more were made,
 * so that a sentence can hold several and nobody frees them.
 */
#define WORDS_KEPT 16

/* "0.291 ms (0.284 .. 0.298)", without the brackets where there is no interval; "n/a" */
extern const char *words_ms(const Estimate *estimate);

/* the brackets alone, with that many decimals: " (0.284 .. 0.298)"; "" where there are none, or both ends are the same */
extern const char *words_interval(const Estimate *estimate, int decimals);

/* "1 B", "10 kB", "1 MB" (decimal) where exact, else "1111111 B" */
extern const char *words_bytes(int64_t bytes);

/* "drive calls, origin server" */
extern const char *words_way(Drive drive, Origin origin);

/* "calls, server", with the side where there are two: "A: calls, server" */
extern const char *words_whose(const Figures *figures, const WorkflowFigures *workflow);

/* "PostgreSQL 15.20; loopback with TLS; fsync on, synchronous_commit on" */
extern const char *words_server(const Environment *environment);

/* a part in words, as the transport makes them: "commit", "network", or on one host "transport and wake-ups" */
extern const char *part_words(Metric metric, const Environment *environment);

/* a setting of the server or this host, "n/a" where it is not known */
extern const char *setting_or_na(const Environment *environment, const char *name);

/* a text in lines of the report's width, behind a mark ("- ") */
extern void print_item(FILE *out, const char *mark, const char *text);

/* ": the label", where there are two sides, else "" */
extern const char *words_of_side(const Figures *figures, int side);

/* an empty line, a heading, a line under it */
extern void print_heading(FILE *out, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* print and free */
extern void finish_table(Table *table, FILE *out);

/* columns, name and type by turns, up to NULL */
extern void table_columns(Table *table, const char *name,...);

/* a figure and its interval, two cells; a metric in a table */
extern void table_estimate(Table *table, const Estimate *estimate);
extern const char *metric_title(Metric metric);

typedef struct NamedCell
{
	const Cell *cell;
	char		name[32];
} NamedCell;

/* one drive and origin of one side: the workflows, and what was made of them; NULL: not there */
typedef struct Pair
{
	const Figures *figures;
	const Side *side;
	const WorkflowFigures *multiple;
	const WorkflowFigures *batched;
	const Approaches *approaches;
	const ModelFigures *model;
	int			nsteps;
	int			ncells;
	NamedCell	cells[MAX_SIZES + 2];	/* the steps by size, then "all steps" and "the batch" */
} Pair;

/*
 * A table whose columns are items 0 to n - 1, in several under one another where
 * not all fit on a page.  make: the table of n items from first on.
 */
typedef Table *(*MakeTable) (const void *context, int first, int n);
extern void print_in_pages(FILE *out, MakeTable make, const void *context, int n);

/* the i-th pair of a run, from 0; false: there are no more */
extern bool pair_at(const Figures *figures, int i, Pair *pair);

/* has the run more pairs than one on a side? */
extern bool has_many_pairs(const Figures *figures);

/* a batch of one call is that call; else only the workflow has all parts */
extern const Cell *batch_cell(const WorkflowFigures *batched);

/* what a cell's parts are parts of: the round trip, else the server's total */
extern const Summary *main_time(const Cell *cell);

/* are the server's parts known of some calls, and not of all? then they are no shares of the mean */
extern bool some_parts_missing(const Pair *pair);

/* a part's share of its mean, in percent */
extern double share_percent(const Cell *cell, Metric part);

/* a difference between two sides is of a cell's main time, not of a part of it? */
extern bool is_of_main_time(const Difference *difference);

/* "1 kB", "all steps", "batch", with the drive and origin where way is asked */
extern const char *words_cell(const Difference *difference, bool way);

/* how small a difference would have been found where none is shown; false: nothing can be said */
extern bool detectable_range(const Difference *differences, int n, double *least, double *most);

#endif							/* TEXT_H */
