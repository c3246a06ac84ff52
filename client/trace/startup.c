/*
 * startup.c
 *	  The first packet of a connection, which says what it is to be.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/startup.h"

#define CODE_CANCEL 80877102
#define CODE_SSL 80877103
#define CODE_GSS 80877104
#define CANCEL_MAX (4 + 4 + 4 + 256)	/* protocol 3.2 has longer keys than 3.0 */

#define AUTHENTICATION_SASL 10
#define BINDING_SUFFIX "-PLUS"

#define TLS_HANDSHAKE 0x16
#define TLS_MAJOR 0x03

static uint32_t
get_int32(const unsigned char *bytes)
{
	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

/* "GET /", "POST /", ...: capital letters and a blank */
static bool
is_http(const unsigned char *bytes, size_t n)
{
	size_t		letters = 0;

	while (letters < n && isupper(bytes[letters]))
		letters++;
	return letters >= 3 && (letters == n || (bytes[letters] == ' ' && letters <= 7));
}

StartupKind
startup_read(const unsigned char *bytes, size_t n, size_t *length)
{
	uint32_t	code;

	*length = 0;
	if (n >= 2 && bytes[0] == TLS_HANDSHAKE && bytes[1] == TLS_MAJOR)
		return STARTUP_TLS;
	if (n < 4)
		return STARTUP_MORE;
	*length = get_int32(bytes);
	if (*length < 8 || *length > STARTUP_MAX)
		return is_http(bytes, n) ? STARTUP_HTTP : STARTUP_UNKNOWN;
	if (n < 8)
		return STARTUP_MORE;

	/* what it is shows before all of it is there */
	code = get_int32(bytes + 4);
	if (code == CODE_SSL || code == CODE_GSS)
		return *length == 8 ? STARTUP_ENCRYPTION : STARTUP_UNKNOWN;
	if (code == CODE_CANCEL)
		return *length > CANCEL_MAX ? STARTUP_UNKNOWN : n < *length ? STARTUP_MORE : STARTUP_CANCEL;
	if (code >> 16 == 3)
		return n < *length ? STARTUP_MORE : STARTUP_SESSION;
	return code >> 16 <= 9 ? STARTUP_OTHER_VERSION : STARTUP_UNKNOWN;
}

static void
add_field(ByteBuffer *buffer, char type, const char *text)
{
	buffer_add(buffer, &type, 1);
	buffer_add(buffer, text, strlen(text) + 1);
}

void
startup_add_error(ByteBuffer *buffer, const char *sqlstate, const char *message)
{
	ByteBuffer	fields = {0};

	add_field(&fields, 'S', "FATAL");
	add_field(&fields, 'V', "FATAL");
	add_field(&fields, 'C', sqlstate);
	add_field(&fields, 'M', message);
	buffer_add(&fields, "", 1);
	buffer_add(buffer, "E", 1);
	buffer_add_int32(buffer, (uint32_t) fields.length + 4);
	buffer_add(buffer, fields.bytes, fields.length);
	free(fields.bytes);
}

/* Take the mechanisms with channel binding out of a list of them; the new length. */
static size_t
drop_bindings(unsigned char *list, size_t length)
{
	size_t		kept = 0;
	size_t		suffix = strlen(BINDING_SUFFIX);

	for (size_t at = 0; at < length;)
	{
		size_t		one = strnlen((char *) list + at, length - at);
		size_t		whole = at + one < length ? one + 1 : one;

		if (one < suffix || memcmp(list + at + one - suffix, BINDING_SUFFIX, suffix) != 0)
		{
			memmove(list + kept, list + at, whole);
			kept += whole;
		}
		at += whole;
	}
	return kept;
}

bool
startup_withhold_binding(unsigned char *bytes, size_t *n)
{
	size_t		at = 0;

	while (*n - at >= 5)
	{
		size_t		length = (size_t) get_int32(bytes + at + 1);
		unsigned char *body = bytes + at + 5;
		size_t		kept;
		uint32_t	shorter;

		if (length < 4 || length > STARTUP_MAX || bytes[at] == 'E')
			return true;
		if (*n - at < 1 + length)
			return false;
		if (bytes[at] == 'R' && (length < 8 || get_int32(body) != AUTHENTICATION_SASL))
			return true;
		if (bytes[at] != 'R')
		{
			at += 1 + length;
			continue;
		}
		kept = drop_bindings(body + 4, length - 8);
		memmove(body + 4 + kept, body + length - 4, *n - at - 1 - length);
		*n -= length - 8 - kept;
		shorter = (uint32_t) (8 + kept);
		bytes[at + 1] = (unsigned char) (shorter >> 24);
		bytes[at + 2] = (unsigned char) (shorter >> 16);
		bytes[at + 3] = (unsigned char) (shorter >> 8);
		bytes[at + 4] = (unsigned char) shorter;
		return true;
	}
	return false;
}
