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

/* what is wrong, and the place of it, put together on the way out */
typedef struct Reader
{
	char	   *place;			/* "workflows[0].steps[2].first_ms" */
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

static bool fail(Reader *reader, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* Leave the message; false. */
static bool
fail(Reader *reader, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	text_add_list(&reader->error, format, args);
	va_end(args);
	return false;
}

/* What failed is within this key, or "[7]"; false.  Keys from a file may be long. */
static bool
within(Reader *reader, const char *key)
{
	char	   *inner = reader->place;

	reader->place = inner == NULL ? xasprintf("%.60s", key) :
		xasprintf("%.60s%s%s", key, *inner != '[' ? "." : "", inner);
	free(inner);
	return false;
}

/* NULL: the key, which must be there, is not. */
static bool
wrong_type(Reader *reader, const json_t *json, const char *expected)
{
	return json == NULL ? fail(reader, "is missing") : fail(reader, "should be %s and is %s", expected, type_name(json));
}

static bool
read_integer(Reader *reader, const json_t *json, int64_t low, int64_t high, int64_t *value)
{
	if (!json_is_integer(json))
		return json_is_real(json) ? fail(reader, "should be a whole number and is not") :
			wrong_type(reader, json, "a whole number");
	*value = json_integer_value(json);
	if (*value < low || *value > high)
		return fail(reader, "is %" PRId64 ", not from %" PRId64 " to %" PRId64, *value, low, high);
	return true;
}

static bool
read_text(Reader *reader, const json_t *json, bool optional, char **text)
{
	if (json_is_null(json) && optional)
		*text = NULL;
	else if (json_is_string(json))
		*text = xstrdup(json_string_value(json));
	else
		return wrong_type(reader, json, optional ? "a text or null" : "a text");
	return true;
}

static bool
read_word(Reader *reader, const json_t *json, const Field *field, int *word)
{
	if (!json_is_string(json))
		return wrong_type(reader, json, "a text");
	for (*word = 0; *word < field->n; (*word)++)
	{
		if (strcmp(json_string_value(json), field->names[*word]) == 0)
			return true;
	}
	*word = 0;
	return fail(reader, "is \"%.60s\", which is not known here", json_string_value(json));
}

/* Real numbers in ms of a length of time that has whole nanoseconds. */
static bool
read_ns(Reader *reader, const json_t *json, int64_t *ns)
{
	double		value = json_number_value(json) * (double) NS_PER_MS;

	if (!json_is_number(json))
		return wrong_type(reader, json, "a number");
	if (!(value >= 0.0 && value < 9e18))
		return fail(reader, "is no length of time");
	*ns = llround(value);
	return true;
}

static bool read_struct(Reader *reader, const Fields *fields, const json_t *json, void *structure);

static bool
read_element(Reader *reader, const json_t *json, const Field *field, void *at, void *structure)
{
	int64_t		value = 0;
	int			word = 0;

	switch (field->type)
	{
		case FIELD_BOOL:
			*(bool *) at = json_is_true(json);
			return json_is_boolean(json) || wrong_type(reader, json, "true or false");
		case FIELD_INT:
			if (!read_integer(reader, json, field->low, INT_MAX, &value))
				return false;
			*(int *) at = (int) value;
			return true;
		case FIELD_COUNTED:
			*(int64_t *) at = UNKNOWN;
			return json_is_null(json) || read_integer(reader, json, UNKNOWN + 1, INT64_MAX, at);
		case FIELD_OPTIONAL:
			*(bool *) ((char *) structure + field->count) = !json_is_null(json);
			return json_is_null(json) || read_integer(reader, json, INT64_MIN, INT64_MAX, at);
		case FIELD_REAL:
			*(double *) at = json_is_number(json) ? json_number_value(json) : NAN;
			return json_is_number(json) || json_is_null(json) ||
				wrong_type(reader, json, "a number or null");
		case FIELD_NS:
			return read_ns(reader, json, at);
		case FIELD_TEXT:
			return read_text(reader, json, field->optional, at);
		case FIELD_WORD:
			if (!read_word(reader, json, field, &word))
				return false;
			*(int *) at = word;
			return true;
		case FIELD_WORD_TEXT:
			if (json_is_null(json) && field->optional)
				return true;
			if (!read_word(reader, json, field, &word))
				return false;
			*(const char **) at = field->names[word];
			return true;
		case FIELD_STRUCT:
			return read_struct(reader, field->inner, json, at);
		default:
			return read_integer(reader, json, field->low, INT64_MAX, at);
	}
}

/* The count, and memory where they are not in place. */
static bool
make_room(Reader *reader, size_t n, const Field *field, void *structure)
{
	size_t		least = field->shape == SHAPE_ARRAY ? (size_t) field->low : 0;

	if (n > (size_t) (field->shape == SHAPE_ARRAY ? field->n : INT_MAX) || n < least)
		return fail(reader, "has %zu elements, too %s", n, n < least ? "few" : "many");
	if (field->shape != SHAPE_ARRAY)
		*(void **) field_at(field, structure) = xcalloc(n + 1, element_size(field));
	*field_count(field, structure) = (int) n;
	return true;
}

static bool
read_map(Reader *reader, const json_t *json, const Field *field, void *structure)
{
	const char *key;
	json_t	   *value;
	char	   *at;

	if (!json_is_object(json))
		return wrong_type(reader, json, "an object");
	if (!make_room(reader, json_object_size(json), field, structure))
		return false;
	field_elements(field, structure, &at);
	json_object_foreach((json_t *) json, key, value)
	{
		Setting    *setting = (Setting *) at;

		setting->name = xstrdup(key);
		if (!read_text(reader, value, true, &setting->value))
			return within(reader, key);
		at += sizeof(Setting);
	}
	return true;
}

static bool
read_by_name(Reader *reader, const json_t *json, const Field *field, void *structure)
{
	char	   *at = field_at(field, structure);

	if (!json_is_object(json))
		return wrong_type(reader, json, "an object");
	for (int i = 0; i < field->n; i++, at += element_size(field))
	{
		if (!read_element(reader, json_object_get(json, field->names[i]), field, at, structure))
			return within(reader, field->names[i]);
	}
	return true;
}

static bool
read_list(Reader *reader, const json_t *json, const Field *field, void *structure)
{
	char	   *at;
	json_t	   *element;
	size_t		i;

	if (!json_is_array(json))
		return wrong_type(reader, json, "a list");
	if (field->shape != SHAPE_SET && !make_room(reader, json_array_size(json), field, structure))
		return false;
	field_elements(field, structure, &at);
	json_array_foreach(json, i, element)
	{
		char		index[32];
		int			word = 0;

		snprintf(index, sizeof(index), "[%zu]", i);
		if (field->shape != SHAPE_SET)
		{
			if (!read_element(reader, element, field, at + i * element_size(field), structure))
				return within(reader, index);
		}
		else if (!read_word(reader, element, field, &word))
			return within(reader, index);
		else
			((bool *) at)[word] = true;
	}
	return true;
}

static bool
read_field(Reader *reader, const json_t *json, const Field *field, void *structure)
{
	switch (field->shape)
	{
		case SHAPE_ONE:
			return read_element(reader, json, field, field_at(field, structure), structure);
		case SHAPE_BY_NAME:
			return read_by_name(reader, json, field, structure);
		case SHAPE_MAP:
			return read_map(reader, json, field, structure);
		default:
			return read_list(reader, json, field, structure);
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
read_struct(Reader *reader, const Fields *fields, const json_t *json, void *structure)
{
	if (fields->null_if_empty && json_is_null(json))
	{
		set_empty(fields, structure);
		return true;
	}
	if (!json_is_object(json))
		return wrong_type(reader, json, fields->null_if_empty ? "an object or null" : "an object");
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		if (!read_field(reader, json_object_get(json, field->key), field, structure))
			return within(reader, field->key);
	}
	return true;
}

bool
fields_read(const Fields *fields, const json_t *json, void *structure, char **error)
{
	Reader		reader = {NULL, NULL};
	bool		good = read_struct(&reader, fields, json, structure);

	*error = good ? NULL : reader.place == NULL ? xasprintf("the outermost value %s", reader.error) :
		xasprintf("key \"%s\" %s", reader.place, reader.error);
	free(reader.place);
	free(reader.error);
	return good;
}
