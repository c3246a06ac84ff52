/*
 * words.c
 *	  Numbers as the inspection's report and advice write them.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inspect/words.h"
#include "sample/sample.h"
#include "util/numbers.h"

#define KEPT 16
#define WORD_SIZE 256

static char *
place(void)
{
	static char ring[KEPT][WORD_SIZE];
	static int	next = 0;

	return ring[next++ % KEPT];
}

const char *
short_bytes(double bytes)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	char	   *word = place();
	int			unit = -1;

	if (!isfinite(bytes) || bytes <= (double) UNKNOWN)
		return "n/a";
	while (bytes >= 999.5 && unit < 3)
	{
		bytes /= 1000.0;
		unit++;
	}
	if (unit < 0)
		snprintf(word, WORD_SIZE, "%.0f B", bytes);
	else
		snprintf(word, WORD_SIZE, "%.*f %s", bytes < 99.95 ? 1 : 0, bytes, units[unit]);
	return word;
}

const char *
short_count(double count)
{
	if (!isfinite(count) || count <= (double) UNKNOWN)
		return "n/a";
	return format_integer(llround(count), place(), WORD_SIZE);
}

const char *
short_name(const char *name, int most)
{
	char	   *word = place();
	const unsigned char *c;
	int			n = 0;

	if (*name == '\0')
		return "(no name)";
	if (most > WORD_SIZE - 1)
		most = WORD_SIZE - 1;
	for (c = (const unsigned char *) name; *c != '\0'; c++)
	{
		/* a character of several bytes is one question mark */
		if (*c >= 0x80 && *c < 0xC0)
			continue;
		if (n >= most)
			break;
		word[n++] = *c < 0x20 || *c >= 0x7F ? '?' : (char) *c;
	}
	word[n] = '\0';
	if (n > 3 && *c != '\0')
		memcpy(word + n - 3, "...", 3);
	return word;
}
