/*
 * report.c
 *	  What the printed reports share.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define PAGE_WIDTH 100
#define GAP 2
#define FIGURE_WIDTH 7			/* of "123.456" */

void
report_heading(const char *format,...)
{
	va_list		args;
	int			length;

	putchar('\n');
	va_start(args, format);
	length = vprintf(format, args);
	va_end(args);
	putchar('\n');
	while (length-- > 0)
		putchar('=');
	putchar('\n');
}

int
report_fitting(int first_width, const char *const *names, int n)
{
	int			width = first_width;

	for (int i = 0; i < n; i++)
	{
		int			name = (int) strlen(names[i]);

		width += GAP + (name > FIGURE_WIDTH ? name : FIGURE_WIDTH);
		if (width > PAGE_WIDTH && i > 0)
			return i;
	}
	return n;
}

const Series *
report_partner(const Result *result, int place)
{
	const Series *series = result->series[place];
	const Series *next = place + 1 < result->nseries ? result->series[place + 1] : NULL;

	if (next == NULL || next->kind != WORKFLOW_BATCHED || next->drive != series->drive ||
		next->origin != series->origin)
		return NULL;
	return next;
}
