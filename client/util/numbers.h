/*
 * numbers.h
 *	  Strict reading of the numbers and lists that people type.
 *
 * Every function reads the whole text or none of it: it returns false and
 * leaves a message in *error that names what was wrong and what is allowed,
 * and then leaves *value alone.  None of them allocates, keeps state, ends the
 * program or depends on the locale (a decimal point is always '.').
 */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ParseError
{
	char		text[256];
} ParseError;

/* a whole number from low to high; low may be negative */
extern bool parse_integer(const char *text, int64_t low, int64_t high,
						  int64_t *value, ParseError *error);

/* percent, 0 to 100, with or without a '%' after it */
extern bool parse_percent(const char *text, int *percent, ParseError *error);

/* percent as a number, such as 2.5, from 0 to high, with or without a '%' after it */
extern bool parse_any_percent(const char *text, int high, double *percent, ParseError *error);

/*
 * A comma-separated list of 1 to max sizes, kept in their order: whole numbers of
 * bytes from 0 to largest, alone or with B, kB, MB (powers of 1000) or KiB, MiB
 * (powers of 1024) after them.  Their sum must not be above largest either, since
 * the batched step holds them all.
 */
extern bool parse_sizes(const char *text, int64_t largest, int64_t *sizes, int max, int *nsizes,
						ParseError *error);

/* a length of time with its unit (us, ms or s), 0 to one hour, in ns */
extern bool parse_duration(const char *text, int64_t *ns, ParseError *error);

/* one of n names: its index */
extern bool parse_choice(const char *text, const char *const *names, int n,
						 int *choice, ParseError *error);

/* a comma-separated list of up to 64 such names, or "all": chosen[i] for each name */
extern bool parse_choices(const char *text, const char *const *names, int n,
						  bool *chosen, ParseError *error);

/* 536870000 -> "536,870,000" in buffer (28 bytes are enough); returns buffer */
extern char *format_integer(int64_t value, char *buffer, int size);

/* the word's ending for that many: "" for one, else "s" (printf("%d step%s", n, plural(n))) */
extern const char *plural(int64_t n);

#endif							/* NUMBERS_H */
