/*
 * fuzz.h
 *	  What the fuzz targets share.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* a broken promise ends the fuzzer, which then keeps the input */
#define must(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* the input as a string, exactly as long as it needs to be; to be freed */
static inline char *
text_of(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size + 1);

	must(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif							/* FUZZ_H */
