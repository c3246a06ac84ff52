/*
 * message.c
 *	  Messages on standard error, and wrapped text.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "util/message.h"
#include "util/utf8.h"

#define PROGRAM_NAME "dbos_payload_bench"

/* more than this would hide what is said, and a server's message can hold a payload */
#define LONGEST_MESSAGE 2000

void
print_message(const char *kind, const char *format,...)
{
	char		text[LONGEST_MESSAGE + 2];	/* with a byte more, which tells whether a character goes on */
	va_list		args;
	int			length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	/* what was reported so far comes before, also where both go to one file */
	fflush(stdout);
	if (length <= LONGEST_MESSAGE)
	{
		fprintf(stderr, "%s: %s: %s\n", PROGRAM_NAME, kind, text);
		return;
	}
	fprintf(stderr, "%s: %s: %.*s ... (%d bytes, shortened)\n", PROGRAM_NAME, kind,
			(int) utf8_whole(text, LONGEST_MESSAGE), text, length);
}

/*
 * What libpq or the server says where a connection fails, and what to look at.
 * The server's part can be in another language; it then gets no hint.
 */
static const struct
{
	const char *said;
	const char *hint;			/* %s: the name that comes after what was said */
}			connection_hints[] = {
	{"password authentication failed",
	"check the role and its password; ~/.pgpass or PGPASSFILE keeps the password off the command line"},
	{"no password supplied",
	"give the password by ~/.pgpass, PGPASSFILE, PGPASSWORD or the connection string"},
	{"Peer authentication failed",
	"run as the operating system user of that name, name the role that belongs to you (user=...), or connect by TCP (host=localhost)"},
	{"no pg_hba.conf entry",
	"the server's pg_hba.conf does not let this role, database or address in"},
	{"Connection refused",
	"is the server running, and does it listen on that host and port?"},
	{"No such file or directory",
	"is the server running, and is its socket in that directory? host=, PGHOST and port=, PGPORT say where to look"},
	{"could not translate host name",
	"check the host's name (host=... or PGHOST)"},
	{"timeout expired",
	"the host does not answer: check its name and port, and what is between (firewall, VPN); connect_timeout=60 waits longer"},
	{"too many clients",
	"the server has no connection left: raise max_connections, or close others"},
	{"too many connections",
	"the role or database has no connection left"},
	{"permission denied for database",
	"the role has no CONNECT privilege on that database"},
	{"role \"",
	"name an existing role (user=... or PGUSER), or create it: sudo -u postgres createuser %s"},
	{"database \"",
	"name an existing database (dbname=... or PGDATABASE), or create it: createdb %s"},
	{"starting up",
	"the server is not ready yet; try again in a moment"},
	{"shutting down",
	"the server is being stopped"},
	{"certificate",
	"check sslmode, sslrootcert, sslcert and sslkey"},
	{"does not support SSL",
	"the server has no TLS; sslmode=prefer or disable connects without it"},
	{"definition of service",
	"check PGSERVICE, and the file that PGSERVICEFILE names or ~/.pg_service.conf"},
};

/* The name in double quotes that a text goes on with, as it is typed in a shell. */
static const char *
name_in(const char *text, char *buffer, size_t size)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t		length = strspn(text, plain);

	if (length == 0 || length >= size || text[length] != '"')
		return "NAME";			/* it would need quotes, or there is none */
	snprintf(buffer, size, "%.*s", (int) length, text);
	return buffer;
}

void
print_connection_error(const char *libpq_message)
{
	print_error("could not connect: %s", libpq_message);
	for (size_t i = 0; i < sizeof(connection_hints) / sizeof(connection_hints[0]); i++)
	{
		const char *hint = connection_hints[i].hint;
		const char *found = strstr(libpq_message, connection_hints[i].said);
		const char *place = strstr(hint, "%s");
		char		name[64];

		if (found == NULL)
			continue;
		if (place != NULL)
			print_hint("%.*s%s", (int) (place - hint), hint,
					   name_in(found + strlen(connection_hints[i].said), name, sizeof(name)));
		else
			print_hint("%s", hint);
		return;
	}
	print_hint("the connection string and the environment (PGHOST, PGPORT, PGUSER, PGDATABASE, PGSERVICE) work as in psql");
}

/* How many columns a word of UTF-8 takes: its bytes that begin a character. */
static int
columns(const char *word, size_t length)
{
	int			n = 0;

	for (size_t i = 0; i < length; i++)
		if (((unsigned char) word[i] & 0xC0) != 0x80)
			n++;
	return n;
}

void
print_wrapped_at(FILE *stream, int line_width, int column, int indent, const char *text)
{
	bool		line_begins = true;

	while (*text != '\0')
	{
		size_t		length = strcspn(text, " \n");
		int			width = columns(text, length);

		if (*text == '\t' && line_begins)
		{
			text++;
			length = strcspn(text, "\n");
			fprintf(stream, "  %.*s", (int) length, text);
			text += length;
			line_begins = false;
			continue;
		}
		if (*text == ' ')
		{
			text++;
			continue;
		}
		if (*text == '\n' || (!line_begins && column + 1 + width > line_width))
		{
			fputc('\n', stream);
			fprintf(stream, "%*s", indent, "");
			column = indent;
			line_begins = true;
			text += *text == '\n';
			continue;
		}
		if (!line_begins)
		{
			fputc(' ', stream);
			column++;
		}
		fprintf(stream, "%.*s", (int) length, text);
		column += width;
		line_begins = false;
		text += length;
	}
	fputc('\n', stream);
}
