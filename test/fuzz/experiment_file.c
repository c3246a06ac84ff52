/*
 * experiment_file.c
 *	  Fuzzes the reading of experiments' result files, and what prints them.
 *
 * Beyond not crashing: what was read is printed, its plots have their series, and it is
 * written and read again as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figures/experiment.h"
#include "figures/result_file.h"
#include "fuzz.h"
#include "report/experiment.h"

static void
check_plots(const ExperimentResult *result)
{
	for (int p = 0; p < result->nplots; p++)
	{
		PlotSeries	series;

		for (int i = 0; i < 3 && plot_series_at(result, &result->plots[p], i, &series); i++)
		{
			must(series.x >= 0 && series.x < series.table->ncolumns && series.y < series.table->ncolumns);
			for (int r = 0; r < series.table->nrows && r < 100; r++)
				series_has_row(&series, r);
		}
	}
}

/* What is written is what was read. */
static void
check_inverse(const Experiments *experiments)
{
	static char path[64];
	Experiments again;
	char	   *text;
	char	   *second;
	size_t		length;

	snprintf(path, sizeof(path), "/tmp/experiment_file.%ld", (long) getpid());
	must(experiments_write(experiments, path));
	text = result_file_text(path, &length);
	must(text != NULL && result_file_kind(text, length) == RESULT_EXPERIMENT && experiments_parse(text, length, "again", &again));
	must(experiments_write(&again, path));
	second = result_file_text(path, &length);
	must(second != NULL && memcmp(text, second, length) == 0);
	free(text);
	free(second);
	experiments_free(&again);
	unlink(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	Experiments experiments;

	/* without the zero that a string would end in */
	char	   *text = malloc(size > 0 ? size : 1);
	bool		good;

	if (nowhere == NULL)
		nowhere = fopen("/dev/null", "w");
	must(text != NULL && nowhere != NULL);
	if (size > 0)
		memcpy(text, data, size);
	result_file_kind(text, size);
	good = experiments_parse(text, size, "fuzzed", &experiments);
	free(text);					/* nothing of it may be needed any more */
	if (good)
	{
		report_experiments(&experiments, true, nowhere);
		report_experiments(&experiments, false, nowhere);
		for (int i = 0; i < experiments.nresults; i++)
			check_plots(&experiments.results[i]);
		check_inverse(&experiments);
	}
	experiments_free(&experiments);
	return 0;
}
