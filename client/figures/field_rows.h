/*
 * field_rows.h
 *	  Short words for the rows of a table of fields; for files that hold such tables.
 */
#ifndef FIELD_ROWS_H
#define FIELD_ROWS_H

#include "figures/fields.h"

#define COUNT(names) ((int) (sizeof(names) / sizeof(names[0])))

#define FIELD(kind, in, name, member, ...) \
	{.type = kind, .key = name, .offset = offsetof(in, member), __VA_ARGS__}
#define END {.type = FIELD_END}

#define REAL(in, name, member) FIELD(FIELD_REAL, in, name, member)
#define INT(in, name, member) FIELD(FIELD_INT, in, name, member)
#define INT64(in, name, member) FIELD(FIELD_INT64, in, name, member)
#define COUNTED(in, name, member) FIELD(FIELD_COUNTED, in, name, member)
#define BOOL(in, name, member) FIELD(FIELD_BOOL, in, name, member)
#define TEXT(in, name, member) FIELD(FIELD_TEXT, in, name, member)
#define TEXT_OR_NULL(in, name, member) FIELD(FIELD_TEXT, in, name, member, .optional = true)
#define TEXTS(in, name, member, number) \
	FIELD(FIELD_TEXT, in, name, member, .shape = SHAPE_LIST, .count = offsetof(in, number))
#define WORD(in, name, member, words, number) \
	FIELD(FIELD_WORD, in, name, member, .names = words, .n = number)
#define STRUCT(in, name, member, fields) FIELD(FIELD_STRUCT, in, name, member, .inner = &fields)
#define ESTIMATE(in, name, member) STRUCT(in, name, member, estimate_fields)
#define BY_NAME(in, name, member, words, number, fields) \
	FIELD(FIELD_STRUCT, in, name, member, .shape = SHAPE_BY_NAME, .names = words, .n = number, .inner = &fields)
#define SET(in, name, member, words, number) \
	FIELD(FIELD_BOOL, in, name, member, .shape = SHAPE_SET, .names = words, .n = number)
#define LIST(in, name, member, number, fields) \
	FIELD(FIELD_STRUCT, in, name, member, .shape = SHAPE_LIST, .count = offsetof(in, number), .inner = &fields)

#endif							/* FIELD_ROWS_H */
