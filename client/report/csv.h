/*
 * csv.h
 *	  Fields of files for spreadsheets and data frames (RFC 4180): the decimal
 *	  point is a point, what is unknown is an empty field, lines end in LF.
 */
#ifndef CSV_H
#define CSV_H

#include <stdint.h>
#include <stdio.h>

/* a field of text, quoted where it has to be */
extern void csv_text(FILE *file, const char *text);

/* a comma and a number, or a comma and nothing */
extern void csv_number(FILE *file, double value);
extern void csv_integer(FILE *file, int64_t value);

#endif							/* CSV_H */
