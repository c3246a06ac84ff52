/*
 * sql_squeeze.h
 *	  SQL text as it passes, piece by piece, into a short form of bounded size.
 *
 * Comments are gone, space is one blank, and of a string longer than a few hundred
 * bytes there is only its length: so a payload that a statement holds as a literal is
 * never kept.
 */
#ifndef SQL_SQUEEZE_H
#define SQL_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* of a text beyond it no more is kept: statements of engines end well before */
#define SQUEEZED_BYTES 8192

/* strings up to here are kept: identifiers of workflows, names of steps */
#define SQUEEZED_STRING_BYTES 255

/* a longer string's text in the short form: this byte, and its length in digits */
#define SQUEEZED_LENGTH '\001'

typedef struct SqlSqueeze
{
	char		text[SQUEEZED_BYTES + 1];
	size_t		length;
	uint64_t	hash;			/* of the whole short form, also of what was not kept */
	bool		truncated;

	int			state;			/* sql_squeeze.c's own */
	bool		backslashes;	/* in E'' */
	char		last;			/* of the text: what may begin or end something with the next */
	char		before;
	int			comments;		/* open, one in the other */
	size_t		string_start;	/* in text, behind the quote */
	int64_t		string_length;
	char		tag[32];		/* of $tag$ */
	size_t		tag_length;
	size_t		tag_matched;
} SqlSqueeze;

extern void sql_squeeze_begin(SqlSqueeze *squeeze);
extern void sql_squeeze_add(SqlSqueeze *squeeze, const char *text, size_t n);

/* the text has ended: squeeze->text is a string */
extern void sql_squeeze_end(SqlSqueeze *squeeze);

#endif							/* SQL_SQUEEZE_H */
