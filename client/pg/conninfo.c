/*
 * conninfo.c
 *	  Connection strings as they may be shown: with no secret in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/conninfo.h"
#include "util/memory.h"

#define MASK "***"

bool
is_conninfo(const char *text)
{
	return strncmp(text, "postgresql://", strlen("postgresql://")) == 0 ||
		strncmp(text, "postgres://", strlen("postgres://")) == 0 ||
		strchr(text, '=') != NULL;
}

static bool
is_secret(const PQconninfoOption *option)
{
	return strchr(option->dispchar, '*') != NULL ||
		strstr(option->keyword, "password") != NULL ||
		strstr(option->keyword, "secret") != NULL ||
		strncmp(option->keyword, "scram_", strlen("scram_")) == 0;
}

static const char *
option_value(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		if (strcmp(o->keyword, keyword) == 0)
			return o->val ? o->val : "";
	return "";
}

/*
 * The options of a connection string, to be freed by PQconninfoFree; NULL where it
 * cannot be read, or where what libpq reads shows that it was not meant so.
 */
static PQconninfoOption *
parse(const char *text)
{
	char	   *error = NULL;
	PQconninfoOption *options = PQconninfoParse(text, &error);

	PQfreemem(error);

	/* a '@' or '/' of a password that was not encoded ends up in these two */
	if (options != NULL && strstr(text, "://") != NULL &&
		(strchr(option_value(options, "host"), '@') != NULL ||
		 strspn(option_value(options, "port"), "0123456789,") !=
		 strlen(option_value(options, "port"))))
	{
		PQconninfoFree(options);
		return NULL;
	}
	return options;
}

/*
 * The first keyword, of length letters, that is no option of libpq's; NULL where there is
 * none, or where it may be a part of a password: one that stands behind a secret option, or
 * in a URI that names a user.
 */
static const char *
unknown_keyword(const char *text, const PQconninfoOption *known, int *length)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	bool		is_uri = strstr(text, "://") != NULL;
	const char *in = is_uri ? strchr(text, '?') : text;

	if (is_uri && strchr(text, '@') != NULL)
		return NULL;
	if (is_uri && in != NULL)
		in++;
	while (in != NULL && *(in += strspn(in, " \t\n\r")) != '\0')
	{
		size_t		letter_count = strspn(in, letters);
		const char *equals = in + letter_count + strspn(in + letter_count, " \t\n\r");
		const PQconninfoOption *option = known;

		if (letter_count == 0 || *equals != '=')
			return NULL;
		while (option->keyword != NULL &&
			   (strlen(option->keyword) != letter_count || strncmp(option->keyword, in, letter_count) != 0))
			option++;
		*length = (int) letter_count;
		if (option->keyword == NULL)
			return in;
		if (is_secret(option))
			return NULL;
		in = equals + 1;
		if (is_uri)
		{
			if ((in = strchr(in, '&')) != NULL)
				in++;
			continue;
		}
		in += strspn(in, " \t\n\r");
		if (*in == '\'')
			return NULL;		/* a mistake may be in there as well */
		in += strcspn(in, " \t\n\r");
	}
	return NULL;
}

bool
conninfo_mistake(const char *text, char *message, size_t size)
{
	PQconninfoOption *options;
	PQconninfoOption *known;
	const char *keyword;
	int			length = 0;

	if (!is_conninfo(text))
		return false;
	options = parse(text);
	PQconninfoFree(options);
	if (options != NULL)
		return false;
	known = PQconndefaults();
	keyword = known != NULL ? unknown_keyword(text, known, &length) : NULL;
	PQconninfoFree(known);
	if (keyword != NULL)
		snprintf(message, size, "\"%.*s\" is no connection option; libpq's are host, port, dbname, user, password, sslmode and others", length < 63 ? length : 63, keyword);
	else
		snprintf(message, size, "%s", strstr(text, "://") != NULL ?
				 "the connection URI cannot be read; write special characters in it as percent codes (@ as %40, / as %2F, : as %3A, % as %25)" :
				 "the connection string cannot be read; it is keyword=value pairs with spaces between them, and a value with spaces, quotes or backslashes is quoted: password='it\\'s'");
	return true;
}

/* Append keyword=value, quoted where libpq needs it; frees the old string. */
static char *
append_pair(char *string, const char *keyword, const char *value)
{
	bool		plain = *value != '\0' && strpbrk(value, " \t\n\r\f\v'\\") == NULL;

	text_add(&string, "%s%s=%s", *string ? " " : "", keyword, plain ? "" : "'");
	for (const char *in = value; *in != '\0'; in++)
		text_add(&string, "%s%c", *in == '\'' || *in == '\\' ? "\\" : "", *in);
	text_add(&string, "%s", plain ? "" : "'");
	return string;
}

/*
 * What the connection uses: where it goes, always, and whatever else is not
 * libpq's default.
 */
char *
conninfo_of_connection(PGconn *conn)
{
	static const char *const always[] = {"user", "host", "port", "dbname"};
	PQconninfoOption *options = PQconninfo(conn);
	char	   *result = xstrdup("");

	result = append_pair(result, "host", PQhost(conn) ? PQhost(conn) : "");
	result = append_pair(result, "port", PQport(conn) ? PQport(conn) : "");
	result = append_pair(result, "user", PQuser(conn) ? PQuser(conn) : "");
	result = append_pair(result, "dbname", PQdb(conn) ? PQdb(conn) : "");
	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		bool		shown = o->val != NULL && *o->val != '\0' &&
			strcmp(o->keyword, "fallback_application_name") != 0 &&
			strcmp(o->keyword, "passfile") != 0 &&
			(o->compiled == NULL || strcmp(o->compiled, o->val) != 0);

		for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
			if (strcmp(o->keyword, always[i]) == 0)
				shown = false;
		if (shown)
			result = append_pair(result, o->keyword, is_secret(o) ? MASK : o->val);
	}
	PQconninfoFree(options);
	return result;
}

char *
conninfo_redirected(PGconn *conn, const char *host, int port)
{
	/* of the way, or of a file that has been read for these options already */
	static const char *const of_way[] = {
		"service", "host", "hostaddr", "port", "password", "passfile", "sslmode", "sslnegotiation",
		"channel_binding", "gssencmode", "requirepeer", "target_session_attrs",
	};
	PQconninfoOption *options = PQconninfo(conn);
	char	   *number = xasprintf("%d", port);
	char	   *result = append_pair(xstrdup(""), "host", host);

	result = append_pair(result, "port", number);
	result = append_pair(result, "sslmode", "disable");
	free(number);
	for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
	{
		bool		kept = o->val != NULL && *o->val != '\0';

		for (size_t i = 0; i < sizeof(of_way) / sizeof(of_way[0]); i++)
			kept = kept && strcmp(o->keyword, of_way[i]) != 0;
		if (kept)
			result = append_pair(result, o->keyword, o->val);

		/* what the environment says of these must not hold either */
		else if (strcmp(o->keyword, "channel_binding") == 0 || strcmp(o->keyword, "gssencmode") == 0)
			result = append_pair(result, o->keyword, "disable");
		else if (strcmp(o->keyword, "target_session_attrs") == 0)
			result = append_pair(result, o->keyword, "any");
	}

	/* the one that was used, wherever it came from */
	if (PQpass(conn) != NULL && *PQpass(conn) != '\0')
		result = append_pair(result, "password", PQpass(conn));
	PQconninfoFree(options);
	return result;
}

/* May a text that libpq cannot read, or does not read as a whole, hold a secret? */
static bool
may_hide_secret(const char *text)
{
	return strstr(text, "password") != NULL || strstr(text, "secret") != NULL ||
		strstr(text, "://") != NULL;
}

/* A connection string with its secrets masked; malloc'd. */
static char *
redact_conninfo(const char *text)
{
	PQconninfoOption *options = parse(text);
	char	   *result;
	bool		masked = false;

	if (options == NULL)
		return xstrdup(may_hide_secret(text) ? MASK : text);
	result = xstrdup("");
	for (PQconninfoOption *o = options; o->keyword != NULL; o++)
	{
		bool		secret;

		if (o->val == NULL)
			continue;

		/* the value of another keyword can be a connection string in turn */
		secret = is_secret(o) || (is_conninfo(o->val) && may_hide_secret(o->val));
		result = append_pair(result, o->keyword, secret ? MASK : o->val);
		masked = masked || secret;
	}
	PQconninfoFree(options);

	/* of requiressl libpq keeps what it means and not its value, whatever that was */
	if (!masked && strstr(text, "requiressl") == NULL)
	{
		free(result);
		return xstrdup(text);
	}
	return result;
}

char *
redact_password(const char *argument)
{
	const char *value = argument;
	char	   *shown;
	char	   *result;

	if (strncmp(argument, "--", 2) == 0)
	{
		size_t		length = strspn(argument, "abcdefghijklmnopqrstuvwxyz-");

		if (argument[length] == '=')
			value = argument + length + 1;
	}
	if (!is_conninfo(value))
		return xstrdup(argument);
	shown = redact_conninfo(value);
	result = xasprintf("%.*s%s", (int) (value - argument), argument, shown);
	free(shown);
	return result;
}

char *
conninfo_shell_argument(const char *conninfo)
{
	static const char plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=:/.,@%+";
	char	   *shown;
	char	   *quoted = NULL;
	bool		is_plain;

	if (conninfo == NULL)
		return xstrdup("");
	shown = is_conninfo(conninfo) ? redact_conninfo(conninfo) : xstrdup(conninfo);
	is_plain = *shown != '\0' && strspn(shown, plain) == strlen(shown);
	text_add(&quoted, " %s", is_plain ? shown : "'");
	for (const char *in = shown; *in != '\0' && !is_plain; in++)
		text_add(&quoted, "%s%c", *in == '\'' ? "'\\'" : "", *in);
	text_add(&quoted, "%s", is_plain ? "" : "'");
	free(shown);
	return quoted;
}
