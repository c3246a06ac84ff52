/*
 * byte_buffer.h
 *	  A growing run of bytes, for parameters that are built up.
 */
#ifndef BYTE_BUFFER_H
#define BYTE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct ByteBuffer
{
	char	   *bytes;
	size_t		length;
	size_t		capacity;
} ByteBuffer;

extern void buffer_add(ByteBuffer *buffer, const void *bytes, size_t size);
extern void buffer_add_text(ByteBuffer *buffer, const char *text);
extern void buffer_add_hex(ByteBuffer *buffer, const unsigned char *bytes, size_t size);

/* in network order */
extern void buffer_add_int32(ByteBuffer *buffer, uint32_t value);

/* the bytes, with a zero byte after them; malloc'd, the caller's */
extern char *buffer_take(ByteBuffer *buffer, size_t *length);

#endif							/* BYTE_BUFFER_H */
