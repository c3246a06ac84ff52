/*
 * json_values.c
 *	  Values of the result file.
 */
#include <math.h>
#include <stdlib.h>

#include "pg/redact.h"
#include "report/json_values.h"
#include "sample/sample.h"
#include "util/memory.h"

static void *
allocate(size_t size)
{
	return xcalloc(1, size);
}

void
json_values_begin(void)
{
	json_set_alloc_funcs(allocate, free);
}

json_t *
real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *
integer_or_null(int64_t value)
{
	return value == UNKNOWN ? json_null() : json_integer(value);
}

json_t *
string_or_null(const char *text)
{
	json_t	   *string;
	char	   *ascii;

	if (text == NULL)
		return json_null();
	string = json_string(text);
	if (string == NULL)
	{
		ascii = xstrdup(text);
		for (char *c = ascii; *c != '\0'; c++)
		{
			if ((unsigned char) *c >= 0x80)
				*c = '?';
		}
		string = json_string(ascii);
		free(ascii);
	}
	return string;
}

json_t *
redacted_or_null(const char *text)
{
	json_t	   *string;
	char	   *redacted;

	if (text == NULL)
		return json_null();
	redacted = redact_password(text);
	string = string_or_null(redacted);
	free(redacted);
	return string;
}

void
put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

json_t *
times_json(const Summary *summary)
{
	json_t	   *object = json_object();

	put(object, "n", json_integer(summary->n));
	put(object, "first", real_or_null(summary->first));
	put(object, "min", real_or_null(summary->min));
	put(object, "p50", real_or_null(summary->p50));
	put(object, "p90", real_or_null(summary->p90));
	put(object, "p95", real_or_null(summary->p95));
	put(object, "p99", real_or_null(summary->p99));
	put(object, "max", real_or_null(summary->max));
	put(object, "mean", real_or_null(summary->mean));
	put(object, "stddev", real_or_null(summary->stddev));
	put(object, "ci_low", real_or_null(summary->ci_low));
	put(object, "ci_high", real_or_null(summary->ci_high));
	return object;
}
