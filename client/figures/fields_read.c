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
	va_list		args;

	if (reader->error == NULL)
	{
		text_add(&reader->error, "%s%s%s", *where ? "key \"" : "the outermost value", where, *where ? "\" " : " ");
		va_start(args, format);
		text_add_list(&reader->error, format, args);
		va_end(args);
	}
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
read_element(Reader *reader, const Place *place, const json_t *json, const Field *field, void *at, void *structure)
{
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
		case FIELD_COUNTED:
			*(int64_t *) at = UNKNOWN;
			return json_is_null(json) || read_integer(reader, place, json, UNKNOWN + 1, INT64_MAX, at);
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
		case FIELD_STRUCT:
			return read_struct(reader, place, field->inner, json, at);
		default:
			return read_integer(reader, place, json, field->low, INT64_MAX, at);
	}
}

/* The count, and memory where they are not in place. */
static bool
make_room(Reader *reader, const Place *place, size_t n, const Field *field, void *structure)
{
	size_t		least = field->shape == SHAPE_ARRAY ? (size_t) field->low : 0;

	if (n > (size_t) (field->shape == SHAPE_ARRAY ? field->n : INT_MAX) || n < least)
		return fail(reader, place, "has %zu elements, too %s", n, n < least ? "few" : "many");
	if (field->shape != SHAPE_ARRAY)
		*(void **) field_at(field, structure) = xcalloc(n + 1, element_size(field));
	*field_count(field, structure) = (int) n;
	return true;
}

static bool
read_object(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	const char *key;
	json_t	   *value;
	char	   *at;
	bool		good = true;

	if (!json_is_object(json))
		return wrong_type(reader, place, json, "an object");
	if (field->shape == SHAPE_MAP && !make_room(reader, place, json_object_size(json), field, structure))
		return false;
	field_elements(field, structure, &at);
	if (field->shape == SHAPE_MAP)
	{
		json_object_foreach((json_t *) json, key, value)
		{
			Setting    *setting = (Setting *) at;
			Place		inner = {place, key, 0};

			setting->name = xstrdup(key);
			good = good && read_text(reader, &inner, value, true, &setting->value);
			at += sizeof(Setting);
		}
		return good;
	}
	for (int i = 0; i < field->n && good; i++, at += element_size(field))
	{
		const json_t *element = member(reader, place, json, field->names[i]);
		Place		inner = {place, field->names[i], 0};

		good = element != NULL && read_element(reader, &inner, element, field, at, structure);
	}
	return good;
}

static bool
read_list(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	char	   *at;
	bool		good = true;

	if (!json_is_array(json))
		return wrong_type(reader, place, json, "a list");
	if (field->shape != SHAPE_SET && !make_room(reader, place, json_array_size(json), field, structure))
		return false;
	field_elements(field, structure, &at);
	for (size_t i = 0; i < json_array_size(json) && good; i++)
	{
		const json_t *element = json_array_get(json, i);
		Place		inner = {place, NULL, i};
		int			word = 0;

		if (field->shape != SHAPE_SET)
			good = read_element(reader, &inner, element, field, at + i * element_size(field), structure);
		else if ((good = read_word(reader, &inner, element, field, &word)))
			((bool *) at)[word] = true;
	}
	return good;
}

static bool
read_field(Reader *reader, const Place *place, const json_t *json, const Field *field, void *structure)
{
	if (field->shape == SHAPE_ONE)
		return read_element(reader, place, json, field, field_at(field, structure), structure);
	return field->shape == SHAPE_BY_NAME || field->shape == SHAPE_MAP ?
		read_object(reader, place, json, field, structure) : read_list(reader, place, json, field, structure);
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
