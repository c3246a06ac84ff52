/*
 * test_result_file.c
 *	  Result files: what is written is what is read, and what is wrong is said.
 */
#include <unistd.h>

#include <jansson.h>

#include "figures/fields.h"
#include "made_samples.h"
#include "tap.h"

static char folder[] = "/tmp/dbos_payload.unit.XXXXXX";

static char *
slurp(const char *path)
{
	FILE	   *file = fopen(path, "rb");
	char	   *text = xcalloc(1, 4 << 20);
	size_t		length = file != NULL ? fread(text, 1, (4 << 20) - 1, file) : 0;

	if (file != NULL)
		fclose(file);
	text[length] = '\0';
	return text;
}

/* figures with something of everything in them */
static void
make(Made *made, Figures *figures)
{
	Environment *environment;

	made_init(made, 2);
	measured_add_baseline(&made->measured, 0, BASELINE_SEND, 1000);
	made->parameters.labels[0] = "line\nbreak, \"quotes\", \xc3\xa9, tab\t";
	made->parameters.has_seed = true;
	made->parameters.seed = INT64_MIN;
	made->parameters.think_ns = 1234567;
	made->parameters.workflow_id = "id";
	environment = &made->environments[1];
	environment->transport = "unix";
	environment->nwarnings = 1;
	environment->warnings = xcalloc(1, sizeof(Warning));
	environment->warnings[0] = (Warning) {xstrdup("busy"), xstrdup("busy\n\thost"), true, false};
	made_setting(&environment->settings, &environment->nsettings, "null", NULL);
	made_setting(&environment->settings, &environment->nsettings, "no utf-8", "a\xff\xc3");
	for (int b = 0; b < 7; b++)
	{
		measured_begin_block(&made->measured);
		made->measured.blocks[b].backend[0] = (BackendUse) {3.0, 1.0, 0.7, 5, 2};
		for (int i = 0; i < 3; i++)
		{
			measured_begin_iteration(&made->measured);
			for (int series = 0; series < 4; series++)
			{
				const double ms[MADE_SIZES] = {0.123456789 + b / 7.0 + i / 3.0, 1.0 / 3.0 + b, 3e3 + b + series};

				made_row(made, series, ms);
			}
			made_sample(baseline_sample(&made->measured, &made->measured.baselines[0]), 0.3, 0.1);
		}
	}
	for (int series = 0; series < 4; series++)
	{
		CpuSample  *row = series_add_cpu(&made->measured.series[series]);

		row[0] = (CpuSample) {SAMPLE_MEASURED, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, {0, 1, UNKNOWN, 1, 1}};
	}
	made->measured.tcp_rtt_ms[0] = 0.1 + 0.2;
	made->measured.tcp_retransmits[0] = 3;
	made->measured.every = 4;
	made->context.assume_rtt_ms = 2.0;
	figures_make(&made->measured, &made->context, figures);
}

/* The figures as a text, by which two can be compared. */
static char *
text_of(const Figures *figures)
{
	json_t	   *json = fields_write(&figures_fields, figures);
	char	   *text = json_dumps(json, JSON_REAL_PRECISION(17));

	json_decref(json);
	return text;
}

static void
test_inverse(void)
{
	char	   *path = xasprintf("%s/a.json", folder);
	char	   *again = xasprintf("%s/b.json", folder);
	Made		made;
	Figures		figures;
	Figures		read;
	char	   *before;
	char	   *after;
	char	   *first;
	char	   *second;

	make(&made, &figures);
	ok(figures_write(&figures, path), "written");
	ok(figures_read(path, &read), "read");
	ok(figures_write(&read, again), "written again");
	before = text_of(&figures);
	after = text_of(&read);
	first = slurp(path);
	second = slurp(again);
	ok(strcmp(before, after) == 0, "every figure is the same, to the last bit");
	ok(strlen(first) > 10000 && strcmp(first, second) == 0, "and so are the files");
	ok(strcmp(read.parameters.labels[0], made.parameters.labels[0]) == 0 && read.parameters.labels[1] == NULL &&
	   read.parameters.seed == INT64_MIN && read.parameters.think_ns == 1234567 && read.parameters.nsides == 2,
	   "parameters");
	ok(strcmp(read.sides[1].environment.transport, "unix") == 0 && read.sides[1].environment.nwarnings == 1 &&
	   strcmp(read.sides[1].environment.warnings[0].text, "busy\n\thost") == 0 &&
	   read.sides[1].environment.settings[3].value == NULL, "environments");
	ok(strcmp(read.sides[1].environment.settings[4].value, "a??") == 0, "what is no UTF-8 is marked");
	ok(read.sides[1].tcp_retransmits == UNKNOWN && isnan(read.sides[1].tcp_rtt_ms), "what is not known");
	ok(read.sides[0].tcp_rtt_ms == 0.3, "figures have 12 digits");
	ok(read.ndifferences == figures.ndifferences && read.ndifferences > 5, "differences");
	ok(strstr(first, "secret") == NULL, "no password");
	ok(strstr(first, "NaN") == NULL && strstr(first, "-9223372036854775808\n") == NULL, "unknown is null");
	free(before);
	free(after);
	free(first);
	free(second);
	figures_free(&figures);
	figures_free(&read);
	made_free(&made);
	unlink(path);
	unlink(again);
	free(path);
	free(again);
}

/* What figures_parse says on standard error about a text; "" where it is content. */
static char *
complaint(const char *text)
{
	char	   *path = xasprintf("%s/stderr", folder);
	Figures		figures;
	char	   *said;
	int			saved = dup(STDERR_FILENO);
	bool		good;

	fflush(stderr);
	if (freopen(path, "w", stderr) == NULL)
		abort();
	good = figures_parse(text, strlen(text), "x.json", &figures);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	said = slurp(path);
	if (good)
		figures_free(&figures);
	if (good != (*said == '\0'))
		printf("# returned %d and said \"%s\"\n", good, said);
	unlink(path);
	free(path);
	return said;
}

static void
refused(const char *text, const char *why)
{
	char	   *said = complaint(text);

	if (!ok(strstr(said, why) != NULL && strstr(said, "x.json") != NULL, why))
		printf("# said: %s\n", said);
	free(said);
}

/* The file with one piece of its text replaced. */
static void
changed(const char *text, const char *old, const char *new, const char *why)
{
	const char *at = strstr(text, old);
	char	   *other;

	if (at == NULL)
	{
		ok(false, old);
		return;
	}
	other = xasprintf("%.*s%s%s", (int) (at - text), text, new, at + strlen(old));
	refused(other, why);
	free(other);
}

static void
test_wrong_files(void)
{
	char	   *path = xasprintf("%s/a.json", folder);
	Made		made;
	Figures		figures;
	char	   *text;
	char	   *said;
	json_t	   *root;

	refused("", "not JSON, or not all of it");
	refused("{\"a\": 1", "not JSON, or not all of it");
	refused("[1]", "outermost value is no object");
	refused("{}", "no whole number \"schema_version\"");
	refused("{\"schema_version\": 2}", "schema_version is 2, this program reads 1");
	refused("{\"schema_version\": 1}", "key \"tool_version\" is missing");
	refused("{\"schema_version\": 1, \"schema_version\": 1}", "duplicate");

	make(&made, &figures);
	figures_write(&figures, path);
	text = slurp(path);
	unlink(path);
	said = complaint(text);
	ok(*said == '\0', "the file itself is accepted");
	free(said);
	changed(text, "\"drive\": \"calls\"", "\"drive\": \"walks\"",
			"key \"workflows[0].drive\" is \"walks\", which is not known here");
	changed(text, "\"drive\": \"calls\"", "\"drive\": 7", "key \"workflows[0].drive\" should be a text and is a number");
	changed(text, "\"function_id\": 1,", "\"function_id\": 2,", "holds function_id 2 twice");
	changed(text, "\"function_id\": 1,", "\"function_id\": -1,", "key \"workflows[0].steps[0].function_id\" is -1, not from 0");
	changed(text, "\"function_id\": 1,", "\"function_id\": 1.5,", "should be a whole number and is not");
	changed(text, "\"function_id\": 1,", "\"function_id\": 3000000000,", "is 3000000000, not from 0 to 2147483647");
	changed(text, "\"function_id\": 1,", "", "key \"workflows[0].steps[0].function_id\" is missing");
	changed(text, "\"round_trip\": {", "\"round_trip\": 3, \"more\": {",
			"key \"workflows[0].steps[0].times_ms.round_trip\" should be an object or null and is a number");
	changed(text, "\"min\": 0.1", "\"min\": 99.1", "are not in order");
	changed(text, "\"side\": 1", "\"side\": 2", "\"workflows[2].side\" is 2, there are 2");
	changed(text, "\"side\": 1", "\"side\": 0", "\"workflows[2]\" is the same side, workflow, drive and origin as one before it");
	changed(text, "\"transport\": \"loopback\"", "\"transport\": \"pigeon\"",
			"key \"sides[0].environment.transport\" is \"pigeon\"");
	changed(text, "\"sizes\": [", "\"sizes\": 1, \"other\": [", "key \"parameters.sizes\" should be a list and is a number");
	changed(text, "\"stopped_by\": \"blocks\"", "\"stopped_by\": null", "key \"stopped_by\" should be a text and is null");

	changed(text, "\"started_at\": \"2026-11-25T12", "\"started_at\": \"2026-11-25 12", "is no time in the form");

	root = json_loads(text, 0, NULL);
	json_array_clear(json_object_get(root, "sides"));
	free(text);
	text = json_dumps(root, 0);
	refused(text, "key \"sides\" has 0 elements, too few");
	json_array_append_new(json_object_get(root, "sides"), json_null());
	free(text);
	text = json_dumps(root, 0);
	refused(text, "key \"sides[0]\" should be an object and is null");
	json_decref(root);
	free(text);
	figures_free(&figures);
	made_free(&made);
	free(path);
}

static void
test_no_file(void)
{
	Figures		figures;

	ok(!figures_read("/nonexistent/file", &figures), "a file that is not there");
	ok(!figures_read("/", &figures), "a folder");
	figures_free(&figures);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_inverse();
	test_wrong_files();
	test_no_file();
	rmdir(folder);
	return done_testing();
}
