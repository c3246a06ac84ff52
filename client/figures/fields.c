/*
 * fields.c
 *	  Tidying and freeing structures by the table of their fields.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures/fields.h"
#include "figures/fields_internal.h"

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
