/*
 * fields.c
 *	  Structures by the table of their fields: tidied, freed, written as JSON.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/environment.h"
#include "figures/fields.h"
#include "figures/fields_internal.h"
#include "sample/sample.h"
#include "util/clock.h"

/* a file keeps these, so that what was read from it is what was written */
#define DIGITS 12

void *
field_at(const Field *field, const void *structure)
{
	return (char *) structure + field->offset;
}

int *
field_count(const Field *field, const void *structure)
{
	return (int *) ((char *) structure + field->count);
}

size_t
element_size(const Field *field)
{
	switch (field->type)
	{
		case FIELD_BOOL:
			return sizeof(bool);
		case FIELD_INT:
		case FIELD_WORD:
			return sizeof(int);
		case FIELD_REAL:
			return sizeof(double);
		case FIELD_TEXT:
		case FIELD_WORD_TEXT:
			return sizeof(char *);
		case FIELD_STRUCT:
			return field->inner->size;
		default:
			return sizeof(int64_t);
	}
}

int
field_elements(const Field *field, const void *structure, char **first)
{
	*first = field_at(field, structure);
	switch (field->shape)
	{
		case SHAPE_ONE:
			return 1;
		case SHAPE_BY_NAME:
		case SHAPE_SET:
			return field->n;
		case SHAPE_ARRAY:
			return *field_count(field, structure);
		default:
			*first = *(char **) *first;
			return *field_count(field, structure);
	}
}

/* The number as it is after it was written with so many digits and read again. */
static double
rounded(double value)
{
	char		text[DIGITS + 20];

	if (!isfinite(value))
		return NAN;
	if (value == 0.0)
		return 0.0;				/* minus zero too */
	snprintf(text, sizeof(text), "%.*g", DIGITS, value);
	return strtod(text, NULL);
}

/* What is no UTF-8 cannot be in JSON: a question mark for each such byte. */
static void
clean(char *text)
{
	while (*text != '\0')
	{
		size_t		most = strnlen(text, 4);
		size_t		length = 1;
		json_t	   *character;

		while ((character = json_stringn(text, length)) == NULL && length < most)
			length++;
		if (character == NULL)
			*text++ = '?';
		else
			text += length;
		json_decref(character);
	}
}

void
fields_tidy(const Fields *fields, void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		char	   *at;
		int			n = field_elements(field, structure, &at);

		for (int i = 0; i < n; i++, at += element_size(field))
		{
			if (field->type == FIELD_STRUCT)
				fields_tidy(field->inner, at);
			else if (field->type == FIELD_REAL)
				*(double *) at = rounded(*(double *) at);
			else if (field->type == FIELD_TEXT && *(char **) at != NULL)
				clean(*(char **) at);
		}
	}
}

void
fields_free(const Fields *fields, void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		char	   *at;
		int			n = field_elements(field, structure, &at);

		if (field->shape == SHAPE_ARRAY)
			n = field->n;		/* those that are not used are zero, or somebody's all the same */
		for (int i = 0; i < n; i++, at += element_size(field))
		{
			if (field->type == FIELD_STRUCT)
				fields_free(field->inner, at);
			else if (field->type == FIELD_TEXT)
			{
				free(*(char **) at);
				*(char **) at = NULL;
			}
		}
		if (field->shape == SHAPE_LIST || field->shape == SHAPE_MAP)
		{
			free(*(void **) field_at(field, structure));
			*(void **) field_at(field, structure) = NULL;
			*field_count(field, structure) = 0;
		}
	}
}

static json_t *
text_or_null(const char *text)
{
	json_t	   *json = text != NULL ? json_string(text) : NULL;

	return json != NULL ? json : json_null();
}

/* Is nothing in it known?  Reading null makes just this of it. */
static bool
is_empty(const Fields *fields, const void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		const void *at = field_at(field, structure);

		if ((field->type == FIELD_REAL && !isnan(*(const double *) at)) ||
			(field->type == FIELD_INT && *(const int *) at != 0) ||
			(field->type == FIELD_INT64 && *(const int64_t *) at != 0) ||
			(field->type == FIELD_BOOL && *(const bool *) at) ||
			(field->type == FIELD_STRUCT && !is_empty(field->inner, at)))
			return false;
	}
	return true;
}

static json_t *
write_element(const Field *field, const void *at, const void *structure)
{
	switch (field->type)
	{
		case FIELD_BOOL:
			return json_boolean(*(const bool *) at);
		case FIELD_INT:
			return json_integer(*(const int *) at);
		case FIELD_COUNTED:
			return *(const int64_t *) at != UNKNOWN ? json_integer(*(const int64_t *) at) : json_null();
		case FIELD_OPTIONAL:
			return *(const bool *) ((const char *) structure + field->count) ?
				json_integer(*(const int64_t *) at) : json_null();
		case FIELD_REAL:
			return isfinite(*(const double *) at) ? json_real(*(const double *) at) : json_null();
		case FIELD_NS:
			return json_real((double) *(const int64_t *) at / (double) NS_PER_MS);
		case FIELD_TEXT:
		case FIELD_WORD_TEXT:
			return text_or_null(*(const char *const *) at);
		case FIELD_WORD:
			return json_string(field->names[*(const int *) at]);
		case FIELD_STRUCT:
			return fields_write(field->inner, at);
		default:
			return json_integer(*(const int64_t *) at);
	}
}

static json_t *
write_field(const Field *field, const void *structure)
{
	bool		is_object = field->shape == SHAPE_BY_NAME || field->shape == SHAPE_MAP;
	json_t	   *all;
	char	   *at;
	int			n = field_elements(field, structure, &at);

	if (field->shape == SHAPE_ONE)
		return write_element(field, at, structure);
	all = is_object ? json_object() : json_array();
	for (int i = 0; i < n; i++, at += element_size(field))
	{
		if (field->shape == SHAPE_MAP)
			json_object_set_new(all, ((const Setting *) at)->name, text_or_null(((const Setting *) at)->value));
		else if (field->shape == SHAPE_BY_NAME)
			json_object_set_new(all, field->names[i], write_element(field, at, structure));
		else if (field->shape != SHAPE_SET)
			json_array_append_new(all, write_element(field, at, structure));
		else if (*(const bool *) at)
			json_array_append_new(all, json_string(field->names[i]));
	}
	return all;
}

json_t *
fields_write(const Fields *fields, const void *structure)
{
	json_t	   *object;

	if (fields->null_if_empty && is_empty(fields, structure))
		return json_null();
	object = json_object();
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
		json_object_set_new(object, field->key, write_field(field, structure));
	return object;
}
