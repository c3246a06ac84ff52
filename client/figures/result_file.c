/*
 * result_file.c
 *	  Result files of every kind: read as text, told apart, written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figures/result_file.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/output.h"

const char *const result_kind_words[RESULT_KIND_COUNT] = {
	"nothing that this program writes", "a run", "experiments", "a trace", "an inspection",
	"DBOS's SDKs beside ours", "one of DBOS's SDKs"
};

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

ResultKind
result_kind(const json_t *root)
{
	const char *kind = json_string_value(json_object_get(root, "kind"));

	if (kind != NULL)
		return strcmp(kind, "experiment") == 0 ? RESULT_EXPERIMENT :
			strcmp(kind, "trace") == 0 ? RESULT_TRACE :
			strcmp(kind, "peers") == 0 ? RESULT_PEERS : RESULT_UNKNOWN;
	if (json_is_integer(json_object_get(root, "inspection_version")))
		return RESULT_INSPECTION;
	if (json_is_string(json_object_get(root, "peer")) && json_is_string(json_object_get(root, "sdk")))
		return RESULT_PEER;
	return json_is_integer(json_object_get(root, "schema_version")) ? RESULT_RUN : RESULT_UNKNOWN;
}

ResultKind
result_file_kind(const char *text, size_t length)
{
	json_t	   *root = json_loadb(text, length, JSON_DECODE_ANY, NULL);
	ResultKind	kind = result_kind(root);

	json_decref(root);
	return kind;
}

json_t *
result_file_parse(const char *text, size_t length, ResultKind kind, char **error)
{
	json_error_t parse_error;
	json_t	   *root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &parse_error);
	ResultKind	found = result_kind(root);

	*error = NULL;
	if (root == NULL)
		*error = xasprintf("line %d: this is not JSON, or not all of it: %s", parse_error.line, parse_error.text);
	else if (!json_is_object(root))
		*error = xasprintf("this is no result file: its outermost value is no object");
	else if (found == RESULT_UNKNOWN)
		*error = xasprintf("this is no result file: it has no whole number \"schema_version\", or a \"kind\" that there is not");
	else if (found != kind)
		*error = xasprintf("this is the file of %s, not of %s", result_kind_words[found], result_kind_words[kind]);
	if (*error == NULL)
		return root;
	json_decref(root);
	return NULL;
}

bool
result_file_is_good(const char *path, char *error)
{
	if (error == NULL)
		return true;
	print_error("result file \"%s\": %s", path, error);
	free(error);
	return false;
}

bool
result_file_write(const char *path, json_t *head, json_t *body, int digits)
{
	Output		output;
	bool		good;
	bool		written = false;

	if (output_open(path, &output))
	{
		good = head != NULL && (body == NULL || json_object_update(head, body) == 0) &&
			json_dumpf(head, output.file, JSON_INDENT(1) | JSON_REAL_PRECISION(digits)) == 0;
		good = putc('\n', output.file) != EOF && good;
		written = output_close(path, &output, good);
	}
	json_decref(head);
	json_decref(body);
	return written;
}
