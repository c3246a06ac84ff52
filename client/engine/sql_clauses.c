/*
 * sql_clauses.c
 *	  What a statement reads and writes.
 *
 * No parser of SQL: it finds the words that begin clauses and reads the lists behind
 * them, which is enough for what clients of an engine send.  What it does not follow
 * it leaves out.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/sql_clauses.h"
#include "engine/sql_squeeze.h"

/* a message of the protocol can bind no more */
#define MOST_PARAMETERS 65535

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
		(unsigned char) c >= 0x80;
}

void
clauses_read_tokens(Clauses *clauses, const char *text)
{
	int			at = 0;
	int			depth = 0;

	clauses->text = text;
	clauses->ntokens = 0;
	clauses->nclauses = 0;
	while (text[at] != '\0' && clauses->ntokens < MOST_TOKENS)
	{
		Token	   *token = &clauses->tokens[clauses->ntokens];
		char		c = text[at];

		if (c == ' ')
		{
			at++;
			continue;
		}
		clauses->ntokens++;
		token->depth = depth;
		token->start = at;
		if (c == '\'' || c == '"')
		{
			const char *end = strchr(text + at + 1, c);

			token->kind = c == '"' ? TOKEN_NAME : TOKEN_STRING;
			token->start = at + 1;
			token->length = end != NULL ? (int) (end - text) - at - 1 : (int) strlen(text + at + 1);
			at = token->start + token->length + (end != NULL);
			continue;
		}
		if (c == '$' && is_digit(text[at + 1]))
		{
			token->kind = TOKEN_PARAMETER;
			token->start = ++at;
			while (is_digit(text[at]))
				at++;
		}
		else if (is_digit(c))
		{
			token->kind = TOKEN_NUMBER;
			while (is_word_byte(text[at]) || text[at] == '.')
				at++;
		}
		else if (is_word_byte(c))
		{
			token->kind = TOKEN_WORD;
			while (is_word_byte(text[at]))
				at++;

			/* the E or X of a string is no word of its own */
			if (text[at] == '\'' && at - token->start == 1)
			{
				clauses->ntokens--;
				continue;
			}
		}
		else
		{
			token->kind = TOKEN_SIGN;
			at++;
			if (c == '(')
				depth++;
			else if (c == ')')
				token->depth = depth > 0 ? --depth : 0;
			else if ((c == ':' && text[at] == ':') || (c == '=' && text[at] == '>'))
				at++;
			else if (strchr("<>!~|+-*/%&^#@?", c) != NULL)
				while (text[at] != '\0' && strchr("<>=!~|&^#@", text[at]) != NULL)
					at++;
		}
		token->length = at - token->start;
	}
}

bool
token_is(const Clauses *clauses, int token, const char *word)
{
	const Token *t;
	size_t		length = strlen(word);

	if (token < 0 || token >= clauses->ntokens)
		return false;
	t = &clauses->tokens[token];
	if ((size_t) t->length != length)
		return false;
	if (t->kind == TOKEN_WORD)
		return strncasecmp(clauses->text + t->start, word, length) == 0;
	return (t->kind == TOKEN_NAME || t->kind == TOKEN_SIGN) &&
		strncmp(clauses->text + t->start, word, length) == 0;
}

static bool
is_name(const Clauses *clauses, int token)
{
	return token < clauses->ntokens &&
		(clauses->tokens[token].kind == TOKEN_WORD || clauses->tokens[token].kind == TOKEN_NAME);
}

/* a name with or without others before it: leaves *at behind it, returns its last token; -1: none */
static int
read_name(const Clauses *clauses, int *at, int end)
{
	int			last;

	if (*at >= end || !is_name(clauses, *at))
		return -1;
	last = (*at)++;
	while (*at + 1 < end && token_is(clauses, *at, ".") && is_name(clauses, *at + 1))
	{
		last = *at + 1;
		*at += 2;
	}
	return last;
}

/* the n of $n; 0, which none has, where it is above the protocol's most */
static int
parameter_number(const Clauses *clauses, int token)
{
	const char *digits = clauses->text + clauses->tokens[token].start;
	int			number = 0;

	while (*digits >= '0' && *digits <= '9' && number <= MOST_PARAMETERS)
		number = 10 * number + (*digits++ - '0');
	return number <= MOST_PARAMETERS ? number : 0;
}

/* What an expression stores or compares: its first parameter, or the literal that it is. */
static Place
place_of(const Clauses *clauses, int first, int end)
{
	Place		place = {0};

	for (int i = first; i < end; i++)
	{
		if (clauses->tokens[i].kind == TOKEN_PARAMETER)
		{
			place.parameter = parameter_number(clauses, i);
			return place;
		}
	}
	for (int i = first; i < end; i++)
	{
		const Token *token = &clauses->tokens[i];

		if (token_is(clauses, i, "(") || token_is(clauses, i, "cast") || token_is(clauses, i, "-"))
			continue;
		if (token->kind == TOKEN_STRING || token->kind == TOKEN_NUMBER)
		{
			place.literal = token->start;
			place.length = token->length;
			place.bytes = token->length;
			if (token->length > 0 && clauses->text[token->start] == SQUEEZED_LENGTH)
				place.bytes = strtoll(clauses->text + token->start + 1, NULL, 10);
		}
		break;
	}
	return place;
}

/* the end of a list's item: the comma at its depth, or what closes the list */
static int
item_end(const Clauses *clauses, int at, int end, int depth)
{
	while (at < end && !(clauses->tokens[at].depth == depth && token_is(clauses, at, ",")) &&
		   clauses->tokens[at].depth >= depth)
		at++;
	return at;
}

static ClauseColumn *
add_column(ClauseColumn *columns, int *n, int most)
{
	ClauseColumn *column;

	if (*n >= most)
		return NULL;
	column = &columns[(*n)++];
	memset(column, 0, sizeof(*column));
	column->token = -1;
	return column;
}

static const char *const ends_of_list[] = {"from", "where", "group", "order", "limit", "for", "returning",
	"on", "union", "having", "into", "offset", "fetch", NULL};

/* does a word at the clause's depth end its list? IS DISTINCT FROM does not */
static bool
ends_list(const Clauses *clauses, int at, int depth)
{
	if (clauses->tokens[at].depth < depth)
		return true;
	if (clauses->tokens[at].depth > depth || clauses->tokens[at].kind != TOKEN_WORD)
		return false;
	for (int i = 0; ends_of_list[i] != NULL; i++)
		if (token_is(clauses, at, ends_of_list[i]))
			return !(at > 0 && token_is(clauses, at, "from") && token_is(clauses, at - 1, "distinct"));
	return false;
}

/* column = value, at any depth of the condition */
static void
read_where(const Clauses *clauses, int at, int end, Clause *clause)
{
	int			depth = clauses->tokens[at].depth;

	for (at++; at < end && !ends_list(clauses, at, depth); at++)
	{
		ClauseColumn *column;
		int			stop;

		if (!is_name(clauses, at) || at + 2 >= end || !token_is(clauses, at + 1, "="))
			continue;
		stop = at + 2;
		while (stop < end && clauses->tokens[stop].depth >= clauses->tokens[at].depth &&
			   !token_is(clauses, stop, "and") && !token_is(clauses, stop, "or") && !ends_list(clauses, stop, depth))
			stop++;
		column = add_column(clause->where, &clause->nwhere, (int) (sizeof(clause->where) / sizeof(clause->where[0])));
		if (column == NULL)
			return;
		column->token = at;
		column->place = place_of(clauses, at + 2, stop);
		at = stop - 1;
	}
}

/* WHERE of a clause that began at that depth, from at on */
static void
find_where(const Clauses *clauses, int at, int end, int depth, Clause *clause)
{
	for (; at < end && clauses->tokens[at].depth >= depth; at++)
	{
		if (clauses->tokens[at].depth == depth && token_is(clauses, at, "where"))
		{
			read_where(clauses, at, end, clause);
			return;
		}
	}
}

/* SELECT a, b, … FROM t WHERE … */
static void
read_select(const Clauses *clauses, int at, int end, Clause *clause)
{
	int			depth = clauses->tokens[at].depth;
	int			from;

	at++;
	if (token_is(clauses, at, "distinct"))
		at++;
	while (at < end && !ends_list(clauses, at, depth))
	{
		ClauseColumn *column = add_column(clause->columns, &clause->ncolumns, MOST_COLUMNS);
		int			stop = at;
		int			name = at;

		while (stop < end && !ends_list(clauses, stop, depth) &&
			   !(clauses->tokens[stop].depth == depth && token_is(clauses, stop, ",")))
			stop++;
		if (column != NULL)
		{
			int			last = read_name(clauses, &name, stop);

			/* a column, with or without a cast or another name */
			if (last >= 0 && (name == stop || token_is(clauses, name, "::") || token_is(clauses, name, "as")))
				column->token = last;
			column->place = place_of(clauses, at, stop);
		}
		at = stop;
		if (at < end && token_is(clauses, at, ","))
			at++;
		else
			break;
	}
	for (from = at; from < end && clauses->tokens[from].depth >= depth; from++)
	{
		if (clauses->tokens[from].depth == depth && token_is(clauses, from, "from"))
		{
			int			name = from + 1;

			clause->table = read_name(clauses, &name, end);
			break;
		}
	}
	find_where(clauses, at, end, depth, clause);
}

/* INSERT INTO t (a, b, …) VALUES (…) or SELECT … */
static void
read_insert(const Clauses *clauses, int at, int end, Clause *clause)
{
	int			depth = clauses->tokens[at].depth;
	int			column = 0;

	at += 2;
	clause->table = read_name(clauses, &at, end);
	if (token_is(clauses, at, "as"))
		at += 2;
	if (at >= end || !token_is(clauses, at, "("))
		return;
	for (at++; at < end && clauses->tokens[at].depth > depth; at++)
	{
		if (is_name(clauses, at) && clauses->tokens[at].depth == depth + 1)
		{
			ClauseColumn *new = add_column(clause->columns, &clause->ncolumns, MOST_COLUMNS);

			if (new != NULL)
				new->token = at;
		}
	}
	while (at < end && !token_is(clauses, at, "values") && !token_is(clauses, at, "select"))
		at++;
	if (at >= end)
		return;
	if (token_is(clauses, at, "values"))
		at++, depth = clauses->tokens[at < end ? at : end - 1].depth + 1;
	else
		depth = clauses->tokens[at].depth;
	for (at++; at < end && column < clause->ncolumns; column++)
	{
		int			stop = at;

		while (stop < end && !ends_list(clauses, stop, depth) &&
			   !(clauses->tokens[stop].depth == depth && token_is(clauses, stop, ",")))
			stop++;
		clause->columns[column].place = place_of(clauses, at, stop);
		if (stop >= end || !token_is(clauses, stop, ","))
			break;
		at = stop + 1;
	}
}

/* UPDATE t SET a = …, b = … WHERE … */
static void
read_update(const Clauses *clauses, int at, int end, Clause *clause)
{
	int			depth = clauses->tokens[at].depth;

	at++;
	if (token_is(clauses, at, "only"))
		at++;
	clause->table = read_name(clauses, &at, end);
	while (at < end && !token_is(clauses, at, "set"))
		at++;
	for (at++; at < end && !ends_list(clauses, at, depth);)
	{
		int			name = at;
		int			last = read_name(clauses, &name, end);
		int			stop = at;

		while (stop < end && !ends_list(clauses, stop, depth) &&
			   !(clauses->tokens[stop].depth == depth && token_is(clauses, stop, ",")))
			stop++;
		if (last >= 0 && token_is(clauses, name, "="))
		{
			ClauseColumn *column = add_column(clause->columns, &clause->ncolumns, MOST_COLUMNS);

			if (column != NULL)
			{
				column->token = last;
				column->place = place_of(clauses, name + 1, stop);
			}
		}
		at = stop;
		if (at < end && token_is(clauses, at, ","))
			at++;
		else
			break;
	}
	find_where(clauses, at, end, depth, clause);
}

void
clause_of_call(const Clauses *clauses, int token, int end, Clause *clause)
{
	int			at = token + 2;
	int			depth = clauses->tokens[token].depth + 1;

	memset(clause, 0, sizeof(*clause));
	clause->verb = VERB_CALL;
	clause->table = token;
	while (at < end && clauses->tokens[at].depth >= depth)
	{
		int			stop = item_end(clauses, at, end, depth);
		ClauseColumn *column = add_column(clause->columns, &clause->ncolumns, MOST_COLUMNS);

		if (column == NULL)
			return;

		/* name => value */
		if (is_name(clauses, at) && token_is(clauses, at + 1, "=>"))
			column->token = at;
		column->place = place_of(clauses, column->token >= 0 ? at + 2 : at, stop);
		at = stop + 1;
	}
}

void
clauses_of_statement(Clauses *clauses, int first, int end)
{
	bool		source_read = false;	/* the SELECT behind an INSERT is part of it */

	clauses->nclauses = 0;
	for (int at = first; at < end && clauses->nclauses < MOST_CLAUSES; at++)
	{
		Clause	   *clause = &clauses->clauses[clauses->nclauses];
		Verb		verb;

		if (clauses->tokens[at].kind != TOKEN_WORD)
			continue;
		if (token_is(clauses, at, "select"))
			verb = VERB_SELECT;
		else if (token_is(clauses, at, "insert") && token_is(clauses, at + 1, "into"))
			verb = VERB_INSERT;
		else if (token_is(clauses, at, "delete") && token_is(clauses, at + 1, "from"))
			verb = VERB_DELETE;
		else if (token_is(clauses, at, "update") &&
				 !(at > first && (token_is(clauses, at - 1, "for") || token_is(clauses, at - 1, "key") ||
								  token_is(clauses, at - 1, "do"))))
			verb = VERB_UPDATE;
		else
			continue;
		if (verb == VERB_SELECT && source_read)
		{
			source_read = false;
			continue;
		}
		memset(clause, 0, sizeof(*clause));
		clause->verb = verb;
		clause->table = -1;
		clauses->nclauses++;
		switch (verb)
		{
			case VERB_SELECT:
				read_select(clauses, at, end, clause);
				break;
			case VERB_INSERT:
				read_insert(clauses, at, end, clause);
				source_read = true;
				for (int i = at; i < end && clauses->tokens[i].depth >= clauses->tokens[at].depth; i++)
					if (token_is(clauses, i, "values"))
						source_read = false;
				break;
			case VERB_UPDATE:
				read_update(clauses, at, end, clause);
				break;
			case VERB_DELETE:
				{
					int			name = at + 2;

					clause->table = read_name(clauses, &name, end);
					find_where(clauses, name, end, clauses->tokens[at].depth, clause);
					break;
				}
			case VERB_CALL:
				break;
		}
	}
}
