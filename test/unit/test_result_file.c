/*
 * test_result_file.c
 *	  Reading result files back: what is there arrives, and nothing in a file
 *	  (cut off, of a wrong type, hostile) does more than give a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cells.h"
#include "compare/conditions.h"
#include "compare/result_file.h"
#include "tap.h"
#include "util/memory.h"

#define TIMES(p50) "{\"n\":30,\"first\":1.5,\"min\":" p50 ",\"p50\":" p50 ",\"p90\":" p50 ",\"p95\":" p50 \
	",\"p99\":" p50 ",\"max\":" p50 ",\"mean\":" p50 ",\"stddev\":0.1,\"ci_low\":" p50 ",\"ci_high\":" p50 "}"
#define NOTHING "{\"n\":0,\"first\":null,\"min\":null,\"p50\":null,\"p90\":null,\"p95\":null,\"p99\":null," \
	"\"max\":null,\"mean\":null,\"stddev\":null,\"ci_low\":null,\"ci_high\":null}"
#define PARTS "{\"encode\":" TIMES("0.001") ",\"network\":" TIMES("0.04") ",\"parse\":" NOTHING ",\"check\":" \
	TIMES("0.006") ",\"generate\":" TIMES("0.001") ",\"store\":" TIMES("0.02") ",\"output\":" TIMES("0.003") \
	",\"commit\":" TIMES("0.1") ",\"decode\":null,\"unattributed\":" TIMES("-0.001") "}"

static const char good_file[] =
"{\"schema_version\":1,\"tool\":{\"name\":\"dbos_payload_bench\",\"version\":\"1.0\"},"
"\"started_at\":\"2026-11-25T02:46:18.250Z\",\"command\":[\"x\"],"
"\"environment\":{\"server_version_num\":150020,\"extension_version\":\"1.0\",\"libpq_version\":150020,"
"\"transport\":\"unix\",\"ssl\":false,\"rtt_ms\":0.03,\"settings\":{\"fsync\":\"on\",\"table.rows\":\"7\"},"
"\"host\":{\"cores\":\"2\",\"load\":\"0.1\"},\"warnings\":[]},"
"\"parameters\":{\"sizes\":[1,9007199254740993],\"seed\":null,\"label\":\"before\"},"
"\"workflows\":[{\"workflow\":\"size_workflow\",\"drive\":\"calls\",\"origin\":\"server\",\"iterations\":30,"
"\"failed\":0,\"partial\":false,\"total_ms\":" TIMES("0.5") ",\"steps\":["
"{\"step\":\"size_step\",\"function_id\":1,\"payload_bytes\":1,\"failed\":0,\"round_trip_ms\":" TIMES("0.17")
",\"parts_ms\":" PARTS "},"
"{\"step\":\"size_step\",\"function_id\":2,\"payload_bytes\":9007199254740993,\"failed\":0,\"round_trip_ms\":"
TIMES("0.3") ",\"parts_ms\":" PARTS "}]}],\"reference_ms\":" TIMES("0.08") "}";

static void
test_good(void)
{
	ResultFile	file;
	char	   *error;
	const FileWorkflow *workflow;

	if (!ok(result_file_parse(good_file, strlen(good_file), "good", &file, &error), "a good file is read"))
	{
		printf("# %s\n", error);
		free(error);
		return;
	}
	ok(error == NULL, "without a message");
	ok(strcmp(file.label, "before") == 0, "label");
	ok(file.started_at_us == INT64_C(1795574778250000), "start in microseconds");
	ok(file.nworkflows == 1 && file.workflows[0].nsteps == 2, "workflows and steps");
	workflow = &file.workflows[0];
	ok(workflow->kind == WORKFLOW_MULTIPLE && workflow->drive == DRIVE_CALLS && workflow->origin == ORIGIN_SERVER,
	   "names");
	ok(workflow->steps[1].payload_bytes == INT64_C(9007199254740993), "an integer does not pass through floating point");
	is_number(workflow->times[METRIC_ROUND_TRIP].p50, 0.5, "total");
	is_number(workflow->steps[0].times[METRIC_STORE].p50, 0.02, "store");
	ok(workflow->steps[0].times[METRIC_PARSE].n == 0 && isnan(workflow->steps[0].times[METRIC_PARSE].p50),
	   "a part without figures");
	ok(workflow->steps[0].times[METRIC_DECODE].n == 0, "a part that is null");
	is_number(file.reference_ms, 0.08, "reference work");
	result_file_free(&file);
}

/* files from before there was any, and of servers that have none */
static void
test_without_reference(void)
{
	static const char *const endings[] = {"}", ",\"reference_ms\":" NOTHING "}"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
	{
		const char *place = strstr(good_file, ",\"reference_ms\"");
		char	   *text = xasprintf("%.*s%s", (int) (place - good_file), good_file, endings[i]);
		ResultFile	file;
		char	   *error;
		bool		good = result_file_parse(text, strlen(text), "without", &file, &error);

		ok(good && isnan(file.reference_ms), i == 0 ? "no key for reference work" : "reference work without figures");
		if (good)
			result_file_free(&file);
		free(error);
		free(text);
	}
}

/* the good file with the first text replaced by the second is refused with a message that says so */
static void
refused(const char *from, const char *to, const char *message, const char *name)
{
	const char *place = strstr(good_file, from);
	char	   *text;
	char	   *error;
	ResultFile	file;
	bool		good;

	if (place == NULL)
	{
		ok(false, name);
		printf("# the good file has no %s\n", from);
		return;
	}
	text = xasprintf("%.*s%s%s", (int) (place - good_file), good_file, to, place + strlen(from));
	good = result_file_parse(text, strlen(text), "bad.json", &file, &error);
	if (!ok(!good && error != NULL && strstr(error, "bad.json") != NULL && strstr(error, message) != NULL, name))
		printf("# message: %s\n", error ? error : "none");
	if (good)
		result_file_free(&file);
	free(error);
	free(text);
}

static void
test_refused(void)
{
	refused("\"schema_version\":1", "\"schema_version\":2", "schema_version is 2", "another schema");
	refused("\"schema_version\":1", "\"schema_version\":\"1\"", "should be an integer", "schema as text");
	refused("\"schema_version\":1,", "", "\"schema_version\" is missing", "no schema");
	refused("2026-11-25T02:46:18.250Z", "yesterday", "started_at", "no time");
	refused("2026-11-25T02:46:18.250Z", "2026-11-25T02:46:18+02:00", "UTC", "another zone");
	refused("\"ssl\":false", "\"ssl\":0", "environment.ssl", "a boolean as number");
	refused("\"settings\":{", "\"settings\":[],\"x\":{", "environment.settings", "settings as array");
	refused("\"workflows\":[{", "\"workflows\":[7,{", "workflows[0]", "a workflow as number");
	refused("\"origin\":\"server\"", "\"origin\":\"moon\"", "\"moon\"", "an unknown origin");
	refused("\"payload_bytes\":1,", "\"payload_bytes\":1.5,", "workflows[0].steps[0].payload_bytes", "half a byte");
	refused("\"payload_bytes\":1,", "\"payload_bytes\":-1,", "less than 0", "bytes below zero");
	refused("\"payload_bytes\":1,", "\"payload_bytes\":99999999999999999999,", "not JSON", "an integer too large");
	refused("\"function_id\":2", "\"function_id\":1", "twice", "a step twice");
	refused("\"p50\":0.17", "\"p50\":1e300", "round_trip_ms.p50", "a time beyond reason");
	refused("\"p50\":0.17", "\"p50\":1e999", "not JSON", "a number beyond doubles");
	refused("\"p50\":0.17", "\"p50\":null", "null although n is 30", "no median although there are samples");
	refused("\"p50\":0.17", "\"p50\":NaN", "not JSON", "NaN");
	refused("\"p50\":0.17", "\"p50\":0.99", "not in order", "a median above the maximum");
	refused("\"p50\":0.17", "\"p50\":0.17,\"p50\":0.17", "duplicate", "a key twice");
	refused("\"store\":", "\"stores\":", "parts_ms.store", "a part missing");
	refused("\"reference_ms\":{", "\"reference_ms\":[],\"x\":{", "reference_ms", "reference work as array");
	refused("\"label\":\"before\"", "\"label\":\"a\\u001b[2J\"", "control character", "a label with escape codes");
	refused("{\"schema_version\"", "[{\"schema_version\"", "not JSON", "an unbalanced file");
}

/* every beginning of the file, and many files with bytes changed */
static void
test_hostile(void)
{
	size_t		length = strlen(good_file);
	char	   *text = xstrdup(good_file);
	uint64_t	state = 4;
	bool		all_refused = true;
	bool		all_told = true;
	int			read = 0;
	ResultFile	file;
	char	   *error;

	for (size_t cut = 0; cut < length; cut++)
	{
		if (result_file_parse(good_file, cut, "cut", &file, &error))
		{
			all_refused = false;
			result_file_free(&file);
		}
		all_told = all_told && error != NULL;
		free(error);
	}
	ok(all_refused, "no beginning of a file is a file");
	ok(all_told, "each is refused with a message");

	all_told = true;
	for (int i = 0; i < 20000; i++)
	{
		memcpy(text, good_file, length);
		for (int change = 0; change <= i % 4; change++)
		{
			static const char bytes[] = "0123456789-+.eE\"{}[],:nulltruefalse \\\0\xff\x80";

			state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			text[(state >> 33) % length] = bytes[(state >> 20) % (sizeof(bytes) - 1)];
		}
		if (result_file_parse(text, length, "changed", &file, &error))
		{
			read++;
			result_file_free(&file);
		}
		else
			all_told = all_told && error != NULL;
		free(error);
	}
	ok(all_told, "20,000 changed files: each is read or refused with a message");
	printf("# %d of them can be read\n", read);
	free(text);

	text = xcalloc(100001, 1);
	memset(text, '[', 100000);
	ok(!result_file_parse(text, 100000, "deep", &file, &error), "100,000 brackets deep");
	free(error);
	free(text);
	ok(!result_file_read("/", &file, &error) && error != NULL, "a folder");
	free(error);
	ok(!result_file_read("/nonexistent/file", &file, &error) && strstr(error, "/nonexistent/file") != NULL,
	   "a file that is not there");
	free(error);
	ok(!result_file_read("/dev/zero", &file, &error) && error != NULL, "a file without end");
	free(error);
}

static const Cell *
find_cell(const Cells *cells, int64_t function_id, Metric metric)
{
	for (int i = 0; i < cells->n; i++)
	{
		if (cells->cells[i].function_id == function_id && cells->cells[i].metric == metric)
			return &cells->cells[i];
	}
	return NULL;
}

static void
test_cells(void)
{
	ResultFile	files[4];
	char	   *error;
	Cells		cells;
	const Cell *cell;

	for (int i = 0; i < 4; i++)
	{
		if (!result_file_parse(good_file, strlen(good_file), "file", &files[i], &error))
			free(error);
		files[i].started_at_us += INT64_C(1000000) * i;
	}
	ok(conditions_report(files, 4) == 0, "the same conditions");

	/* left 0 and 3, right 1 and 2: ABBA */
	{
		ResultFile	swapped = files[1];

		files[1] = files[3];
		files[3] = swapped;
	}
	ok(runs_alternate(files, 2, files + 2, 2), "ABBA alternates");
	ok(files[2].started_at_us < files[3].started_at_us, "and is sorted by time");
	files[2].started_at_us = files[1].started_at_us + 1;
	files[3].started_at_us = files[1].started_at_us + 2;
	ok(!runs_alternate(files, 2, files + 2, 2), "AABB does not alternate");
	ok(!runs_alternate(files, 2, files + 2, 1), "ABA does not alternate");

	files[2].workflows[0].steps[1].times[METRIC_STORE].n = 0;
	cells_collect(files, 2, files + 2, 2, &cells);
	cell = find_cell(&cells, 1, METRIC_STORE);
	ok(cell != NULL && cell->state == CELL_LOOKED_AT, "a store is looked at");
	cell = find_cell(&cells, 1, METRIC_ENCODE);
	ok(cell != NULL && cell->state == CELL_TOO_SMALL, "1 us of encoding is too small");
	cell = find_cell(&cells, 2, METRIC_STORE);
	ok(cell != NULL && cell->state == CELL_MISSING && cell->nmissing == 1, "a cell missing in one file");
	ok(find_cell(&cells, 1, METRIC_UNATTRIBUTED) == NULL, "what nobody claims is not compared");
	cell = find_cell(&cells, NO_STEP, METRIC_ROUND_TRIP);
	ok(cell != NULL && cell->state == CELL_LOOKED_AT, "the workflow's total is looked at");
	cells_free(&cells);

	free(files[3].conditions[4].value);
	files[3].conditions[4].value = xstrdup("true");
	ok(conditions_report(files, 4) == 1, "TLS on one side is another condition");
	for (int i = 0; i < 4; i++)
		result_file_free(&files[i]);
}

int
main(void)
{
	test_good();
	test_without_reference();
	test_refused();
	test_hostile();
	test_cells();
	return done_testing();
}
