/*
 * formats.h
 *	  Ways to write bytes down, and to have them back.
 */
#ifndef FORMATS_H
#define FORMATS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum Format
{
	FORMAT_RAW,
	FORMAT_HEX,
	FORMAT_BASE64,
	FORMAT_NUMBERS,				/* a JSON array of numbers, as TypeScript's SDK has of a Buffer */
	FORMAT_JSON_BASE64,			/* base64 of JSON of base64, as Go's has of []byte */
	FORMAT_PICKLE,				/* base64 of a pickle, as Python's has of bytes */
	FORMAT_COUNT
} Format;

extern const char *const format_labels[FORMAT_COUNT];

/* room for what size bytes come to, and one byte more */
extern size_t format_room(Format format, size_t size);

/* how long it is */
extern size_t format_encode(Format format, const unsigned char *raw, size_t size, char *out);

/*
 * Into size bytes and 2 more, over a scratch of format_room(); false where it is not what
 * format_encode makes of so many bytes.
 */
extern bool format_decode(Format format, const char *text, size_t length, unsigned char *raw, size_t size,
						  unsigned char *scratch);

#endif							/* FORMATS_H */
