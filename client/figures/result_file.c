/*
 * result_file.c
 *	  The text of a result file.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures/result_file.h"
#include "util/memory.h"
#include "util/message.h"

/* so that something else, named by mistake, does not fill the memory */
#define MOST_FILE_BYTES ((size_t) 1 << 28)

char *
result_file_text(const char *path, size_t *length)
{
	FILE	   *file = fopen(path, "rb");
	char	   *text = NULL;
	size_t		capacity = 0;
	bool		good = file != NULL;

	*length = 0;
	while (good && !feof(file) && *length <= MOST_FILE_BYTES)
	{
		if (*length == capacity)
		{
			capacity = capacity > 0 ? 2 * capacity : 65536;
			text = xrealloc(text, capacity);
		}
		*length += fread(text + *length, 1, capacity - *length, file);
		good = !ferror(file);
	}
	if (!good)
		print_error("result file \"%s\": could not %s it: %s", path, file != NULL ? "read" : "open",
					strerror(errno));
	else if (*length > MOST_FILE_BYTES)
	{
		print_error("result file \"%s\": too large for a result file", path);
		good = false;
	}
	if (file != NULL)
		fclose(file);
	if (good)
		return text;
	free(text);
	return NULL;
}
