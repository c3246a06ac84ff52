/*
 * page.h
 *	  One page of everything: an HTML file that needs nothing else to be read.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>

#include "figures/experiment.h"
#include "figures/figures.h"
#include "figures/result_file.h"
#include "page/html.h"

/* what one file holds, parsed */
typedef struct PageItem
{
	ResultKind	kind;
	const void *figures;		/* Figures, Experiments, … by the kind */
} PageItem;

/*
 * Write the page; false, with a message on stderr, unless the file is there and whole.
 * Without gnuplot it has the tables, and says so.
 */
extern bool page_write(const PageItem *items, int n, const char *path);

/*
 * Begin a section with everything of one result; the caller adds what else there is and
 * ends it.  kind: "trace"; on: the server, when.
 */
extern void page_result(Page *page, const char *kind, const ExperimentResult *result, const char *on);

/* the sections of each kind, a file each */
extern void page_run(Page *page, const Figures *figures);
extern void page_experiments(Page *page, const Experiments *experiments);

#endif							/* PAGE_H */
