/*
 * encodings.h
 *	  The texts that DBOS's SDKs make of bytes.
 *
 * All but the number array are base64 in a frame; base64 is OpenSSL's.
 */
#ifndef ENCODINGS_H
#define ENCODINGS_H

#include <stddef.h>
#include <stdint.h>

typedef enum Encoding
{
	ENCODING_PICKLE,			/* Python, bytes: base64 of the pickle (protocol 4) */
	ENCODING_SUPERJSON_BASE64,	/* TypeScript, base64 in a string */
	ENCODING_SUPERJSON_BUFFER,	/* TypeScript, Buffer: an array of numbers */
	ENCODING_JSON_BASE64,		/* Go, []byte: base64 of the JSON of it */
	ENCODING_JSON,				/* Go, portable: the JSON itself, base64 in quotes */
	ENCODING_JACKSON,			/* Java, byte[]: base64 behind the name of its type */
	ENCODING_NONE,				/* as many characters as there are bytes, no pglz makes less of them */
	ENCODING_COUNT
} Encoding;

/*
 * The bytes that a text of so many raw ones can have at most, its zero byte
 * included.  A payload has 1 GB at most, so that this never overflows.
 */
extern size_t encoding_room(Encoding encoding, size_t size);

/*
 * The text of size raw bytes into a buffer of encoding_room(): its length without the
 * zero byte that ends it.
 */
extern size_t encoding_write(Encoding encoding, const unsigned char *raw, size_t size, char *text);

#endif							/* ENCODINGS_H */
