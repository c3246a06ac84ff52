/*
 * profile.h
 *	  What DBOS's SDKs send for a workflow, message by message, as tables.
 *
 * Recorded from the wire, in the steady state: connections open and warm, statements
 * prepared that the driver prepares.  A message is one turn of the connection, which is
 * a round trip.  Its SQL names the schema "dbos".
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/encodings.h"
#include "engine/schema.h"
#include "pg/session.h"
#include "sample/sample.h"

/* what a parameter's value is */
typedef enum ValueKind
{
	VALUE_NULL,
	VALUE_TEXT,					/* the given text */
	VALUE_NUMBER,				/* the given number */
	VALUE_WORKFLOW_ID,
	VALUE_WORKFLOW_NAME,
	VALUE_OWNER,				/* a UUID that the client has made for the workflow */
	VALUE_INPUTS,
	VALUE_RESULT,				/* of the workflow */
	VALUE_FUNCTION_ID,
	VALUE_FUNCTION_NAME,
	VALUE_OUTPUT,				/* the payload's text */
	VALUE_STARTED,				/* now in ms since 1970, when the step began, and ended */
	VALUE_COMPLETED,
	VALUE_SERIALIZATION
} ValueKind;

/* how it crosses the wire */
typedef enum ValueForm
{
	FORM_TEXT,
	FORM_INT2,					/* this and those below: binary */
	FORM_INT4,
	FORM_INT8,
	FORM_BOOL
} ValueForm;

typedef struct Value
{
	ValueKind	kind;
	ValueForm	form;
	Oid			type;			/* as the driver declares it; 0: the server is to find out */
	const char *text;
	int64_t		number;
} Value;

typedef struct Message
{
	TurnKind	kind;
	const char *sql;
	int			nvalues;
	const Value *values;
	bool		binary_result;
} Message;

typedef struct MessageList
{
	int			n;
	const Message *messages;
} MessageList;

/* the parts of a workflow, in their order */
typedef enum Stage
{
	STAGE_START,
	STAGE_CHECK,				/* of a step, before its function runs: is it recorded? */
	STAGE_RECORD,				/* of a step, after it has returned */
	STAGE_END,
	STAGE_COUNT
} Stage;

typedef enum SdkId
{
	SDK_PYTHON,
	SDK_TYPESCRIPT,
	SDK_GO,
	SDK_JAVA,
	SDK_COUNT
} SdkId;

typedef struct Sdk
{
	const char *name;			/* with the version that was recorded, and its driver */
	Layout		layout;
	int			first_function_id;
	const char *statement_name;	/* a format with the statement's number, as the driver names them */
	const char *connect;		/* what it sets on each connection, and the way back; NULL: nothing */
	const char *disconnect;
	MessageList stages[STAGE_COUNT];
} Sdk;

/* an SDK, and how it is given the payload */
typedef struct Profile
{
	SdkId		sdk;
	Encoding	encoding;
	const char *serialization;	/* its name in the tables */
	const char *inputs;
	const char *result;
} Profile;

extern const Sdk sdk_python;
extern const Sdk sdk_typescript;
extern const Sdk sdk_go;
extern const Sdk sdk_java;

extern const Sdk *const sdks[SDK_COUNT];

/* of a drive that is a profile, or the plain twin of one */
extern const Profile *drive_profile(Drive drive);

/* how often the client waits for the server in a stage */
extern int	profile_turns(Drive drive, Stage stage);

/* the longest list of an SDK's messages, all stages together */
#define MAX_SDK_MESSAGES 24

/* a message's place among all of its SDK's, from 0 */
extern int	sdk_message_place(const Sdk *sdk, Stage stage, int i);

/* what the tables are written with */
#define LIST(array) {(int) (sizeof(array) / sizeof((array)[0])), array}
#define SIMPLE(text) {TURN_SIMPLE, text, 0, NULL, false}
#define UNNAMED(text, array) {TURN_UNNAMED, text, (int) (sizeof(array) / sizeof((array)[0])), array, false}
#define NAMED(text, array) {TURN_NAMED, text, (int) (sizeof(array) / sizeof((array)[0])), array, false}

/* type OIDs; they never change (pg_type.dat) */
#define BOOL_OID 16
#define INT8_OID 20
#define INT2_OID 21
#define INT4_OID 23
#define JSONB_OID 3802
#define VARCHAR_OID 1043

/* the name that a workflow's and a step's rows carry as the application's */
#define PROFILE_APPLICATION "dbos_payload_bench"

/* as long as the hash that an SDK makes of the program */
#define PROFILE_VERSION "00000000000000000000000000000000"

#endif							/* PROFILE_H */
