/*
 * notices.c
 *	  The server's warnings, kept while calls are timed.
 */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "pg/notices.h"
#include "util/memory.h"
#include "util/message.h"

/* more kinds than this are counted together */
#define MAX_KINDS 20

typedef struct Kind
{
	char	   *text;			/* as it was said first */
	long		said;
	bool		shown;
} Kind;

static Kind kinds[MAX_KINDS];
static int	nkinds = 0;
static long nothers = 0;

/* Past a number, or past what stands between quotation marks: they differ by call. */
static const char *
skip_detail(const char *text)
{
	if (*text == '"')
	{
		const char *end = strchr(text + 1, '"');

		return end ? end + 1 : text + strlen(text);
	}
	while (isdigit((unsigned char) *text))
		text++;
	return text;
}

/* Do two warnings say the same, but for their numbers and names? */
static bool
same_kind(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0')
	{
		if (*a != *b && !(isdigit((unsigned char) *a) && isdigit((unsigned char) *b)))
			return false;
		if (*a == '"' || isdigit((unsigned char) *a))
		{
			a = skip_detail(a);
			b = skip_detail(b);
			continue;
		}
		a++;
		b++;
	}
	return *a == *b;
}

void
notices_keep(const PGresult *notice)
{
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

	if (severity == NULL || strcmp(severity, "WARNING") != 0 || text == NULL)
		return;
	for (int i = 0; i < nkinds; i++)
	{
		if (same_kind(kinds[i].text, text))
		{
			kinds[i].said++;
			return;
		}
	}
	if (nkinds == MAX_KINDS)
		nothers++;
	else
		kinds[nkinds++] = (Kind) {xstrdup(text), 1, false};
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
