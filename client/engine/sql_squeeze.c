/*
 * sql_squeeze.c
 *	  SQL text as it passes, piece by piece, into a short form of bounded size.
 *
 * Only so much of SQL's lexical rules as tells code from strings and comments.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/sql_squeeze.h"

enum State
{
	CODE,
	STRING,						/* '…' */
	STRING_QUOTE,				/* a quote in it: its end, or the first of two */
	STRING_BACKSLASH,
	NAME,						/* "…" */
	LINE_COMMENT,
	BLOCK_COMMENT,
	TAG,						/* behind a $ that may begin a string */
	DOLLAR_STRING
};

#define FNV_START UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

void
sql_squeeze_begin(SqlSqueeze *squeeze)
{
	squeeze->length = 0;
	squeeze->hash = FNV_START;
	squeeze->truncated = false;
	squeeze->state = CODE;
	squeeze->backslashes = false;
	squeeze->last = squeeze->before = ' ';
	squeeze->comments = 0;
}

static void
put(SqlSqueeze *squeeze, char c)
{
	squeeze->hash = (squeeze->hash ^ (unsigned char) c) * FNV_PRIME;
	if (squeeze->length < SQUEEZED_BYTES)
		squeeze->text[squeeze->length++] = c;
	else
		squeeze->truncated = true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		(unsigned char) c >= 0x80;
}

/* The byte goes into the string, which is dropped where it becomes too long. */
static void
string_byte(SqlSqueeze *squeeze, char c)
{
	squeeze->string_length++;
	if (squeeze->string_length <= SQUEEZED_STRING_BYTES)
	{
		if (squeeze->length < SQUEEZED_BYTES)
			squeeze->text[squeeze->length++] = c;
		else
			squeeze->truncated = true;
	}
	else if (squeeze->string_length == SQUEEZED_STRING_BYTES + 1)
		squeeze->length = squeeze->string_start;
}

static void
string_begin(SqlSqueeze *squeeze)
{
	put(squeeze, '\'');
	squeeze->string_start = squeeze->length;
	squeeze->string_length = 0;
}

static void
string_end(SqlSqueeze *squeeze)
{
	if (squeeze->string_length > SQUEEZED_STRING_BYTES)
	{
		char		digits[24];

		snprintf(digits, sizeof(digits), "%c%" PRId64, SQUEEZED_LENGTH, squeeze->string_length);
		for (const char *c = digits; *c != '\0'; c++)
			put(squeeze, *c);
	}
	else
	{
		/* what is in a short string makes another text */
		for (size_t i = squeeze->string_start; i < squeeze->length; i++)
			squeeze->hash = (squeeze->hash ^ (unsigned char) squeeze->text[i]) * FNV_PRIME;
	}
	put(squeeze, '\'');
}

/* What was taken for a dollar string's tag is code: a parameter, or part of a name. */
static void
no_tag(SqlSqueeze *squeeze)
{
	put(squeeze, '$');
	for (size_t i = 0; i < squeeze->tag_length; i++)
		put(squeeze, squeeze->tag[i]);
	squeeze->state = CODE;
}

/* A comment is a blank; what it began with is in the text. */
static void
comment_begin(SqlSqueeze *squeeze, int state)
{
	if (squeeze->length > 0)
		squeeze->length--;
	if (squeeze->length > 0 && !is_space(squeeze->text[squeeze->length - 1]))
		put(squeeze, ' ');
	squeeze->state = state;
	squeeze->comments = 1;
	squeeze->last = ' ';
}

static void
code_byte(SqlSqueeze *squeeze, char c)
{
	char		last = squeeze->last;

	if ((c == '*' && last == '/') || (c == '-' && last == '-'))
	{
		comment_begin(squeeze, c == '*' ? BLOCK_COMMENT : LINE_COMMENT);
		return;
	}
	if (c == '\'')
	{
		squeeze->backslashes = (last == 'e' || last == 'E') && !is_word(squeeze->before);
		string_begin(squeeze);
		squeeze->state = STRING;
	}
	else if (c == '"')
	{
		put(squeeze, c);
		squeeze->state = NAME;
	}
	else if (c == '$' && !is_word(last))
	{
		squeeze->tag_length = 0;
		squeeze->state = TAG;
	}
	else if (!is_space(c))
		put(squeeze, c);
	else if (!is_space(last) && squeeze->length > 0)
		put(squeeze, ' ');
	squeeze->before = is_space(last) ? ' ' : last;
	squeeze->last = is_space(c) ? ' ' : c;
}

static void
squeeze_byte(SqlSqueeze *squeeze, char c)
{
	switch (squeeze->state)
	{
		case CODE:
			code_byte(squeeze, c);
			break;

		case STRING:
			if (c == '\'')
				squeeze->state = STRING_QUOTE;
			else if (c == '\\' && squeeze->backslashes)
				squeeze->state = STRING_BACKSLASH;
			else
				string_byte(squeeze, c);
			break;

		case STRING_BACKSLASH:
			string_byte(squeeze, c);
			squeeze->state = STRING;
			break;

		case STRING_QUOTE:
			if (c == '\'')
			{
				/* the short form keeps no quotes within: a string ends at its quote */
				string_byte(squeeze, '`');
				squeeze->state = STRING;
				break;
			}
			string_end(squeeze);
			squeeze->state = CODE;
			squeeze->last = squeeze->before = '\'';
			code_byte(squeeze, c);
			break;

		case NAME:
			put(squeeze, c);
			if (c == '"')
			{
				squeeze->state = CODE;
				squeeze->last = c;
			}
			break;

		case LINE_COMMENT:
			if (c == '\n')
				squeeze->state = CODE;
			break;

		case BLOCK_COMMENT:
			if (c == '*' && squeeze->last == '/')
			{
				squeeze->comments++;
				c = ' ';
			}
			else if (c == '/' && squeeze->last == '*')
			{
				if (--squeeze->comments == 0)
					squeeze->state = CODE;
				c = ' ';
			}
			squeeze->last = c;
			break;

		case TAG:
			if (c == '$' && (squeeze->tag_length == 0 || squeeze->tag[0] < '0' || squeeze->tag[0] > '9'))
			{
				squeeze->state = DOLLAR_STRING;
				squeeze->tag[squeeze->tag_length++] = '$';	/* the end is $tag$: what follows the first $ */
				squeeze->tag_matched = 0;
				string_begin(squeeze);
			}
			else if (is_word(c) && squeeze->tag_length < sizeof(squeeze->tag) - 1)
				squeeze->tag[squeeze->tag_length++] = c;
			else
			{
				no_tag(squeeze);
				squeeze->last = squeeze->tag_length > 0 ? squeeze->tag[squeeze->tag_length - 1] : '$';
				squeeze->before = '$';
				code_byte(squeeze, c);
			}
			break;

		case DOLLAR_STRING:

			/* tag_matched: how much of $tag$ has been seen, the first $ counted */
			if (squeeze->tag_matched > 0 && c == squeeze->tag[squeeze->tag_matched - 1])
			{
				if (++squeeze->tag_matched <= squeeze->tag_length)
					break;
				string_end(squeeze);
				squeeze->state = CODE;
				squeeze->last = squeeze->before = '\'';
				break;
			}
			if (squeeze->tag_matched > 0)
			{
				string_byte(squeeze, '$');
				for (size_t i = 0; i + 1 < squeeze->tag_matched; i++)
					string_byte(squeeze, squeeze->tag[i]);
				squeeze->tag_matched = 0;
			}
			if (c == '$')
				squeeze->tag_matched = 1;
			else
				string_byte(squeeze, c == '\'' ? '`' : c);
			break;
	}
}

void
sql_squeeze_add(SqlSqueeze *squeeze, const char *text, size_t n)
{
	for (size_t i = 0; i < n;)
	{
		/* long strings are counted by the piece, so that they cost little */
		if ((squeeze->state == STRING && squeeze->string_length > SQUEEZED_STRING_BYTES))
		{
			const char *quote = memchr(text + i, '\'', n - i);
			const char *backslash = squeeze->backslashes ? memchr(text + i, '\\', n - i) : NULL;
			size_t		end = quote != NULL ? (size_t) (quote - text) : n;

			if (backslash != NULL && (size_t) (backslash - text) < end)
				end = (size_t) (backslash - text);
			squeeze->string_length += (int64_t) (end - i);
			i = end;
			if (i == n)
				break;
		}
		squeeze_byte(squeeze, text[i++]);
	}
}

void
sql_squeeze_end(SqlSqueeze *squeeze)
{
	switch (squeeze->state)
	{
		case STRING:
		case STRING_QUOTE:
		case STRING_BACKSLASH:
		case DOLLAR_STRING:
			string_end(squeeze);
			break;
		case TAG:
			no_tag(squeeze);
			break;
		default:
			break;
	}
	squeeze->state = CODE;
	while (squeeze->length > 0 && squeeze->text[squeeze->length - 1] == ' ')
		squeeze->length--;
	squeeze->text[squeeze->length] = '\0';
}
