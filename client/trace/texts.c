/*
 * texts.c
 *	  Texts of statements, each looked at once, and the fields of what is executed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace_internal.h"
#include "util/memory.h"
#include "util/utf8.h"

static Text *
make_text(const SqlSqueeze *squeeze)
{
	Pattern		patterns[MOST_STATEMENTS];
	Text	   *text = xcalloc(1, sizeof(Text));
	bool		in_text = false;

	text->hash = squeeze->hash;
	text->references = 1;
	text->truncated = squeeze->truncated;
	text->npatterns = patterns_of_text(squeeze->text, patterns, MOST_STATEMENTS);
	if (text->npatterns > MOST_STATEMENTS)
		text->npatterns = MOST_STATEMENTS;
	text->patterns = xcalloc((size_t) text->npatterns, sizeof(Pattern));
	memcpy(text->patterns, patterns, (size_t) text->npatterns * sizeof(Pattern));
	for (int i = 0; i < text->npatterns; i++)
	{
		for (int f = 0; f < FIELD_COUNT; f++)
		{
			text->has_fields |= patterns[i].places[f].parameter > 0 || patterns[i].places[f].literal > 0;
			in_text |= patterns[i].places[f].literal > 0;
		}
	}
	if (in_text)
		text->literals = xstrdup(squeeze->text);
	pattern_show(squeeze->text, text->shown, sizeof(text->shown));
	return text;
}

Text *
text_of_statement(Trace *trace, const SqlSqueeze *squeeze, bool keep)
{
	Text	  **bucket = &trace->texts[squeeze->hash % MOST_TEXTS];
	Text	   *text;

	for (text = *bucket; text != NULL; text = text->next)
		if (text->hash == squeeze->hash)
			return text_reference(text);
	text = make_text(squeeze);
	if (keep && trace->ntexts < MOST_TEXTS)
	{
		text->kept = true;
		text->references++;
		text->next = *bucket;
		*bucket = text;
		trace->ntexts++;
	}
	return text;
}

Text *
text_reference(Text *text)
{
	text->references++;
	return text;
}

void
text_release(Text *text)
{
	if (text == NULL || --text->references > 0)
		return;
	free(text->patterns);
	free(text->literals);
	free(text);
}

void
texts_free(Trace *trace)
{
	for (int i = 0; i < MOST_TEXTS; i++)
	{
		while (trace->texts[i] != NULL)
		{
			Text	   *text = trace->texts[i];

			trace->texts[i] = text->next;
			text_release(text);
		}
	}
}

void
values_clear(Values *values)
{
	memset(values, 0, sizeof(*values));
	values->output_bytes = values->error_bytes = -1;
}

/* a whole number as text or binary; false: it is none */
static bool
number_of(const char *bytes, int stored, int64_t length, bool binary, int64_t *number)
{
	char		text[24];
	char	   *end;

	if (binary)
	{
		uint64_t	value = 0;

		if (length != 2 && length != 4 && length != 8)
			return false;
		for (int i = 0; i < length; i++)
			value = value << 8 | (unsigned char) bytes[i];
		*number = length == 8 ? (int64_t) value : length == 4 ? (int32_t) value : (int16_t) value;
		return true;
	}
	if (stored == 0 || stored >= (int) sizeof(text) || stored != length)
		return false;
	memcpy(text, bytes, (size_t) stored);
	text[stored] = '\0';
	*number = strtoll(text, &end, 10);
	return *end == '\0';
}

/* What can be shown of a text: one line, and no more than there is room for. */
static void
copy_shown(char *to, size_t size, const char *bytes, int stored)
{
	size_t		n = (size_t) stored < size - 1 ? (size_t) stored : size - 1;

	/* no letter is cut in the middle */
	if (n < (size_t) stored)
		n = utf8_whole(bytes, n);
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char) bytes[i] < ' ' || bytes[i] == 0x7F ? '?' : bytes[i];
	to[n] = '\0';
}

static uint64_t
hash_of(const char *bytes, int n)
{
	uint64_t	hash = UINT64_C(14695981039346656037);

	for (int i = 0; i < n; i++)
		hash = (hash ^ (unsigned char) bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

void
values_take(Values *values, Field field, const char *bytes, int stored, int64_t length, bool binary)
{
	if (length < 0)
		return;
	switch (field)
	{
		case FIELD_WORKFLOW_ID:
			if (length == 0 || stored == 0)
				break;
			values->id_length = (int) (length < INT32_MAX ? length : INT32_MAX);
			values->id_hash = hash_of(bytes, stored);
			copy_shown(values->id, sizeof(values->id), bytes, stored);
			break;
		case FIELD_FUNCTION_ID:
			values->has_function_id = number_of(bytes, stored, length, binary, &values->function_id);
			break;
		case FIELD_NAME:
			copy_shown(values->name, sizeof(values->name), bytes, stored);
			break;
		case FIELD_SERIALIZATION:
			copy_shown(values->serialization, sizeof(values->serialization), bytes, stored);
			break;
		case FIELD_OUTPUT:
			values->output_bytes = length;
			break;
		case FIELD_ERROR:
			values->error_bytes = length;
			break;
		case FIELD_COUNT:
			break;
	}
}

void
values_of_literals(const Text *text, int index, Values *values)
{
	for (int f = 0; f < FIELD_COUNT; f++)
	{
		const Place *place = &text->patterns[index].places[f];

		if (place->parameter == 0 && place->literal > 0)
		{
			const char *literal = text->literals + place->literal;
			bool		is_short = place->length == 0 || literal[0] != SQUEEZED_LENGTH;

			values_take(values, f, literal, is_short ? place->length : 0, place->bytes, false);
		}
	}
}

void
executed_free(Executed *executed)
{
	text_release(executed->text);
	free(executed->values);
	executed->text = NULL;
	executed->values = NULL;
}
