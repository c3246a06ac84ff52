/*
 * memory.c
 *	  Allocation that does not fail.  What is returned is the caller's, to be
 *	  given to free().
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

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
		fputs("dbos_payload_bench: error: out of memory\n", stderr);
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
	char	   *string = NULL;

	va_start(args, format);
	text_add_list(&string, format, args);
	va_end(args);
	return string;
}

void
text_add(char **text, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	text_add_list(text, format, args);
	va_end(args);
}

void
text_add_list(char **text, const char *format, va_list args)
{
	size_t		used = *text ? strlen(*text) : 0;
	va_list		again;
	int			length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	*text = xrealloc(*text, used + (size_t) (length > 0 ? length : 0) + 1);
	(*text)[used] = '\0';
	vsnprintf(*text + used, (size_t) (length > 0 ? length : 0) + 1, format, args);
}

pid_t
memory_fork(void)
{
	fflush(NULL);
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	return fork();
}
