/*
 * patterns.h
 *	  The statements of durable-workflow engines, known by the tables and columns
 *	  that they name and not by their exact text.
 */
#ifndef PATTERNS_H
#define PATTERNS_H

#include <stdbool.h>
#include <stdint.h>

/* what a statement is for */
typedef enum Role
{
	ROLE_UNKNOWN,
	ROLE_EMPTY,					/* no statement at all: how pools ask whether a connection lives */
	ROLE_BEGIN,
	ROLE_COMMIT,
	ROLE_ROLLBACK,
	ROLE_SETTING,				/* SET, RESET, DISCARD, … of the session or transaction */
	ROLE_STATUS,				/* the workflow's status, before a step */
	ROLE_CHECK,					/* is the step recorded? */
	ROLE_OWNER,					/* whose is the workflow, before the record */
	ROLE_RECORD,				/* the step's output */
	ROLE_RESTAMP,				/* the workflow's executor, after the record */
	ROLE_STEP,					/* a step in one call */
	ROLE_START,					/* a workflow's row */
	ROLE_INPUT,
	ROLE_END,					/* a workflow's last status */
	ROLE_OUTPUT,
	ROLE_OTHER,					/* of an engine, and of no step: queues, schedules, messages */
	ROLE_COUNT
} Role;

extern const char *const role_names[ROLE_COUNT];

/* what is taken from a statement's parameters or literals */
typedef enum Field
{
	FIELD_WORKFLOW_ID,
	FIELD_FUNCTION_ID,
	FIELD_NAME,					/* of the step, or of the workflow */
	FIELD_OUTPUT,				/* its length only */
	FIELD_ERROR,				/* its length only */
	FIELD_SERIALIZATION,
	FIELD_COUNT
} Field;

/* where a field is */
typedef struct Place
{
	int			parameter;		/* $n; 0: no parameter */
	int			literal;		/* offset in the statement's text; 0 and no parameter: nowhere */
	int			length;			/* of the literal as the text has it */
	int64_t		bytes;			/* of the literal as it was sent */
} Place;

typedef struct Pattern
{
	Role		role;
	const char *engine;			/* NULL: of none */
	const char *function;		/* the function or procedure that is called; NULL: none is */
	char		schema[64];		/* of the table, as it is quoted in the text; "": none is named */
	Place		places[FIELD_COUNT];
} Pattern;

/* statements of one text that are looked at: BEGIN; …; COMMIT */
#define MOST_STATEMENTS 8

/*
 * The statements of a text that sql_squeeze.h has shortened.  Returns how many there
 * are (1 for an empty text), at most most of them in patterns.
 */
extern int	patterns_of_text(const char *text, Pattern *patterns, int most);

/* does the text name a table or function of an engine? for rows of pg_stat_statements */
extern bool is_role_of_step(Role role);

/* at most size - 1 bytes of a text, its strings and numbers as ?: to be shown */
extern void pattern_show(const char *text, char *buffer, int size);

#endif							/* PATTERNS_H */
