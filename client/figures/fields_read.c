/*
 * fields_read.c
 *	  From JSON to structures: every key must be there and be what it should.
 *
 * Files come from anywhere: nothing is believed of them that was not looked at,
 * and what memory they make this program take is bounded by their own size.
 */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "environment/environment.h"
#include "figures/fields.h"
#include "figures/fields_internal.h"
#include "sample/sample.h"
#include "util/clock.h"
#include "util/memory.h"

/* where in the file something is, from the inside out */
typedef struct Place
{
	const struct Place *outer;
	const char *key;			/* NULL: the index-th of a list */
	size_t		index;
} Place;

typedef struct Reader
{
	char	   *error;
} Reader;

static const char *
type_name(const json_t *json)
{
	switch (json_typeof(json))
	{
		case JSON_OBJECT:
			return "an object";
		case JSON_ARRAY:
			return "a list";
		case JSON_STRING:
			return "a text";
		case JSON_INTEGER:
		case JSON_REAL:
			return "a number";
		case JSON_NULL:
			return "null";
		default:
			return "true or false";
	}
}

/* "workflows[0].steps[2].first_ms"; the caller's.  Keys from a file may be long. */
static char *
place_text(const Place *place)
{
	char	   *outer;
	char	   *text;

	if (place == NULL)
		return xstrdup("");
	outer = place_text(place->outer);
	if (place->key == NULL)
		text = xasprintf("%s[%zu]", outer, place->index);
	else
		text = xasprintf("%s%s%.60s", outer, *outer ? "." : "", place->key);
	free(outer);
	return text;
}

static bool fail(Reader *reader, const Place *place, const char *format,...)
			__attribute__((format(printf, 3, 4)));

/* Leave the message, unless there is one already; false. */
static bool
fail(Reader *reader, const Place *place, const char *format,...)
{
	char	   *where = place_text(place);
	char		what[200];
	va_list		args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (reader->error == NULL)
		reader->error = *where ? xasprintf("key \"%s\" %s", where, what) :
			xasprintf("the outermost value %s", what);
	free(where);
	return false;
}

static bool
wrong_type(Reader *reader, const Place *place, const json_t *json, const char *expected)
{
	return fail(reader, place, "should be %s and is %s", expected, type_name(json));
}

static bool
read_integer(Reader *reader, const Place *place, const json_t *json, int64_t low, int64_t high,
			 int64_t *value)
{
	if (!json_is_integer(json))
		return json_is_real(json) ? fail(reader, place, "should be a whole number and is not") :
			wrong_type(reader, place, json, "a whole number");
	*value = json_integer_value(json);
	if (*value < low || *value > high)
		return fail(reader, place, "is %" PRId64 ", not from %" PRId64 " to %" PRId64, *value, low, high);
	return true;
}

/* from low, which is not UNKNOWN; null: UNKNOWN */
static bool
read_counted(Reader *reader, const Place *place, const json_t *json, int64_t *value)
{
	if (json_is_null(json))
	{
		*value = UNKNOWN;
		return true;
	}
	return read_integer(reader, place, json, INT64_MIN + 1, INT64_MAX, value);
}

static bool
read_text(Reader *reader, const Place *place, const json_t *json, bool optional, char **text)
{
	if (json_is_null(json) && optional)
		*text = NULL;
	else if (json_is_string(json))
		*text = xstrdup(json_string_value(json));
	else
		return wrong_type(reader, place, json, optional ? "a text or null" : "a text");
	return true;
}

static bool
read_word(Reader *reader, const Place *place, const json_t *json, const Field *field, int *word)
{
	if (!json_is_string(json))
		return wrong_type(reader, place, json, "a text");
	for (*word = 0; *word < field->n; (*word)++)
	{
		if (strcmp(json_string_value(json), field->names[*word]) == 0)
			return true;
	}
	*word = 0;
	return fail(reader, place, "is \"%.60s\", which is not known here", json_string_value(json));
}

/* Real numbers in ms of a length of time that has whole nanoseconds. */
static bool
read_ns(Reader *reader, const Place *place, const json_t *json, int64_t *ns)
{
	double		value = json_number_value(json) * (double) NS_PER_MS;

	if (!json_is_number(json))
		return wrong_type(reader, place, json, "a number");
	if (!(value >= 0.0 && value < 9e18))
		return fail(reader, place, "is no length of time");
	*ns = llround(value);
	return true;
}

static bool read_struct(Reader *reader, const Place *place, const Fields *fields, const json_t *json,
						void *structure);

/* A list's length into the count, where there is room for so many. */
static bool
read_length(Reader *reader, const Place *place, const json_t *json, const Field *field,
			void *structure, size_t *n)
{
	bool		bounded = field->type == FIELD_ARRAY || field->type == FIELD_TEXT_ARRAY ||
		field->type == FIELD_INT64_ARRAY;

	if (!json_is_array(json))
		return wrong_type(reader, place, json, "a list");
	*n = json_array_size(json);
	if (*n > (bounded ? (size_t) field->n : (size_t) INT_MAX) || (int64_t) *n < field->low)
		return fail(reader, place, "has %zu elements, too %s", *n,
					(int64_t) *n < field->low ? "few" : "many");
	if (field->type == FIELD_LIST)
		*(void **) field_at(field, structure) = xcalloc(*n + 1, field->inner->size);
	if (field->type == FIELD_TEXTS)
		*(char ***) field_at(field, structure) = xcalloc(*n + 1, sizeof(char *));
	*field_count(field, structure) = (int) *n;
	return true;
}

static bool
read_array(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	void	   *at = field_at(field, structure);
	size_t		n = 0;
	char	   *items;

	if (!read_length(reader, place, json, field, structure, &n))
		return false;
	field_items(field, structure, &items);
	for (size_t i = 0; i < n; i++)
	{
		const json_t *element = json_array_get(json, i);
		Place		inner = {place, NULL, i};
		bool		good;

		if (field->type == FIELD_TEXTS)
			good = read_text(reader, &inner, element, field->optional, &(*(char ***) at)[i]);
		else if (field->type == FIELD_TEXT_ARRAY)
			good = read_text(reader, &inner, element, field->optional, &((char **) at)[i]);
		else if (field->type == FIELD_INT64_ARRAY)
			good = read_integer(reader, &inner, element, 0, INT64_MAX, &((int64_t *) at)[i]);
		else
			good = read_struct(reader, &inner, field->inner, element, items + i * field->inner->size);
		if (!good)
			return false;
	}
	return true;
}

static bool
read_set(Reader *reader, const Place *place, const json_t *json, const Field *field, bool *set)
{
	if (!json_is_array(json))
		return wrong_type(reader, place, json, "a list");
	for (size_t i = 0; i < json_array_size(json); i++)
	{
		Place		inner = {place, NULL, i};
		int			word;

		if (!read_word(reader, &inner, json_array_get(json, i), field, &word))
			return false;
		set[word] = true;
	}
	return true;
}

/* The value of a key that must be there. */
static const json_t *
member(Reader *reader, const Place *place, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	Place		inner = {place, key, 0};

	if (value == NULL)
		fail(reader, &inner, "is missing");
	return value;
}

static bool
read_by_name(Reader *reader, const Place *place, const json_t *json, const Field *field, char *at)
{
	if (!json_is_object(json))
		return wrong_type(reader, place, json, "an object");
	for (int i = 0; i < field->n; i++)
	{
		const json_t *value = member(reader, place, json, field->names[i]);
		Place		inner = {place, field->names[i], 0};

		if (value == NULL)
			return false;
		if (field->type == FIELD_COUNTED_BY_NAME ?
			!read_counted(reader, &inner, value, &((int64_t *) at)[i]) :
			!read_struct(reader, &inner, field->inner, value, at + (size_t) i * field->inner->size))
			return false;
	}
	return true;
}

static bool
read_map(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	Setting    *settings;
	const char *key;
	json_t	   *value;

	if (!json_is_object(json))
		return wrong_type(reader, place, json, "an object");
	settings = xcalloc(json_object_size(json) + 1, sizeof(Setting));
	*(Setting **) field_at(field, structure) = settings;
	json_object_foreach((json_t *) json, key, value)
	{
		Setting    *setting = &settings[(*field_count(field, structure))++];
		Place		inner = {place, key, 0};

		setting->name = xstrdup(key);
		if (!read_text(reader, &inner, value, true, &setting->value))
			return false;
	}
	return true;
}

static bool
read_field(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	void	   *at = field_at(field, structure);
	int64_t		value = 0;
	int			word = 0;

	switch (field->type)
	{
		case FIELD_BOOL:
			*(bool *) at = json_is_true(json);
			return json_is_boolean(json) || wrong_type(reader, place, json, "true or false");
		case FIELD_INT:
			if (!read_integer(reader, place, json, field->low, INT_MAX, &value))
				return false;
			*(int *) at = (int) value;
			return true;
		case FIELD_INT64:
			return read_integer(reader, place, json, field->low, INT64_MAX, at);
		case FIELD_COUNTED:
			return read_counted(reader, place, json, at);
		case FIELD_OPTIONAL:
			*(bool *) ((char *) structure + field->count) = !json_is_null(json);
			return json_is_null(json) || read_integer(reader, place, json, INT64_MIN, INT64_MAX, at);
		case FIELD_REAL:
			*(double *) at = json_is_number(json) ? json_number_value(json) : NAN;
			return json_is_number(json) || json_is_null(json) ||
				wrong_type(reader, place, json, "a number or null");
		case FIELD_NS:
			return read_ns(reader, place, json, at);
		case FIELD_TEXT:
			return read_text(reader, place, json, field->optional, at);
		case FIELD_WORD:
			if (!read_word(reader, place, json, field, &word))
				return false;
			*(int *) at = word;
			return true;
		case FIELD_WORD_TEXT:
			if (json_is_null(json) && field->optional)
				return true;
			if (!read_word(reader, place, json, field, &word))
				return false;
			*(const char **) at = field->names[word];
			return true;
		case FIELD_SET:
			return read_set(reader, place, json, field, at);
		case FIELD_STRUCT:
			return read_struct(reader, place, field->inner, json, at);
		case FIELD_BY_NAME:
		case FIELD_COUNTED_BY_NAME:
			return read_by_name(reader, place, json, field, at);
		case FIELD_MAP:
			return read_map(reader, place, json, field, structure);
		default:
			return read_array(reader, place, json, field, structure);
	}
}

/* Nothing in it is known. */
static void
set_empty(const Fields *fields, void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		if (field->type == FIELD_REAL)
			*(double *) field_at(field, structure) = NAN;
		else if (field->type == FIELD_STRUCT)
			set_empty(field->inner, field_at(field, structure));
	}
}

static bool
read_struct(Reader *reader, const Place *place, const Fields *fields, const json_t *json, void *structure)
{
	if (fields->null_if_empty && json_is_null(json))
	{
		set_empty(fields, structure);
		return true;
	}
	if (!json_is_object(json))
		return wrong_type(reader, place, json, fields->null_if_empty ? "an object or null" : "an object");
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		const json_t *value = member(reader, place, json, field->key);
		Place		inner = {place, field->key, 0};

		if (value == NULL || !read_field(reader, &inner, value, field, structure))
			return false;
	}
	return true;
}

bool
fields_read(const Fields *fields, const json_t *json, void *structure, char **error)
{
	Reader		reader = {NULL};
	bool		good = read_struct(&reader, NULL, fields, json, structure);

	*error = reader.error;
	return good;
}
