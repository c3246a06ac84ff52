/*
 * tables.h
 *	  The tables of an inspection's report, for report.c alone.
 */
#ifndef TABLES_H
#define TABLES_H

#include "inspect/inspect.h"

/* rows of a table on one screen, and how many characters names have there and in the full report */
#define FEW_ROWS 4
#define NAME_WIDTH 32
#define FULL_NAME_WIDTH 60

/* those of one screen, or all */
extern void inspection_tables(const Inspection *in, bool in_full, FILE *out);

#endif							/* TABLES_H */
