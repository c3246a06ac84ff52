/*
 * patterns.c
 *	  The statements of durable-workflow engines.
 *
 * An engine is added by its lines in known[], and by the names of its columns in
 * columns[] where they are new.  The first line that fits a statement says what it is,
 * so what is more special comes first.
 */
#include <stdio.h>
#include <string.h>

#include "engine/patterns.h"
#include "engine/sql_clauses.h"

const char *const role_names[ROLE_COUNT] = {
	[ROLE_UNKNOWN] = "unknown",
	[ROLE_EMPTY] = "ping",
	[ROLE_BEGIN] = "begin",
	[ROLE_COMMIT] = "commit",
	[ROLE_ROLLBACK] = "rollback",
	[ROLE_SETTING] = "setting",
	[ROLE_STATUS] = "status",
	[ROLE_CHECK] = "check",
	[ROLE_OWNER] = "owner",
	[ROLE_RECORD] = "record",
	[ROLE_RESTAMP] = "restamp",
	[ROLE_STEP] = "step",
	[ROLE_START] = "workflow start",
	[ROLE_INPUT] = "workflow input",
	[ROLE_END] = "workflow end",
	[ROLE_OUTPUT] = "workflow output",
	[ROLE_OTHER] = "other",
};

static const struct
{
	const char *column;
	Field		field;
}			columns[] = {
	{"workflow_uuid", FIELD_WORKFLOW_ID},
	{"workflow_id", FIELD_WORKFLOW_ID},
	{"function_id", FIELD_FUNCTION_ID},
	{"first_function_id", FIELD_FUNCTION_ID},
	{"function_num", FIELD_FUNCTION_ID},
	{"function_name", FIELD_NAME},
	{"name", FIELD_NAME},
	{"output", FIELD_OUTPUT},
	{"outputs", FIELD_OUTPUT},
	{"error", FIELD_ERROR},
	{"serialization", FIELD_SERIALIZATION},
};

/*
 * names: columns that are selected, inserted or set; behind "only" there are no
 * others.  where: columns compared by =.  Of a call names are its arguments, in their
 * order.
 */
static const struct
{
	const char *engine;
	Role		role;
	Verb		verb;
	const char *table;			/* or function */
	const char *names;
	const char *where;
}			known[] = {
	/* DBOS: any SDK, any schema */
	{"DBOS", ROLE_RECORD, VERB_INSERT, "operation_outputs", "workflow_uuid function_id", ""},
	{"DBOS", ROLE_CHECK, VERB_SELECT, "operation_outputs", "output", "workflow_uuid function_id"},
	{"DBOS", ROLE_START, VERB_INSERT, "workflow_status", "workflow_uuid status", ""},
	{"DBOS", ROLE_INPUT, VERB_INSERT, "workflow_input", "workflow_uuid", ""},
	{"DBOS", ROLE_STATUS, VERB_SELECT, "workflow_status", "only status", "workflow_uuid"},
	{"DBOS", ROLE_OWNER, VERB_SELECT, "workflow_status", "only owner_xid", "workflow_uuid"},
	{"DBOS", ROLE_RESTAMP, VERB_UPDATE, "workflow_status", "only executor_id", "workflow_uuid"},
	{"DBOS", ROLE_END, VERB_UPDATE, "workflow_status", "status completed_at", "workflow_uuid"},
	{"DBOS", ROLE_END, VERB_UPDATE, "workflow_status", "status output", "workflow_uuid"},
	{"DBOS", ROLE_END, VERB_UPDATE, "workflow_status", "status error", "workflow_uuid"},
	{"DBOS", ROLE_OUTPUT, VERB_INSERT, "workflow_output", "workflow_uuid", ""},

	/* DBOS's transactions in a program's own database */
	{"DBOS", ROLE_RECORD, VERB_INSERT, "transaction_completion", "workflow_id function_num", ""},
	{"DBOS", ROLE_CHECK, VERB_SELECT, "transaction_completion", "output", "workflow_id function_num"},
	{"DBOS", ROLE_RECORD, VERB_INSERT, "transaction_outputs", "workflow_uuid function_id", ""},
	{"DBOS", ROLE_CHECK, VERB_SELECT, "transaction_outputs", "output", "workflow_uuid function_id"},

	/* this project's extension */
	{"dbos_payload", ROLE_STEP, VERB_CALL, "record_step", "workflow_uuid function_id function_name output error", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "record_steps", "workflow_uuid function_id - output", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "commit_record_steps", "workflow_uuid function_id - output", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "payload_step", "workflow_uuid function_id - - - function_name", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "size_step", "workflow_uuid function_id", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "batch_size_step", "workflow_uuid function_id", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "payload_steps", "workflow_uuid function_id", ""},
	{"dbos_payload", ROLE_STEP, VERB_CALL, "commit_payload_steps", "workflow_uuid function_id - - - function_name", ""},
	{"dbos_payload", ROLE_START, VERB_CALL, "start_workflow", "workflow_uuid name", ""},
	{"dbos_payload", ROLE_END, VERB_CALL, "finish_workflow", "workflow_uuid", ""},
};

/* tables of engines: what else is done with them is the engine's own business */
static const struct
{
	const char *engine;
	const char *table;
}			tables[] = {
	{"DBOS", "operation_outputs"},
	{"DBOS", "workflow_status"},
	{"DBOS", "workflow_input"},
	{"DBOS", "workflow_output"},
	{"DBOS", "workflow_events"},
	{"DBOS", "workflow_events_history"},
	{"DBOS", "workflow_schedules"},
	{"DBOS", "notifications"},
	{"DBOS", "streams"},
	{"DBOS", "application_versions"},
	{"DBOS", "event_dispatch_kv"},
	{"DBOS", "dbos_migrations"},
	{"DBOS", "queues"},
	{"DBOS", "transaction_completion"},
	{"DBOS", "transaction_outputs"},
};

/* words that begin statements of no engine */
static const struct
{
	const char *word;
	Role		role;
}			words[] = {
	{"begin", ROLE_BEGIN},
	{"start", ROLE_BEGIN},
	{"commit", ROLE_COMMIT},
	{"end", ROLE_COMMIT},
	{"rollback", ROLE_ROLLBACK},
	{"abort", ROLE_ROLLBACK},
	{"set", ROLE_SETTING},
	{"reset", ROLE_SETTING},
	{"show", ROLE_SETTING},
	{"discard", ROLE_SETTING},
	{"deallocate", ROLE_SETTING},
	{"savepoint", ROLE_SETTING},
	{"release", ROLE_SETTING},
};

#define LENGTH(array) ((int) (sizeof(array) / sizeof((array)[0])))

/* the next word of a list; false: there is none */
static bool
next_word(const char **list, char *word, size_t size)
{
	size_t		length;

	*list += strspn(*list, " ");
	length = strcspn(*list, " ");
	if (length == 0 || length >= size)
		return false;
	memcpy(word, *list, length);
	word[length] = '\0';
	*list += length;
	return true;
}

static const ClauseColumn *
find_column(const Clauses *clauses, const ClauseColumn *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (list[i].token >= 0 && token_is(clauses, list[i].token, name))
			return &list[i];
	return NULL;
}

/* does the clause's list hold all of these columns? */
static bool
has_columns(const Clauses *clauses, const ClauseColumn *list, int n, const char *names)
{
	char		word[64];
	bool		only = false;
	int			nnames = 0;

	while (next_word(&names, word, sizeof(word)))
	{
		if (strcmp(word, "only") == 0)
		{
			only = true;
			continue;
		}
		nnames++;
		if (find_column(clauses, list, n, word) == NULL)
			return false;
	}
	return !only || n == nnames;
}

static void
take_place(const char *column, const Place *place, Pattern *pattern)
{
	for (int i = 0; i < LENGTH(columns); i++)
	{
		Place	   *known_place = &pattern->places[columns[i].field];

		if (strcmp(columns[i].column, column) == 0 && known_place->parameter == 0 && known_place->literal == 0)
			*known_place = *place;
	}
}

/* the places of all columns of a list that are fields */
static void
take_places(const Clauses *clauses, const ClauseColumn *list, int n, Pattern *pattern)
{
	for (int i = 0; i < LENGTH(columns); i++)
	{
		const ClauseColumn *column = find_column(clauses, list, n, columns[i].column);

		if (column != NULL)
			take_place(columns[i].column, &column->place, pattern);
	}
}

/* the name before the table's, in quotes where it had them */
static void
take_schema(const Clauses *clauses, int table, Pattern *pattern)
{
	const Token *schema = &clauses->tokens[table >= 2 ? table - 2 : 0];

	if (table < 2 || !token_is(clauses, table - 1, ".") || (schema->kind != TOKEN_WORD && schema->kind != TOKEN_NAME) ||
		schema->length > (int) sizeof(pattern->schema) - 3)
		return;
	snprintf(pattern->schema, sizeof(pattern->schema), schema->kind == TOKEN_NAME ? "\"%.*s\"" : "%.*s",
			 schema->length, clauses->text + schema->start);
}

static bool
fits_clause(const Clauses *clauses, const Clause *clause, int line, Pattern *pattern)
{
	if (clause->verb != known[line].verb || clause->table < 0 ||
		!token_is(clauses, clause->table, known[line].table) ||
		!has_columns(clauses, clause->columns, clause->ncolumns, known[line].names) ||
		!has_columns(clauses, clause->where, clause->nwhere, known[line].where))
		return false;
	pattern->role = known[line].role;
	pattern->engine = known[line].engine;
	take_schema(clauses, clause->table, pattern);
	if (clause->verb != VERB_SELECT)
		take_places(clauses, clause->columns, clause->ncolumns, pattern);
	take_places(clauses, clause->where, clause->nwhere, pattern);
	return true;
}

/* the call of a known function among the tokens */
static bool
fits_call(const Clauses *clauses, int first, int end, int line, Pattern *pattern)
{
	for (int at = first; at + 1 < end; at++)
	{
		const char *names = known[line].names;
		char		word[64];
		Clause		call;

		if (!token_is(clauses, at + 1, "(") || !token_is(clauses, at, known[line].table))
			continue;
		clause_of_call(clauses, at, end, &call);
		for (int i = 0; i < call.ncolumns && next_word(&names, word, sizeof(word)); i++)
			if (call.columns[i].token < 0)
				take_place(word, &call.columns[i].place, pattern);
		take_places(clauses, call.columns, call.ncolumns, pattern);
		pattern->role = known[line].role;
		pattern->engine = known[line].engine;
		pattern->function = known[line].table;
		return true;
	}
	return false;
}

static void
pattern_of_statement(Clauses *clauses, int first, int end, Pattern *pattern)
{
	memset(pattern, 0, sizeof(*pattern));
	if (first == end)
	{
		pattern->role = ROLE_EMPTY;
		return;
	}
	for (int i = 0; i < LENGTH(words); i++)
	{
		if (!token_is(clauses, first, words[i].word))
			continue;
		pattern->role = words[i].role;

		/* back to a savepoint the transaction goes on */
		if (pattern->role == ROLE_ROLLBACK)
			for (int at = first; at < end; at++)
				if (token_is(clauses, at, "to"))
					pattern->role = ROLE_SETTING;
		return;
	}
	clauses_of_statement(clauses, first, end);
	for (int line = 0; line < LENGTH(known); line++)
	{
		if (known[line].verb == VERB_CALL)
		{
			if (fits_call(clauses, first, end, line, pattern))
				return;
			continue;
		}
		for (int c = 0; c < clauses->nclauses; c++)
			if (fits_clause(clauses, &clauses->clauses[c], line, pattern))
				return;
	}
	for (int i = 0; i < LENGTH(tables); i++)
	{
		for (int at = first; at < end; at++)
		{
			if (token_is(clauses, at, tables[i].table))
			{
				pattern->role = ROLE_OTHER;
				pattern->engine = tables[i].engine;
				return;
			}
		}
	}
}

int
patterns_of_text(const char *text, Pattern *patterns, int most)
{
	static Clauses clauses;		/* too large for the stack, and there is one thread */
	int			first = 0;
	int			n = 0;

	clauses_read_tokens(&clauses, text);
	for (int at = 0; at <= clauses.ntokens; at++)
	{
		if (at < clauses.ntokens && !(clauses.tokens[at].depth == 0 && token_is(&clauses, at, ";")))
			continue;

		/* behind the last semicolon is no statement, unless there is nothing else */
		if (at > first || (at == clauses.ntokens && n == 0))
		{
			if (n < most)
				pattern_of_statement(&clauses, first, at, &patterns[n]);
			n++;
		}
		first = at + 1;
	}
	return n;
}

bool
is_role_of_step(Role role)
{
	return role == ROLE_STATUS || role == ROLE_CHECK || role == ROLE_OWNER || role == ROLE_RECORD ||
		role == ROLE_RESTAMP || role == ROLE_STEP;
}

/* may it stand in a name or parameter, so that a digit behind it begins no number? */
static bool
is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
		(unsigned char) c >= 0x80;
}

void
pattern_show(const char *text, char *buffer, int size)
{
	int			n = 0;
	bool		in_name = false;	/* "…", in which a quote begins no string */

	for (const char *c = text; *c != '\0' && n < size - 1; c++)
	{
		in_name ^= *c == '"';
		if (*c == '\'' && !in_name)
		{
			const char *end = strchr(c + 1, '\'');

			buffer[n++] = '?';
			if (end == NULL)
				break;
			c = end;
		}
		else if (*c >= '0' && *c <= '9' && !in_name && (c == text || !is_of_name(c[-1])))
		{
			buffer[n++] = '?';
			while (c[1] == '.' || is_of_name(c[1]))
				c++;
		}
		else
			buffer[n++] = (unsigned char) *c < ' ' ? '?' : *c;
	}
	buffer[n] = '\0';
}
