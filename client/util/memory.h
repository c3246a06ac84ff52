/*
 * memory.h
 *	  Allocation that ends the program with a message where memory is out:
 *	  a benchmark has nothing better to do then.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

extern void *xcalloc(size_t count, size_t size);
extern void *xrealloc(void *old, size_t size);
extern char *xstrdup(const char *string);
extern char *xasprintf(const char *format,...)
			__attribute__((format(printf, 1, 2)));

#endif							/* MEMORY_H */
