/*
 * compress.h
 *	  The client's compressors, and the kinds of payload that they are tried on.
 */
#ifndef COMPRESS_H
#define COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "experiment/lab.h"

typedef enum Compressor
{
	COMPRESS_LZ4,				/* a block behind the length of what is in it */
	COMPRESS_ZSTD				/* a frame, at zstd's own default level */
} Compressor;

/* the version of the library, for the conditions */
extern const char *compress_version(Compressor compressor);

/* room that size bytes need at most */
extern size_t compress_room(Compressor compressor, size_t size);

/* how many bytes it came to; 0: it failed */
extern size_t compress(Compressor compressor, const unsigned char *raw, size_t size,
					   unsigned char *out, size_t room);

/* into size bytes: false where it is not those */
extern bool decompress(Compressor compressor, const unsigned char *in, size_t length,
					   unsigned char *raw, size_t size);

/* text as workflows record it: orders in JSON, with random names, prices and times */
extern void fill_json(Lab *lab, unsigned char *buffer, size_t size);

#endif							/* COMPRESS_H */
