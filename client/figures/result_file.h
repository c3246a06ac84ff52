/*
 * result_file.h
 *	  The text of a result file, whatever kind it is of.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stddef.h>

/* all of it, malloc'd, the caller's; NULL, with a message on stderr, where it cannot be read */
extern char *result_file_text(const char *path, size_t *length);

#endif							/* RESULT_FILE_H */
