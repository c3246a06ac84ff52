/*
 * text.h
 *		Comparing texts by their bytes.
 */
#ifndef DBOS_PAYLOAD_TEXT_H
#define DBOS_PAYLOAD_TEXT_H

#include "compat.h"

/*
 * Is value, byte for byte, the expected one?
 */
static inline bool
TextIs(const text *value, const char *expected)
{
	size_t		length = strlen(expected);

	return VARSIZE_ANY_EXHDR(value) == length &&
		memcmp(VARDATA_ANY(value), expected, length) == 0;
}

/*
 * Are two texts the same bytes?  Neither is a TOAST pointer.
 */
static inline bool
SameText(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

#endif							/* DBOS_PAYLOAD_TEXT_H */
