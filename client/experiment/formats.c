/*
 * formats.c
 *	  Ways to write bytes down, and to have them back.
 *
 * Base64 is OpenSSL's, both ways; hex goes by tables.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "engine/encodings.h"
#include "experiment/formats.h"

const char *const format_labels[FORMAT_COUNT] = {
	"raw", "hex", "base64", "JSON numbers", "base64(JSON(base64))", "base64(pickle)"
};

static const Encoding encodings[FORMAT_COUNT] = {
	[FORMAT_NUMBERS] = ENCODING_SUPERJSON_BUFFER,
	[FORMAT_JSON_BASE64] = ENCODING_JSON_BASE64,
	[FORMAT_PICKLE] = ENCODING_PICKLE,
};

static const char numbers_begin[] = "{\"json\":[";

size_t
format_room(Format format, size_t size)
{
	if (format == FORMAT_RAW)
		return size + 1;
	if (format == FORMAT_HEX)
		return 2 * size + 1;
	if (format == FORMAT_BASE64)
		return (size + 2) / 3 * 4 + 1;
	return encoding_room(encodings[format], size);
}

static size_t
encode_hex(const unsigned char *raw, size_t size, char *out)
{
	static char pairs[256][2];
	static const char digits[] = "0123456789abcdef";

	if (pairs[0][0] == '\0')
	{
		for (int i = 0; i < 256; i++)
		{
			pairs[i][0] = digits[i >> 4];
			pairs[i][1] = digits[i & 15];
		}
	}
	for (size_t i = 0; i < size; i++)
		memcpy(out + 2 * i, pairs[raw[i]], 2);
	return 2 * size;
}

size_t
format_encode(Format format, const unsigned char *raw, size_t size, char *out)
{
	switch (format)
	{
		case FORMAT_RAW:
			memcpy(out, raw, size);
			return size;
		case FORMAT_HEX:
			return encode_hex(raw, size, out);
		case FORMAT_BASE64:
			return (size_t) EVP_EncodeBlock((unsigned char *) out, raw, (int) size);
		default:
			return encoding_write(encodings[format], raw, size, out);
	}
}

/* a digit's value; 0xff: it is none */
static const unsigned char *
hex_values(void)
{
	static unsigned char values[256];

	if (values[0] == 0)
	{
		memset(values, 0xff, sizeof(values));
		for (int i = 0; i < 10; i++)
			values['0' + i] = (unsigned char) i;
		for (int i = 0; i < 6; i++)
			values['a' + i] = (unsigned char) (10 + i);
	}
	return values;
}

static bool
decode_hex(const char *text, size_t length, unsigned char *raw, size_t size)
{
	const unsigned char *values = hex_values();
	unsigned char wrong = 0;

	if (length != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++)
	{
		unsigned char high = values[(unsigned char) text[2 * i]];
		unsigned char low = values[(unsigned char) text[2 * i + 1]];

		wrong |= high | low;
		raw[i] = (unsigned char) (high << 4 | low);
	}
	return (wrong & 0xf0) == 0;
}

/* How many bytes it came to; -1: it is no base64.  Up to two more are written. */
static long
decode_base64(const char *text, size_t length, unsigned char *out)
{
	long		padded;
	long		padding = 0;

	if (length % 4 != 0)
		return -1;
	while (padding < 2 && length > (size_t) padding && text[length - 1 - (size_t) padding] == '=')
		padding++;
	padded = EVP_DecodeBlock(out, (const unsigned char *) text, (int) length);
	return padded < 0 || padded != (long) (length / 4 * 3) ? -1 : padded - padding;
}

/*
 * One to three digits and what comes behind them, all at once: how many there are is
 * chance, which a processor that guesses branches would pay for at every number.
 */
static bool
decode_numbers(const char *text, size_t length, unsigned char *raw, size_t size)
{
	const char *end = text + length;
	const char *at = text + strlen(numbers_begin);

	if (length < strlen(numbers_begin) + 4 || memcmp(text, numbers_begin, strlen(numbers_begin)) != 0)
		return false;
	for (size_t n = 0; n < size; n++)
	{
		uint32_t	four;
		uint32_t	others;
		uint32_t	digits;
		unsigned	value;
		int			ndigits;

		/* more than a number follows the last one */
		if (at + 4 > end)
			return false;
		memcpy(&four, at, 4);
		/* digits become 0 to 9; all others have their highest bit set in the sum */
		four = le32toh(four) ^ UINT32_C(0x30303030);
		others = (four + UINT32_C(0x76767676)) & UINT32_C(0x80808080);
		ndigits = others == 0 ? 0 : __builtin_ctz(others) / 8;
		if (ndigits == 0 || at[ndigits] != (n == size - 1 ? ']' : ','))
			return false;
		digits = four << 8 * (4 - ndigits);
		value = (digits >> 8 & 0xff) * 100 + (digits >> 16 & 0xff) * 10 + (digits >> 24);
		if (value > 255)
			return false;
		raw[n] = (unsigned char) value;
		at += ndigits + (n < size - 1);
	}
	return at < end && *at == ']';
}

static bool
decode_json_base64(const char *text, size_t length, unsigned char *raw, size_t size, unsigned char *scratch)
{
	long		inner = decode_base64(text, length, scratch);

	return inner >= 2 && scratch[0] == '"' && scratch[inner - 1] == '"' &&
		decode_base64((const char *) scratch + 1, (size_t) inner - 2, raw) == (long) size;
}

static bool
decode_pickle(const char *text, size_t length, unsigned char *raw, size_t size, unsigned char *scratch)
{
	long		n = decode_base64(text, length, scratch);
	const unsigned char *at = scratch;
	size_t		said = 0;
	int			bytes;

	if (n < 6 || *at++ != 0x80 || *at++ != 4)	/* PROTO */
		return false;
	if (*at == 0x95)			/* FRAME, and how long it is */
		at += 9;
	/* SHORT_BINBYTES or BINBYTES with its length, and two after the bytes */
	if (at + 4 > scratch + n || (*at != 'C' && *at != 'B') || (*at == 'B' && at + 7 > scratch + n))
		return false;
	bytes = *at++ == 'C' ? 1 : 4;
	for (int i = 0; i < bytes; i++)
		said |= (size_t) *at++ << 8 * i;
	if (said != size || at + size + 2 != scratch + n || at[size] != 0x94 || at[size + 1] != '.')
		return false;
	memcpy(raw, at, size);
	return true;
}

bool
format_decode(Format format, const char *text, size_t length, unsigned char *raw, size_t size,
			  unsigned char *scratch)
{
	switch (format)
	{
		case FORMAT_RAW:
			if (length != size)
				return false;
			memcpy(raw, text, size);
			return true;
		case FORMAT_HEX:
			return decode_hex(text, length, raw, size);
		case FORMAT_BASE64:
			return length == (size + 2) / 3 * 4 && decode_base64(text, length, raw) == (long) size;
		case FORMAT_NUMBERS:
			return decode_numbers(text, length, raw, size);
		case FORMAT_JSON_BASE64:
			return decode_json_base64(text, length, raw, size, scratch);
		default:
			return decode_pickle(text, length, raw, size, scratch);
	}
}
