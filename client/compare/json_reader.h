/*
 * json_reader.h
 *	  Members of JSON objects that are read with their type checked.
 *
 * Every reader takes the place of the object ("workflows[0].steps[1]", empty:
 * the outermost) and the key for its message, and returns false (or NULL) at
 * the first thing that is not as it should be, with reader->error set.  Nothing
 * here ends the program or keeps anything between calls; memory that is out is
 * an error like another.
 */
#ifndef JSON_READER_H
#define JSON_READER_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

typedef struct Reader
{
	const char *path;			/* for messages */
	char	   *error;			/* the first one; malloc'd, the caller's */
} Reader;

/* keep the first error; always false */
extern bool reader_fail(Reader *reader, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern bool reader_out_of_memory(Reader *reader);

/* "an object", "a string" … */
extern const char *json_type_name(const json_t *value);

extern json_t *member(Reader *reader, const json_t *object, const char *place, const char *key);
extern bool wrong_type(Reader *reader, const char *place, const char *key, const char *wanted,
					   const json_t *value);
extern json_t *object_member(Reader *reader, const json_t *object, const char *place, const char *key);
extern json_t *array_member(Reader *reader, const json_t *object, const char *place, const char *key);

/* *copy is malloc'd, the caller's; a control character is an error, for it will be printed */
extern bool string_member(Reader *reader, const json_t *object, const char *place, const char *key,
						  char **copy);

/* an integer of at least this much */
extern bool integer_member(Reader *reader, const json_t *object, const char *place, const char *key,
						   int64_t least, int64_t *result);
extern bool boolean_member(Reader *reader, const json_t *object, const char *place, const char *key,
						   bool *result);

/* a time in ms, NAN where it is null */
extern bool time_member(Reader *reader, const json_t *object, const char *place, const char *key,
						double *result);

#endif							/* JSON_READER_H */
