/*
 * text.h
 *	  Words and layout that the reports share.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdio.h>

#include "figures/figures.h"
#include "util/table.h"

/* texts that are built up: *text is malloc'd, NULL at first */
extern void text_add(char **text, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* "0.291 ms (0.284 .. 0.298)", without the brackets where there is no interval; malloc'd */
extern char *text_ms(const Estimate *estimate);

/* the brackets alone, with that many decimals: " (0.284 .. 0.298)", or ""; malloc'd */
extern char *text_interval(const Estimate *estimate, int decimals);

/* "drive calls, origin server"; malloc'd */
extern char *text_way(Drive drive, Origin origin);

/* a part in words, as the transport makes them: "commit", "the network", "transport and wake-ups" */
extern const char *part_words(Metric metric, const Environment *environment);

/* does the way to the server lead over a network? else the network's part is waking up */
extern bool has_network(const Environment *environment);

/* a setting of the server or this host, "n/a" where it is not known */
extern const char *setting_or_na(const Environment *environment, const char *name);

/* a text in lines of the report's width, behind a mark ("- ") */
extern void print_item(FILE *out, const char *mark, const char *text);

/* an empty line, a heading, a line under it */
extern void print_heading(FILE *out, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* print and free */
extern void finish_table(Table *table, FILE *out);

/*
 * A table whose columns are items 0 to n - 1, in several under one another where
 * not all fit on a page.  make: the table of n items from first on.
 */
typedef Table *(*MakeTable) (const void *context, int first, int n);
extern void print_in_pages(FILE *out, MakeTable make, const void *context, int n);

/* one drive and origin of one side: the workflows, and what was made of them; NULL: not there */
typedef struct Pair
{
	const Figures *figures;
	const Side *side;
	const WorkflowFigures *multiple;
	const WorkflowFigures *batched;
	const Approaches *approaches;
	const ModelFigures *model;
} Pair;

/* the i-th pair of a run, from 0; false: there are no more */
extern bool pair_at(const Figures *figures, int i, Pair *pair);

/* the steps of a workflow by payload; malloc'd, the caller's */
extern const Cell **cells_by_size(const WorkflowFigures *workflow);

/* a batch of one call is that call; else only the workflow has all parts */
extern const Cell *batch_cell(const WorkflowFigures *batched);

/* what a cell's parts are parts of: the mean round trip, else the server's total; NAN: unknown */
extern double whole_mean(const Cell *cell);

/* a part's share of that, in percent */
extern double share_percent(const Cell *cell, Metric part);

#endif							/* TEXT_H */
