/*
 * page.h
 *	  One page of everything: an HTML file that needs nothing else to be read.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stdbool.h>

#include "figures/experiment.h"
#include "figures/figures.h"
#include "figures/peers.h"
#include "figures/result_file.h"
#include "inspect/inspect.h"
#include "page/html.h"
#include "trace/trace_figures.h"

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

/* the sections of each kind, a file each */
extern void page_run(Page *page, const Figures *figures);
extern void page_experiments(Page *page, const Experiments *experiments);
extern void page_trace(Page *page, const TraceFigures *figures);
extern void page_inspection(Page *page, const Inspection *inspection);
extern void page_peers(Page *page, const Peers *peers);

/* what each of them asks, which is its title */
#define TRACE_QUESTION "Where does the time of a real program's steps go?"
#define INSPECTION_QUESTION "What does this database hold, and what could be done about it?"
#define PEERS_QUESTION "What do DBOS's SDKs take for the same steps, beside ours?"

/*
 * A section of whatever can be told as an experiment is: begun, with the question, the
 * answer, caveats, pictures and tables; the caller adds what it likes and ends it.  on:
 * what it was measured on.
 */
extern void page_result(Page *page, const char *kind, const char *on, const ExperimentResult *result);

#endif							/* PAGE_H */
