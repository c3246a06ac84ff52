/*
 * profiles.c
 *	  Which profile is what.
 */
#include <stddef.h>

#include "engine/profile.h"

const Sdk *const sdks[SDK_COUNT] = {
	[SDK_PYTHON] = &sdk_python,
	[SDK_TYPESCRIPT] = &sdk_typescript,
	[SDK_GO] = &sdk_go,
	[SDK_JAVA] = &sdk_java,
};

/* what a workflow without arguments leaves as its input, and one that returns nothing as its output */
#define PYTHON_INPUTS "gASVGAAAAAAAAAB9lCiMBGFyZ3OUKYwGa3dhcmdzlH2UdS4="
#define PYTHON_RESULT "gAROLg=="
#define TYPESCRIPT_INPUTS "{\"json\":[],\"__dbos_serializer\":\"superjson\"}"
#define TYPESCRIPT_RESULT "{\"json\":null,\"__dbos_serializer\":\"superjson\"}"
#define GO_INPUTS "IiI="
#define GO_RESULT "bnVsbA=="
#define PORTABLE_INPUTS "{\"positionalArgs\":[\"\"],\"namedArgs\":{}}"
#define PORTABLE_RESULT "null"
#define JAVA_INPUTS "[\"[Ljava.lang.Object;\",[]]"
#define JAVA_RESULT "null"

static const Profile profiles[DRIVE_COUNT] = {
	[DRIVE_DBOS_PYTHON] = {SDK_PYTHON, ENCODING_PICKLE, "py_pickle", PYTHON_INPUTS, PYTHON_RESULT},
	[DRIVE_DBOS_TYPESCRIPT] = {SDK_TYPESCRIPT, ENCODING_SUPERJSON_BASE64, "js_superjson",
	TYPESCRIPT_INPUTS, TYPESCRIPT_RESULT},
	[DRIVE_DBOS_TYPESCRIPT_BUFFER] = {SDK_TYPESCRIPT, ENCODING_SUPERJSON_BUFFER, "js_superjson",
	TYPESCRIPT_INPUTS, TYPESCRIPT_RESULT},
	[DRIVE_DBOS_GO] = {SDK_GO, ENCODING_JSON_BASE64, "DBOS_JSON", GO_INPUTS, GO_RESULT},
	[DRIVE_DBOS_GO_PORTABLE] = {SDK_GO, ENCODING_JSON, "portable_json", PORTABLE_INPUTS, PORTABLE_RESULT},
	[DRIVE_DBOS_JAVA] = {SDK_JAVA, ENCODING_JACKSON, "java_jackson", JAVA_INPUTS, JAVA_RESULT},
	[DRIVE_PLAIN_PYTHON] = {SDK_PYTHON, ENCODING_NONE, "py_pickle", PYTHON_INPUTS, PYTHON_RESULT},
	[DRIVE_PLAIN_TYPESCRIPT] = {SDK_TYPESCRIPT, ENCODING_NONE, "js_superjson",
	TYPESCRIPT_INPUTS, TYPESCRIPT_RESULT},
	[DRIVE_PLAIN_GO] = {SDK_GO, ENCODING_NONE, "DBOS_JSON", GO_INPUTS, GO_RESULT},
	[DRIVE_PLAIN_JAVA] = {SDK_JAVA, ENCODING_NONE, "java_jackson", JAVA_INPUTS, JAVA_RESULT},
};

const Profile *
drive_profile(Drive drive)
{
	return &profiles[drive];
}

int
profile_turns(Drive drive, Stage stage)
{
	return sdks[profiles[drive].sdk]->stages[stage].n;
}

int
sdk_message_place(const Sdk *sdk, Stage stage, int i)
{
	for (Stage before = 0; before < stage; before++)
		i += sdk->stages[before].n;
	return i;
}
