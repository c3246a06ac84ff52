/*
 * redact.c
 *	  Connection strings without their passwords.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "pg/redact.h"
#include "util/memory.h"

#define MASK "***"

/* Replace length bytes at position by the mask; frees the old text. */
static char *
mask_at(char *text, size_t position, size_t length)
{
	char	   *masked = xasprintf("%.*s" MASK "%s", (int) position, text, text + position + length);

	free(text);
	return masked;
}

/* The length of a keyword's value, in the quoting of conninfo strings. */
static size_t
value_length(const char *value)
{
	bool		quoted = *value == '\'';
	size_t		length = quoted ? 1 : 0;

	while (value[length] != '\0')
	{
		if (value[length] == '\\' && value[length + 1] != '\0')
			length++;
		else if (quoted && value[length] == '\'')
			return length + 1;
		else if (!quoted && isspace((unsigned char) value[length]))
			break;
		length++;
	}
	return length;
}

/* keyword = value, for every keyword that ends in "password" */
static char *
redact_keywords(char *text)
{
	size_t		from = 0;
	const char *found;

	while ((found = strstr(text + from, "password")) != NULL)
	{
		const char *value = found + strlen("password");

		from = (size_t) (value - text);
		while (isspace((unsigned char) *value))
			value++;
		if (*value != '=')
			continue;
		value++;
		while (isspace((unsigned char) *value))
			value++;
		from = (size_t) (value - text);
		text = mask_at(text, from, value_length(value));
		from += strlen(MASK);
	}
	return text;
}

/* scheme://user:password@host/database?password=…; authority begins behind the slashes */
static char *
redact_uri(char *text, size_t authority)
{
	size_t		end = authority + strcspn(text + authority, "/");	/* as libpq, not "/?" */
	size_t		colon = authority + strcspn(text + authority, ":@/");
	size_t		from = authority;
	size_t		at = end;
	const char *found;

	/* a password may hold an unescaped "@": the last one counts */
	while (at > authority && text[at] != '@')
		at--;
	if (text[at] == '@' && text[colon] == ':' && colon < at)
		text = mask_at(text, colon + 1, at - colon - 1);

	while ((found = strstr(text + from, "password=")) != NULL)
	{
		from = (size_t) (found - text) + strlen("password=");
		text = mask_at(text, from, strcspn(text + from, "&"));
	}
	return text;
}

/*
 * Does libpq still find a password in it, in whatever spelling; or is it a
 * connection string that libpq cannot read, so that nobody can tell?
 */
static bool
may_show_password(const char *text)
{
	PQconninfoOption *options;
	bool		found = false;

	options = PQconninfoParse(text, NULL);
	if (options == NULL)
		return strstr(text, "://") != NULL &&
			strncmp(text, "postgres", strlen("postgres")) == 0;
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
	{
		if (option->dispchar[0] == '*' && option->val != NULL && option->val[0] != '\0' &&
			strcmp(option->val, MASK) != 0)
			found = true;

		/* what stands there is the head of a password with a "/" in it */
		if (strcmp(option->keyword, "port") == 0 && option->val != NULL &&
			option->val[strspn(option->val, "0123456789,")] != '\0')
			found = true;
	}
	PQconninfoFree(options);
	return found;
}

/* the first URI of ours in a text, or NULL; *length: of its scheme */
static const char *
find_scheme(const char *text, size_t *length)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
	{
		const char *found = strstr(text, schemes[i]);

		if (found != NULL && (first == NULL || found < first))
		{
			first = found;
			*length = strlen(schemes[i]);
		}
	}
	return first;
}

char *
redact_password(const char *argument)
{
	char	   *text = xstrdup(argument);
	size_t		length = 0;
	const char *scheme;

	/* a keyword's value can hold a URI (dbname), or what looks like one */
	if (find_scheme(text, &length) != text)
		text = redact_keywords(text);
	scheme = find_scheme(text, &length);
	if (scheme != NULL)
		text = redact_uri(text, (size_t) (scheme - text) + length);
	if (may_show_password(text))
	{
		free(text);
		text = xstrdup(MASK);
	}
	return text;
}
