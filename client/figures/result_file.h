/*
 * result_file.h
 *	  Result files, whatever kind they are of: their text, what they are of, and how
 *	  all of them are written.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* the figures of most have 12 digits: with three more each is read as it was written */
#define RESULT_DIGITS 15

typedef enum ResultKind
{
	RESULT_UNKNOWN,				/* no JSON, or none of ours */
	RESULT_RUN,					/* run --json: Figures */
	RESULT_EXPERIMENT,			/* experiment --json: Experiments */
	RESULT_TRACE,				/* trace --json */
	RESULT_INSPECTION,			/* inspect --json */
	RESULT_PEERS,				/* client/peers/json.pl: Peers */
	RESULT_PEER,				/* what a program in client/peers printed of one of DBOS's SDKs */
	RESULT_KIND_COUNT
} ResultKind;

/* behind "of": "a run", "experiments" */
extern const char *const result_kind_words[RESULT_KIND_COUNT];

/* all of it, malloc'd, the caller's; NULL, with a message on stderr, where it cannot be read */
extern char *result_file_text(const char *path, size_t *length);

/* by the keys that tell; nothing else is checked */
extern ResultKind result_kind(const json_t *root);
extern ResultKind result_file_kind(const char *text, size_t length);

/*
 * The JSON of a text of that kind, a new reference; else NULL and what is wrong, the
 * caller's: no JSON, or the file of another kind.
 */
extern json_t *result_file_parse(const char *text, size_t length, ResultKind kind, char **error);

/* error NULL: true; else false, and it is said on stderr and freed */
extern bool result_file_is_good(const char *path, char *error);

/*
 * Write the keys of head, and behind them those of body (which can be NULL); both
 * references are taken.  Real numbers have so many digits.  False with a message on stderr.
 */
extern bool result_file_write(const char *path, json_t *head, json_t *body, int digits);

#endif							/* RESULT_FILE_H */
