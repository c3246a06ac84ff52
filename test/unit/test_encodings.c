/*
 * test_encodings.c
 *	  The texts that DBOS's SDKs make of bytes: as they were recorded, and for every
 *	  length around a boundary against the plainest way to make them.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/encodings.h"
#include "engine/profile.h"
#include "tap.h"
#include "util/memory.h"

static const char *const names[ENCODING_COUNT] = {
	"pickle", "superjson base64", "superjson Buffer", "JSON in base64", "JSON", "Jackson", "none"
};

/* base64, a character at a time */
static char *
base64(const unsigned char *bytes, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char	   *text = xcalloc((size + 2) / 3 * 4 + 1, 1);
	char	   *out = text;

	for (size_t i = 0; i < size; i += 3)
	{
		unsigned int three = (unsigned int) bytes[i] << 16 |
			(i + 1 < size ? (unsigned int) bytes[i + 1] << 8 : 0) | (i + 2 < size ? bytes[i + 2] : 0);

		*out++ = letters[three >> 18];
		*out++ = letters[three >> 12 & 63];
		*out++ = i + 1 < size ? letters[three >> 6 & 63] : '=';
		*out++ = i + 2 < size ? letters[three & 63] : '=';
	}
	return text;
}

/* what Python's pickle.dumps(bytes, 4) gives */
static char *
expected_pickle(const unsigned char *raw, size_t size)
{
	unsigned char *pickle = xcalloc(size + 32, 1);
	size_t		n = 0;
	size_t		frame = size + (size <= 255 ? 4 : 7);
	char	   *text;

	pickle[n++] = 0x80;
	pickle[n++] = 4;
	if (size < 65536)
	{
		pickle[n++] = 0x95;
		for (int i = 0; i < 8; i++)
			pickle[n++] = (unsigned char) (frame >> 8 * i);
	}
	pickle[n++] = size <= 255 ? 'C' : 'B';
	for (int i = 0; i < (size <= 255 ? 1 : 4); i++)
		pickle[n++] = (unsigned char) (size >> 8 * i);
	memcpy(pickle + n, raw, size);
	n += size;
	pickle[n++] = 0x94;
	pickle[n++] = '.';
	text = base64(pickle, n);
	free(pickle);
	return text;
}

static char *
expected_numbers(const unsigned char *raw, size_t size)
{
	char	   *text = xcalloc(4 * size + 128, 1);
	char	   *out = text + sprintf(text, "{\"json\":[");

	for (size_t i = 0; i < size; i++)
		out += sprintf(out, "%s%d", i > 0 ? "," : "", raw[i]);
	sprintf(out, "],\"meta\":{\"values\":[[\"custom\",\"Buffer\"]]},\"__dbos_serializer\":\"superjson\"}");
	return text;
}

static char *
expected(Encoding encoding, const unsigned char *raw, size_t size)
{
	char	   *inner = base64(raw, size);
	char	   *text = NULL;

	switch (encoding)
	{
		case ENCODING_PICKLE:
			text = expected_pickle(raw, size);
			break;
		case ENCODING_SUPERJSON_BASE64:
			text = xasprintf("{\"json\":\"%s\",\"__dbos_serializer\":\"superjson\"}", inner);
			break;
		case ENCODING_SUPERJSON_BUFFER:
			text = expected_numbers(raw, size);
			break;
		case ENCODING_JSON_BASE64:
			{
				char	   *json = xasprintf("\"%s\"", inner);

				text = base64((unsigned char *) json, strlen(json));
				free(json);
				break;
			}
		case ENCODING_JSON:
			text = xasprintf("\"%s\"", inner);
			break;
		default:
			text = xasprintf("[\"[B\",\"%s\"]", inner);
			break;
	}
	free(inner);
	return text;
}

static void
is_encoded(Encoding encoding, const unsigned char *raw, size_t size, const char *wanted, const char *what)
{
	size_t		room = encoding_room(encoding, size);
	char	   *text = xcalloc(room + 8, 1);
	char	   *name = xasprintf("%s: %s, %zu bytes", names[encoding], what, size);
	size_t		length;

	memset(text, '#', room + 8);
	length = encoding_write(encoding, raw, size, text);
	if (!ok(length < room && text[length] == '\0' && strlen(text) == length && strcmp(text, wanted) == 0 &&
			text[room] == '#', name) && size < 100)
		printf("# found %s, expected %s\n", text, wanted);
	free(name);
	free(text);
}

/* as the SDKs have left them in a database */
static void
test_recorded(void)
{
	is_encoded(ENCODING_PICKLE, (const unsigned char *) "\x36", 1, "gASVBQAAAAAAAABDATaULg==", "recorded");
	is_encoded(ENCODING_SUPERJSON_BASE64, (const unsigned char *) "\x1f", 1,
			   "{\"json\":\"Hw==\",\"__dbos_serializer\":\"superjson\"}", "recorded");
	is_encoded(ENCODING_SUPERJSON_BUFFER, (const unsigned char *) "\x36", 1,
			   "{\"json\":[54],\"meta\":{\"values\":[[\"custom\",\"Buffer\"]]},\"__dbos_serializer\":\"superjson\"}", "recorded");
	is_encoded(ENCODING_JSON_BASE64, (const unsigned char *) "a", 1, "IllRPT0i", "recorded");
	is_encoded(ENCODING_JSON, (const unsigned char *) "a", 1, "\"YQ==\"", "recorded");
	is_encoded(ENCODING_JACKSON, (const unsigned char *) "V", 1, "[\"[B\",\"Vg==\"]", "recorded");
}

static void
test_lengths(void)
{
	static const struct
	{
		Encoding	encoding;
		size_t		one_mb;
		size_t		batch;		/* of 1,111,111 bytes */
	}			recorded[] = {
		{ENCODING_PICKLE, 1333348, 1481496},
		{ENCODING_SUPERJSON_BASE64, 1333379, 1481527},
		{ENCODING_JSON_BASE64, 1777784, 1975316},
		{ENCODING_JSON, 1333338, 1481486},
		{ENCODING_JACKSON, 1333345, 1481493},
		{ENCODING_NONE, 1000000, 1111111},
	};
	unsigned char *raw = xcalloc(1111111, 1);
	char	   *text = xcalloc(encoding_room(ENCODING_SUPERJSON_BUFFER, 1111111), 1);

	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++)
	{
		is_number((double) encoding_write(recorded[i].encoding, raw, 1000000, text), (double) recorded[i].one_mb,
				  names[recorded[i].encoding]);
		is_number((double) encoding_write(recorded[i].encoding, raw, 1111111, text), (double) recorded[i].batch,
				  names[recorded[i].encoding]);
	}
	free(text);
	free(raw);
}

static void
test_bytes(void)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 6, 254, 255, 256, 257, 258, 1000, 65534, 65535, 65536, 65537, 65538};
	unsigned char *raw = xcalloc(65538, 1);

	for (int kind = 0; kind < 3; kind++)
	{
		unsigned int state = 1;

		for (size_t i = 0; i < 65538; i++)
		{
			state = state * 1103515245 + 12345;
			raw[i] = kind == 0 ? 0 : kind == 1 ? 0xFF : (unsigned char) (state >> 16);
		}
		for (Encoding encoding = 0; encoding < ENCODING_NONE; encoding++)
			for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
			{
				char	   *wanted = expected(encoding, raw, sizes[s]);

				is_encoded(encoding, raw, sizes[s], wanted, kind == 0 ? "all zero" : kind == 1 ? "all 0xFF" : "mixed");
				free(wanted);
			}
	}
	free(raw);
}

/* the turns that were recorded: start, check, record, end */
static void
test_turns(void)
{
	static const struct
	{
		Drive		drive;
		int			turns[STAGE_COUNT];
	}			recorded[] = {
		{DRIVE_DBOS_PYTHON, {5, 5, 5, 2}},
		{DRIVE_DBOS_TYPESCRIPT, {4, 3, 4, 4}},
		{DRIVE_DBOS_TYPESCRIPT_BUFFER, {4, 3, 4, 4}},
		{DRIVE_DBOS_GO, {4, 4, 4, 4}},
		{DRIVE_DBOS_GO_PORTABLE, {4, 4, 4, 4}},
		{DRIVE_DBOS_JAVA, {4, 2, 2, 1}},
	};

	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++)
	{
		Drive		drive = recorded[i].drive;
		const Sdk  *sdk = sdks[drive_profile(drive)->sdk];
		bool		same = true;
		int			most = 0;

		for (Stage stage = 0; stage < STAGE_COUNT; stage++)
		{
			same = same && profile_turns(drive, stage) == recorded[i].turns[stage];
			for (int m = 0; m < sdk->stages[stage].n; m++)
				most = sdk->stages[stage].messages[m].nvalues > most ? sdk->stages[stage].messages[m].nvalues : most;
		}
		ok(same, drive_names[drive]);
		ok(profile_turns(drive_plain(drive), STAGE_RECORD) == profile_turns(drive, STAGE_RECORD), "... and its plain twin");
		ok(sdk_message_place(sdk, STAGE_COUNT, 0) <= MAX_SDK_MESSAGES && most <= TURN_MAX_PARAMS, "... all in their bounds");
		ok(FIRST_TURN_ID + (int) SDK_COUNT * MAX_SDK_MESSAGES <= SESSION_STATEMENTS, "... and their statements'");
	}
}

static void
test_schemas(void)
{
	char	   *text = text_with_schema("SELECT dbos.a FROM dbos.b, nodbos", "other");

	ok(strcmp(text, "SELECT other.a FROM other.b, nodbos") == 0, "a schema's name takes the place of dbos");
	free(text);
}

int
main(void)
{
	test_recorded();
	test_lengths();
	test_bytes();
	test_turns();
	test_schemas();
	return done_testing();
}
