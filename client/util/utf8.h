/*
 * utf8.h
 *	  Texts cut between their characters.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* how many of the first most bytes are whole characters; the text is longer than that, or ends there in a zero */
static inline size_t
utf8_whole(const char *text, size_t most)
{
	while (most > 0 && ((unsigned char) text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

#endif							/* UTF8_H */
