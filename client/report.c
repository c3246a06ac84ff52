/*
 * report.c
 *	  What the printed reports share.
 */
#include <stdarg.h>
#include <stdio.h>

#include "report.h"

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
