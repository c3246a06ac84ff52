/*
 * sql_clauses.h
 *	  What a statement reads and writes: its clauses with their tables, columns and
 *	  conditions, and the functions that it calls.
 */
#ifndef SQL_CLAUSES_H
#define SQL_CLAUSES_H

#include <stdbool.h>

#include "engine/patterns.h"

typedef enum TokenKind
{
	TOKEN_WORD,					/* a keyword or a name without quotes */
	TOKEN_NAME,					/* a name in quotes */
	TOKEN_PARAMETER,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_SIGN
} TokenKind;

typedef struct Token
{
	TokenKind	kind;
	int			start;			/* in the text; of names and strings without their quotes */
	int			length;
	int			depth;			/* parentheses around it */
} Token;

typedef enum Verb
{
	VERB_SELECT,
	VERB_INSERT,
	VERB_UPDATE,
	VERB_DELETE,
	VERB_CALL					/* a function or procedure, whatever calls it */
} Verb;

#define MOST_TOKENS 4000
#define MOST_CLAUSES 8
#define MOST_COLUMNS 64

typedef struct ClauseColumn
{
	int			token;			/* its name; -1: an expression */
	Place		place;			/* what is stored there, or compared with it */
} ClauseColumn;

typedef struct Clause
{
	Verb		verb;
	int			table;			/* token of its name, without the schema; -1: none */
	int			ncolumns;		/* selected, inserted, set; arguments */
	ClauseColumn columns[MOST_COLUMNS];
	int			nwhere;
	ClauseColumn where[16];
} Clause;

typedef struct Clauses
{
	const char *text;
	int			ntokens;
	Token		tokens[MOST_TOKENS];
	int			nclauses;
	Clause		clauses[MOST_CLAUSES];
} Clauses;

/* the text's tokens; what is beyond MOST_TOKENS is left out */
extern void clauses_read_tokens(Clauses *clauses, const char *text);

/* the clauses of the tokens first to end - 1, which are one statement */
extern void clauses_of_statement(Clauses *clauses, int first, int end);

/* is the token this word or name, in lower case? names in quotes as they are */
extern bool token_is(const Clauses *clauses, int token, const char *word);

/* the arguments of a function whose name is that token, as a clause */
extern void clause_of_call(const Clauses *clauses, int token, int end, Clause *clause);

#endif							/* SQL_CLAUSES_H */
