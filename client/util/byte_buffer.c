/*
 * byte_buffer.c
 *	  A growing run of bytes.
 */
#include <string.h>

#include "util/byte_buffer.h"
#include "util/memory.h"

/* Room for size more bytes and a zero byte. */
static char *
reserve(ByteBuffer *buffer, size_t size)
{
	if (buffer->length + size + 1 > buffer->capacity)
	{
		buffer->capacity = 2 * buffer->capacity > buffer->length + size + 1 ?
			2 * buffer->capacity : buffer->length + size + 1;
		buffer->bytes = xrealloc(buffer->bytes, buffer->capacity);
	}
	return buffer->bytes + buffer->length;
}

void
buffer_add(ByteBuffer *buffer, const void *bytes, size_t size)
{
	memcpy(reserve(buffer, size), bytes, size);
	buffer->length += size;
}

void
buffer_add_text(ByteBuffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_add_hex(ByteBuffer *buffer, const unsigned char *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char	   *out = reserve(buffer, 2 * size);

	for (size_t i = 0; i < size; i++)
	{
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	buffer->length += 2 * size;
}

void
buffer_add_int32(ByteBuffer *buffer, uint32_t value)
{
	unsigned char bytes[4] = {
		(unsigned char) (value >> 24), (unsigned char) (value >> 16),
		(unsigned char) (value >> 8), (unsigned char) value
	};

	buffer_add(buffer, bytes, sizeof(bytes));
}

char *
buffer_take(ByteBuffer *buffer, size_t *length)
{
	char	   *bytes;

	*reserve(buffer, 0) = '\0';
	bytes = buffer->bytes;
	if (length != NULL)
		*length = buffer->length;
	memset(buffer, 0, sizeof(*buffer));
	return bytes;
}
