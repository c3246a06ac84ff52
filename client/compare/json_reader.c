/*
 * json_reader.c
 *	  Members of JSON objects, with messages that name what is wrong.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/json_reader.h"

/* years of milliseconds: no time is larger */
#define MAX_MS 1e12

bool
reader_fail(Reader *reader, const char *format,...)
{
	char		text[600];
	va_list		args;
	size_t		size;

	if (reader->error != NULL)
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	size = strlen(reader->path) + strlen(text) + 8;
	reader->error = malloc(size);
	if (reader->error != NULL)
		snprintf(reader->error, size, "\"%s\": %s", reader->path, text);
	return false;
}

bool
reader_out_of_memory(Reader *reader)
{
	return reader_fail(reader, "out of memory");
}

const char *
json_type_name(const json_t *value)
{
	switch (json_typeof(value))
	{
		case JSON_OBJECT:
			return "an object";
		case JSON_ARRAY:
			return "an array";
		case JSON_STRING:
			return "a string";
		case JSON_INTEGER:
			return "an integer";
		case JSON_REAL:
			return "a number";
		case JSON_TRUE:
		case JSON_FALSE:
			return "a boolean";
		case JSON_NULL:
			return "null";
	}
	return "something else";
}

/* a member that has to be there; NULL with the error set where it is not */
json_t *
member(Reader *reader, const json_t *object, const char *place, const char *key)
{
	json_t	   *value = json_object_get(object, key);

	if (value == NULL)
		reader_fail(reader, "key \"%s%s%s\" is missing", place, *place ? "." : "", key);
	return value;
}

bool
wrong_type(Reader *reader, const char *place, const char *key, const char *wanted,
		   const json_t *value)
{
	return reader_fail(reader, "key \"%s%s%s\" should be %s and is %s",
				place, *place ? "." : "", key, wanted, json_type_name(value));
}

json_t *
object_member(Reader *reader, const json_t *object, const char *place, const char *key)
{
	json_t	   *value = member(reader, object, place, key);

	if (value != NULL && !json_is_object(value))
	{
		wrong_type(reader, place, key, "an object", value);
		return NULL;
	}
	return value;
}

json_t *
array_member(Reader *reader, const json_t *object, const char *place, const char *key)
{
	json_t	   *value = member(reader, object, place, key);

	if (value != NULL && !json_is_array(value))
	{
		wrong_type(reader, place, key, "an array", value);
		return NULL;
	}
	return value;
}

/* a copy of a string; what is to be printed holds no control characters */
bool
string_member(Reader *reader, const json_t *object, const char *place, const char *key, char **copy)
{
	json_t	   *value = member(reader, object, place, key);

	if (value == NULL)
		return false;
	if (!json_is_string(value))
		return wrong_type(reader, place, key, "a string", value);
	for (const char *c = json_string_value(value); *c != '\0'; c++)
	{
		if ((unsigned char) *c < 0x20 || *c == 0x7f)
			return reader_fail(reader, "key \"%s%s%s\" holds a control character",
						place, *place ? "." : "", key);
	}
	*copy = strdup(json_string_value(value));
	return *copy != NULL || reader_out_of_memory(reader);
}

bool
integer_member(Reader *reader, const json_t *object, const char *place, const char *key,
			   int64_t least, int64_t *result)
{
	json_t	   *value = member(reader, object, place, key);

	if (value == NULL)
		return false;
	if (!json_is_integer(value))
		return wrong_type(reader, place, key, "an integer", value);
	*result = json_integer_value(value);
	if (*result < least)
		return reader_fail(reader, "key \"%s%s%s\" is %" PRId64 ", which is less than %" PRId64,
					place, *place ? "." : "", key, *result, least);
	return true;
}

bool
boolean_member(Reader *reader, const json_t *object, const char *place, const char *key, bool *result)
{
	json_t	   *value = member(reader, object, place, key);

	if (value == NULL)
		return false;
	if (!json_is_boolean(value))
		return wrong_type(reader, place, key, "a boolean", value);
	*result = json_is_true(value);
	return true;
}

/* a time in ms, NAN where it is null */
bool
time_member(Reader *reader, const json_t *object, const char *place, const char *key, double *result)
{
	json_t	   *value = member(reader, object, place, key);

	if (value == NULL)
		return false;
	*result = NAN;
	if (json_is_null(value))
		return true;
	if (!json_is_number(value))
		return wrong_type(reader, place, key, "a number or null", value);
	*result = json_number_value(value);
	if (!isfinite(*result) || fabs(*result) > MAX_MS)
		return reader_fail(reader, "key \"%s.%s\" is no time in milliseconds", place, key);
	return true;
}
