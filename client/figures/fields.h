/*
 * fields.h
 *	  What a structure holds, as a table: by it a structure is written as JSON,
 *	  read from it, rounded and freed, so that none of these can forget a field
 *	  that another knows.
 *
 * NAN and UNKNOWN are null in JSON.  A structure marked as such is null as a
 * whole where nothing in it is known.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* what one value is */
typedef enum FieldType
{
	FIELD_END,
	FIELD_BOOL,
	FIELD_INT,					/* low at least */
	FIELD_INT64,				/* likewise */
	FIELD_COUNTED,				/* int64_t that can be UNKNOWN */
	FIELD_OPTIONAL,				/* int64_t that is there where the bool at count is set */
	FIELD_REAL,
	FIELD_NS,					/* int64_t, in JSON as milliseconds */
	FIELD_TEXT,					/* char *; optional ones can be NULL */
	FIELD_WORD,					/* enum, the n names' */
	FIELD_WORD_TEXT,			/* const char *, one of the names themselves, or NULL */
	FIELD_STRUCT				/* inner */
} FieldType;

/* how many there are, and where */
typedef enum FieldShape
{
	SHAPE_ONE,
	SHAPE_BY_NAME,				/* n in place: an object by the names */
	SHAPE_SET,					/* bools, n in place: a list of the names of those that are set */
	SHAPE_ARRAY,				/* n in place, of which int at count are used, low at least */
	SHAPE_LIST,					/* a pointer to them, int at count */
	SHAPE_MAP					/* likewise, of Settings: an object of texts */
} FieldShape;

typedef struct Field
{
	FieldType	type;
	FieldShape	shape;
	const char *key;
	size_t		offset;
	size_t		count;			/* offset of the count, or of the bool */
	bool		optional;
	int64_t		low;
	int			n;
	const char *const *names;
	const struct Fields *inner;
} Field;

typedef struct Fields
{
	size_t		size;
	bool		null_if_empty;
	const Field *fields;		/* up to FIELD_END */
} Fields;

/* a new reference */
extern json_t *fields_write(const Fields *fields, const void *structure);

/*
 * Into a structure that is all zeros; what it was filled with so far is left to
 * fields_free.  False with a message, the caller's, that begins with the key.
 */
extern bool fields_read(const Fields *fields, const json_t *json, void *structure, char **error);

/* real numbers to as many digits as a file keeps, text to UTF-8 */
extern void fields_tidy(const Fields *fields, void *structure);

/* everything that it points to; pointers and counts are zero then */
extern void fields_free(const Fields *fields, void *structure);

/* the figures of a run; of these, what other result files hold too */
extern const Fields figures_fields;
extern const Fields estimate_fields;
extern const Fields environment_fields;

#endif							/* FIELDS_H */
