/*
 * encodings.c
 *	  The texts that DBOS's SDKs make of bytes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "engine/encodings.h"
#include "util/memory.h"

#define BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/* bytes around the payload in a pickle, at most */
#define PICKLE_FRAME 24

/* from this size on a pickle has the bytes outside of its frame */
#define PICKLE_FRAME_TARGET 65536

static const char superjson_end[] = ",\"__dbos_serializer\":\"superjson\"}";
static const char superjson_buffer[] = ",\"meta\":{\"values\":[[\"custom\",\"Buffer\"]]}";
static const char jackson_begin[] = "[\"[B\",\"";

size_t
encoding_room(Encoding encoding, size_t size)
{
	switch (encoding)
	{
		case ENCODING_PICKLE:
			return BASE64_LENGTH(size + PICKLE_FRAME) + 1;
		case ENCODING_SUPERJSON_BUFFER:
			return strlen("{\"json\":[]") + 4 * size + sizeof(superjson_buffer) + sizeof(superjson_end);
		case ENCODING_JSON_BASE64:
			return BASE64_LENGTH(BASE64_LENGTH(size) + 2) + 1;
		case ENCODING_NONE:
			return size + 1;
		default:
			return BASE64_LENGTH(size) + sizeof(superjson_end) + sizeof(jackson_begin) + 16;
	}
}

/* where the text ends then */
static char *
put_base64(char *out, const void *bytes, size_t size)
{
	return out + EVP_EncodeBlock((unsigned char *) out, bytes, (int) size);
}

static char *
put(char *out, const char *text)
{
	return stpcpy(out, text);
}

static unsigned char *
put_little_endian(unsigned char *out, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++, number >>= 8)
		*out++ = (unsigned char) number;
	return out;
}

/* What comes before the bytes in a pickle; how long it is. */
static size_t
pickle_begin(unsigned char *out, size_t size)
{
	bool		is_short = size <= 255;
	unsigned char *begin = out;

	*out++ = 0x80;				/* PROTO */
	*out++ = 4;
	if (size < PICKLE_FRAME_TARGET)
	{
		*out++ = 0x95;			/* FRAME: the opcode with its length, the bytes, MEMOIZE, STOP */
		out = put_little_endian(out, (is_short ? 2 : 5) + size + 2, 8);
	}
	*out++ = is_short ? 'C' : 'B';	/* SHORT_BINBYTES, BINBYTES */
	out = put_little_endian(out, size, is_short ? 1 : 4);
	return (size_t) (out - begin);
}

/*
 * Base64 of the pickle without a copy of the bytes: what comes before them is made up
 * to a multiple of three by the first of them, and the end has what is left over.
 */
static char *
put_pickle(char *out, const unsigned char *raw, size_t size)
{
	unsigned char edge[PICKLE_FRAME + 8];
	size_t		n = pickle_begin(edge, size);
	size_t		whole;

	while (n % 3 != 0 && size > 0)
	{
		edge[n++] = *raw++;
		size--;
	}
	if (n % 3 == 0)
	{
		out = put_base64(out, edge, n);
		n = 0;
	}
	whole = size - size % 3;
	out = whole > 0 ? put_base64(out, raw, whole) : out;
	memcpy(edge + n, raw + whole, size - whole);
	n += size - whole;
	edge[n++] = 0x94;			/* MEMOIZE */
	edge[n++] = '.';			/* STOP */
	return put_base64(out, edge, n);
}

/* "0" to "255" with a comma behind each, in one place */
typedef struct Number
{
	char		text[4];
	int			length;
} Number;

static char *
put_numbers(char *out, const unsigned char *raw, size_t size)
{
	static Number numbers[256];

	if (numbers[0].length == 0)
	{
		for (int i = 0; i < 256; i++)
		{
			char	   *at = numbers[i].text;

			if (i >= 100)
				*at++ = (char) ('0' + i / 100);
			if (i >= 10)
				*at++ = (char) ('0' + i / 10 % 10);
			*at++ = (char) ('0' + i % 10);
			*at++ = ',';
			numbers[i].length = (int) (at - numbers[i].text);
		}
	}
	for (size_t i = 0; i < size; i++)
	{
		memcpy(out, numbers[raw[i]].text, 4);
		out += numbers[raw[i]].length;
	}
	return size > 0 ? out - 1 : out;
}

/* Base64 of base64 in quotes, over one buffer. */
static char *
put_json_base64(char *out, const unsigned char *raw, size_t size)
{
	char	   *json = xcalloc(BASE64_LENGTH(size) + 3, 1);
	char	   *end = json;

	*end++ = '"';
	end = put_base64(end, raw, size);
	*end++ = '"';
	out = put_base64(out, json, (size_t) (end - json));
	free(json);
	return out;
}

static char *
put_plain(char *out, const unsigned char *raw, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i++)
		*out++ = letters[raw[i] & 63];
	return out;
}

size_t
encoding_write(Encoding encoding, const unsigned char *raw, size_t size, char *text)
{
	char	   *out = text;

	switch (encoding)
	{
		case ENCODING_PICKLE:
			out = put_pickle(out, raw, size);
			break;
		case ENCODING_SUPERJSON_BASE64:
			out = put(put_base64(put(out, "{\"json\":\""), raw, size), "\"");
			out = put(out, superjson_end);
			break;
		case ENCODING_SUPERJSON_BUFFER:
			out = put(put_numbers(put(out, "{\"json\":["), raw, size), "]");
			out = put(put(out, superjson_buffer), superjson_end);
			break;
		case ENCODING_JSON_BASE64:
			out = put_json_base64(out, raw, size);
			break;
		case ENCODING_JSON:
			out = put(put_base64(put(out, "\""), raw, size), "\"");
			break;
		case ENCODING_JACKSON:
			out = put(put_base64(put(out, jackson_begin), raw, size), "\"]");
			break;
		default:
			out = put_plain(out, raw, size);
			break;
	}
	*out = '\0';
	return (size_t) (out - text);
}
