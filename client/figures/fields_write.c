/*
 * fields_write.c
 *	  From structures to JSON.
 */
#include <math.h>

#include "environment/environment.h"
#include "figures/fields.h"
#include "figures/fields_internal.h"
#include "sample/sample.h"
#include "util/clock.h"

static json_t *
real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *
counted_or_null(int64_t value)
{
	return value != UNKNOWN ? json_integer(value) : json_null();
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
			return counted_or_null(*(const int64_t *) at);
		case FIELD_OPTIONAL:
			return *(const bool *) ((const char *) structure + field->count) ?
				json_integer(*(const int64_t *) at) : json_null();
		case FIELD_REAL:
			return real_or_null(*(const double *) at);
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
