/*
 * words.h
 *	  Numbers as the inspection's report and advice write them.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

/*
 * "940 B", "60.3 MB" (decimal), "n/a"; "12,345"; a name in quotes, at most so many
 * characters of ASCII.  Each is valid until 16 more were made.
 */
extern const char *short_bytes(double bytes);
extern const char *short_count(double count);
extern const char *short_name(const char *name, int most);

#endif							/* WORDS_H */
