/*
 * fields.c
 *	  Tidying and freeing structures by the table of their fields.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/environment.h"
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

/* How many structures follow one another where, and how large each is. */
int
field_items(const Field *field, const void *structure, char **items)
{
	*items = field_at(field, structure);
	switch (field->type)
	{
		case FIELD_STRUCT:
			return 1;
		case FIELD_BY_NAME:
			return field->n;
		case FIELD_ARRAY:
			return *field_count(field, structure);
		case FIELD_LIST:
			*items = *(char **) *items;
			return *field_count(field, structure);
		default:
			return 0;
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
	unsigned char *c = (unsigned char *) text;

	while (*c != '\0')
	{
		int			more = *c >= 0xf0 && *c <= 0xf4 ? 3 : *c >= 0xe0 && *c < 0xf0 ? 2 :
			*c >= 0xc2 && *c < 0xe0 ? 1 : 0;
		bool		good = *c < 0x80 || more > 0;

		for (int i = 1; good && i <= more; i++)
			good = (c[i] & 0xc0) == 0x80;
		/* too long a form, a surrogate, beyond the last */
		good = good && !(*c == 0xe0 && c[1] < 0xa0) && !(*c == 0xed && c[1] > 0x9f) &&
			!(*c == 0xf0 && c[1] < 0x90) && !(*c == 0xf4 && c[1] > 0x8f);
		if (good)
			c += more + 1;
		else
			*c++ = '?';
	}
}

static void
clean_texts(char **texts, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (texts[i] != NULL)
			clean(texts[i]);
	}
}

void
fields_tidy(const Fields *fields, void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		void	   *at = field_at(field, structure);
		char	   *items;
		int			n = field_items(field, structure, &items);

		for (int i = 0; i < n; i++)
			fields_tidy(field->inner, items + (size_t) i * field->inner->size);
		if (field->type == FIELD_REAL)
			*(double *) at = rounded(*(double *) at);
		else if (field->type == FIELD_TEXT)
			clean_texts(at, 1);
		else if (field->type == FIELD_TEXTS)
			clean_texts(*(char ***) at, *field_count(field, structure));
		else if (field->type == FIELD_TEXT_ARRAY)
			clean_texts(at, *field_count(field, structure));
		else if (field->type == FIELD_MAP)
		{
			Setting    *settings = *(Setting **) at;

			for (int i = 0; i < *field_count(field, structure); i++)
			{
				clean_texts(&settings[i].name, 1);
				clean_texts(&settings[i].value, 1);
			}
		}
	}
}

static void
free_texts(char **texts, int n)
{
	for (int i = 0; i < n; i++)
	{
		free(texts[i]);
		texts[i] = NULL;
	}
}

void
fields_free(const Fields *fields, void *structure)
{
	for (const Field *field = fields->fields; field->type != FIELD_END; field++)
	{
		void	   *at = field_at(field, structure);
		char	   *items;
		int			n = field_items(field, structure, &items);

		for (int i = 0; i < n; i++)
			fields_free(field->inner, items + (size_t) i * field->inner->size);
		if (field->type == FIELD_TEXT)
			free_texts(at, 1);
		else if (field->type == FIELD_TEXT_ARRAY)
			free_texts(at, field->n);
		else if (field->type == FIELD_TEXTS || field->type == FIELD_LIST || field->type == FIELD_MAP)
		{
			int		   *count = field_count(field, structure);

			if (field->type == FIELD_TEXTS)
				free_texts(*(char ***) at, *count);
			for (int i = 0; field->type == FIELD_MAP && i < *count; i++)
			{
				free((*(Setting **) at)[i].name);
				free((*(Setting **) at)[i].value);
			}
			free(*(void **) at);
			*(void **) at = NULL;
			*count = 0;
		}
	}
}
