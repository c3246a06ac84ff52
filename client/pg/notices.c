/*
 * notices.c
 *	  The server's warnings, kept while calls are timed.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pg/notices.h"
#include "util/memory.h"
#include "util/message.h"

/* more kinds than this are counted together */
#define MAX_KINDS 20

typedef struct Kind
{
	char	   *origin;			/* where in the server it comes from */
	char	   *text;			/* as it was said first */
	long		said;
	bool		shown;
} Kind;

static Kind kinds[MAX_KINDS];
static int	nkinds = 0;
static long nothers = 0;

/*
 * Numbers and names in it differ by call: what comes from one place in the server's
 * source, and from one line of one function, is of one kind.  Behind a pooler that can
 * be missing.  malloc'd.
 */
static char *
origin(const PGresult *notice, const char *text)
{
	const char *file = PQresultErrorField(notice, PG_DIAG_SOURCE_FILE);
	const char *line = PQresultErrorField(notice, PG_DIAG_SOURCE_LINE);
	const char *context = PQresultErrorField(notice, PG_DIAG_CONTEXT);

	return file && line ? xasprintf("%s:%s %s", file, line, context ? context : "") : xstrdup(text);
}

void
notices_keep(const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
	char	   *from;

	if (severity == NULL || strcmp(severity, "WARNING") != 0 || text == NULL)
		return;
	from = origin(notice, text);
	for (int i = 0; i < nkinds; i++)
	{
		if (strcmp(kinds[i].origin, from) == 0)
		{
			kinds[i].said++;
			free(from);
			return;
		}
	}
	if (nkinds < MAX_KINDS)
		kinds[nkinds++] = (Kind) {from, xstrdup(text), 1, false};
	else
	{
		nothers++;
		free(from);
	}
}

void
notices_show(void)
{
	for (int i = 0; i < nkinds; i++)
	{
		if (!kinds[i].shown)
			print_warning("the server warns: %s", kinds[i].text);
		kinds[i].shown = true;
	}
}

void
notices_show_counts(void)
{
	notices_show();
	for (int i = 0; i < nkinds; i++)
	{
		if (kinds[i].said > 1)
			print_warning("the server warned %ld times, but for numbers and names: %s",
						  kinds[i].said, kinds[i].text);
	}
	if (nothers > 0)
		print_warning("the server gave %ld other warnings", nothers);
}
