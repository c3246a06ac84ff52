/*
 * test_stopped.c
 *	  Experiments that were stopped before they had measured all: no verdict without
 *	  figures.  And which payloads memory says to fit.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/compression.h"
#include "experiment/memory.h"
#include "experiment/storage.h"
#include "made_result.h"
#include "tap.h"
#include "util/memory.h"

static Environment environment;
static LabOptions options;
static Lab	lab = {.options = &options,.environment = &environment};

/* conclusions and caveats, one a line; malloc'd */
static char *
said(const ExperimentResult *result)
{
	char	   *text = NULL;

	text_add(&text, "\n");
	for (int i = 0; i < result->nconclusions; i++)
		text_add(&text, "%s\n", result->conclusions[i]);
	for (int i = 0; i < result->ncaveats; i++)
		text_add(&text, "%s\n", result->caveats[i]);
	return text;
}

static bool
says(const ExperimentResult *result, const char *words)
{
	char	   *text = said(result);
	bool		found = strstr(text, words) != NULL;

	free(text);
	return found;
}

/* Two payloads, of which as many are stored by everybody as that. */
static void
stop_compression(int nstored, ExperimentResult *result)
{
	static const int64_t sizes[] = {1000};
	Case		cases[2] = {{.kind = "random",.size = 1000,.cells = {0, 1, 2, 3, 4}},
	{.kind = "JSON text",.compressible = -1,.size = 1000,.cells = {5, 6, 7, 8, 9}}};
	Bytes		bytes[2 * WHO_COUNT];
	Compression c = {.sizes = sizes,.nsizes = 1,.ncases = 2,.cases = cases,.bytes = bytes,.there = {true, true, true, true, true}};
	Plan		plan = {.ncells = 2 * WHO_COUNT,.nmetrics = METRICS};

	for (int i = 0; i < 2 * WHO_COUNT; i++)
		bytes[i] = i < nstored ? (Bytes) {1000, 1000 - i, 1000, 8192, 8192} : (Bytes) {NAN, NAN, NAN, NAN, NAN};
	result_begin(result, "compression", "What?");
	compression_result(&lab, &c, &plan, result);
}

static void
test_compression(void)
{
	ExperimentResult result;

	stop_compression(7, &result);
	ok(!says(&result, "nan") && !says(&result, "fewest bytes"), "compression, stopped: who stores the fewest bytes of a text is not said before all have stored it");
	ok(!says(&result, "is shown"), "nor is anything said of times that nobody has measured");
	ok(says(&result, "\nNo time was measured: it was stopped before.\n"), "but that there are none");
	ok(result.tables[0].nrows == 1, "and what nothing is known of has no line");
	free_result(&result);
	stop_compression(2 * WHO_COUNT, &result);
	ok(says(&result, "\nJSON text of 1 kB: fewest bytes by client zstd, 99.1 % of the payload.\n"), "bytes that are known are said without times");
	free_result(&result);
}

static void
test_storage(void)
{
	static const int64_t sizes[] = {1, 1000};
	SizeBytes	volumes[2] = {{.size = 1,.steps = 10,.inserts = 3,.volume = {.total = 1000},.wal = 1200,.wal_step = 280,.wal_median = 1672,.wal_after = NAN}, {.size = 1000}};
	Storage		s = {.sizes = sizes,.nsizes = 2,.volumes = volumes,.rate = 10};
	Plan		plan = {.ncells = CELL_COUNT,.nmetrics = STORAGE_METRICS};
	ExperimentResult result;

	result_begin(&result, "storage", "What?");
	storage_result(&lab, &s, &plan, &result);
	ok(!says(&result, "no cliff"), "storage, stopped: of a cliff that was not looked for nothing is said");
	ok(says(&result, "\nNot measured, since it was stopped before: 1 of 2 sizes, replay, conflict and purge, the cliff, many steps in one call.\n"),
	   "but what was not measured");
	ok(says(&result, "\nA step of 1 B takes 100 B on disk and 280 B of WAL.\n"), "what was measured is");
	ok(says(&result, "\nOthers wrote WAL meanwhile: in the median an insert of 1 B moved its end by 1672 B, and by 280 B at least, which is what is shown.\n"),
	   "and that others wrote meanwhile");
	free_result(&result);
}

/* three approaches and what is known of each: the largest that went through, and the smallest that did not */
static void
limits_of(const int64_t limits[3][2], ExperimentResult *result)
{
	Memory		m = {.napproaches = 3,.nsizes = 1,.sizes = {1000000},.approaches = {{.name = "one"}, {.name = "two"}, {.name = "three"}}};

	for (int i = 0; i < 3; i++)
		m.limits[i] = (Limit) {.predicted = NAN,.done = limits[i][0],.ran_out = limits[i][1],.tries = 1};
	result_begin(result, "memory", "What?");
	memory_result(&lab, &m, result);
}

static void
test_memory(void)
{
	static const int64_t bounded_one[3][2] = {{15000000, 17000000}, {5000000, 0}, {25000000, 0}};
	static const int64_t one[3][2] = {{15000000, 17000000}, {0, 0}, {0, 0}};
	ExperimentResult result;

	limits_of(bounded_one, &result);
	ok(says(&result, "\nA client that may take 32 MB more fits a payload of 5 MB with two (at least: what does not fit was not found), the least, and of 25 MB with three (at least: what does not fit was not found), the most.\n"),
	   "memory: the least and the most that fit, also where what does not is not known");
	free_result(&result);
	limits_of(one, &result);
	ok(says(&result, "\nA client that may take 32 MB more fits a payload of 15 MB with one (not 17 MB); of the other approaches it is not known.\n"),
	   "one that is known is said once");
	free_result(&result);
}

int
main(void)
{
	environment.free_bytes = NAN;
	test_compression();
	test_storage();
	test_memory();
	return done_testing();
}
