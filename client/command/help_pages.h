/*
 * help_pages.h
 *	  The commands and options as pages of the documentation.
 */
#ifndef HELP_PAGES_H
#define HELP_PAGES_H

/* as a part of a Markdown file, as a page of the manual; on standard output */
extern void print_help_markdown(void);
extern void print_help_man(void);

#endif							/* HELP_PAGES_H */
