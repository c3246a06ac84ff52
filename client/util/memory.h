/*
 * memory.h
 *	  Allocation that ends the program with a message where memory is out:
 *	  a benchmark has nothing better to do then.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Call this where memory is out, instead of ending the program; it must not return
 * (siglongjmp).  NULL: end the program again.
 */
extern void memory_set_handler(void (*handler) (void));

extern void *xcalloc(size_t count, size_t size);
extern void *xrealloc(void *old, size_t size);
extern char *xstrdup(const char *string);
extern char *xasprintf(const char *format,...)
			__attribute__((format(printf, 1, 2)));

/*
 * As fork(), for a process whose memory is measured: what was freed here goes back to the
 * system before (where the C library can do that: glibc), since the child would use it
 * up without having any more.  Output is flushed, so that it is written once.
 */
extern pid_t memory_fork(void);

/* texts that are built up: *text is malloc'd, NULL at first */
extern void text_add(char **text, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void text_add_list(char **text, const char *format, va_list args)
			__attribute__((format(printf, 2, 0)));

#endif							/* MEMORY_H */
