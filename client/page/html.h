/*
 * html.h
 *	  The words of HTML that a page is written with.
 *
 * Every text is escaped here; whoever writes a kind of section never writes a tag with
 * a text of others in it.
 */
#ifndef HTML_H
#define HTML_H

#include <stdbool.h>
#include <stdio.h>

#include "report/plots.h"
#include "util/table.h"

typedef struct Page
{
	FILE	   *file;
	int			nsections;		/* begun so far: anchors and ids are made of it */
	int			npictures;
	bool		good;			/* no picture has failed */
} Page;

/* a text, escaped */
extern void html_text(Page *page, const char *text);

/* a paragraph, and a heading of level 3 or 4 */
extern void html_paragraph(Page *page, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void html_heading(Page *page, int level, const char *format,...)
			__attribute__((format(printf, 3, 4)));

/* a file's or experiment's own part of the page, with its anchor "s1", "s2" …; kind: "run" */
extern void html_section_begin(Page *page, const char *kind, const char *title);
extern void html_section_end(Page *page);

/* name and text by turns: what was asked, on what */
extern void html_facts_begin(Page *page);
extern void html_fact(Page *page, const char *name, const char *text);
extern void html_facts_end(Page *page);

/* an item of a list; style: "answer" or "caveats" */
extern void html_list_begin(Page *page, const char *style);
extern void html_item(Page *page, const char *text);
extern void html_list_end(Page *page);

/* all of a table, in a box of its own that scrolls; caption: what its figures are, "" for none */
extern void html_table(Page *page, const Table *table, const char *caption);

/* folded away */
extern void html_folded_begin(Page *page, const char *summary);
extern void html_folded_end(Page *page);

/* lines as they are, 100 columns */
extern void html_lines(Page *page, const char *text);

/*
 * Pictures that were drawn for a page, each with its heading and caption; a table of the
 * same figures stands below: say where.  The pictures are freed.
 */
extern void html_pictures(Page *page, Pictures *pictures, const char *table);

/* a folder for pictures, removed by html_dir_end with all that is in it; NULL, with a message, where there can be none */
extern char *html_dir_begin(void);
extern void html_dir_end(char *dir);

#endif							/* HTML_H */
