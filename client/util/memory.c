/*
 * memory.c
 *	  Allocation that does not fail.  What is returned is the caller's, to be
 *	  given to free().
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/memory.h"

static void (*out_of_memory) (void) = NULL;

void
memory_set_handler(void (*handler) (void))
{
	out_of_memory = handler;
}

static void *
checked(void *memory)
{
	if (memory == NULL)
	{
		if (out_of_memory != NULL)
			out_of_memory();
		fputs("dbos_payload_bench: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

/* Zeroed memory for count things of size bytes. */
void *
xcalloc(size_t count, size_t size)
{
	return checked(calloc(count, size));
}

void *
xrealloc(void *old, size_t size)
{
	return checked(realloc(old, size));
}

char *
xstrdup(const char *string)
{
	return checked(strdup(string));
}

/* As sprintf, into memory of the right size. */
char *
xasprintf(const char *format,...)
{
	va_list		args;
	int			length;
	char	   *string;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		length = 0;
	string = checked(malloc((size_t) length + 1));
	va_start(args, format);
	vsnprintf(string, (size_t) length + 1, format, args);
	va_end(args);
	return string;
}

void
text_add(char **text, const char *format,...)
{
	size_t		used = *text ? strlen(*text) : 0;
	va_list		args;
	va_list		again;
	int			length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	*text = xrealloc(*text, used + (size_t) length + 1);
	vsnprintf(*text + used, (size_t) length + 1, format, again);
	va_end(again);
	va_end(args);
}

char *
xappend(char *list, const char *separator, const char *item)
{
	char	   *longer = xasprintf("%s%s%s", list, *list ? separator : "", item);

	free(list);
	return longer;
}
