/*
 * report.c
 *	  The command report: print from result files what their runs printed, and
 *	  write what they could have written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "figures/result_file.h"
#include "report/experiment.h"
#include "report/report.h"
#include "util/message.h"
#include "util/output.h"

#define EXIT_NOT_WRITTEN 2

bool
check_outputs(const Options *options)
{
	return (options->json_path == NULL || output_path_check(options->json_path)) &&
		(options->csv_path == NULL || output_path_check(options->csv_path)) &&
		(options->prometheus_path == NULL || output_path_check(options->prometheus_path)) &&
		(options->samples_path == NULL || output_path_check(options->samples_path)) &&
		(options->plot_dir == NULL || plots_check_dir(options->plot_dir));
}

bool
write_figures(const Figures *figures, const Options *options)
{
	bool		written = options->json_path == NULL || figures_write(figures, options->json_path);

	if (options->csv_path != NULL)
		written = csv_write(figures, options->csv_path) && written;
	if (options->prometheus_path != NULL)
		written = prometheus_write(figures, options->prometheus_path) && written;
	if (options->plot_dir != NULL && figures->niterations > 0)
		written = plots_write(figures, options->plot_dir) && written;
	return written;
}

/* What a run printed; false where the file is none. */
static bool
show_run(const char *text, size_t length, const char *path, const Options *options, bool *written)
{
	Figures		figures;

	if (!figures_parse(text, length, path, &figures))
		return false;
	*written = write_figures(&figures, options) && *written;
	report_show(&figures, options->full);
	figures_free(&figures);
	return true;
}

/* What experiments printed; likewise. */
static bool
show_experiments(const char *text, size_t length, const char *path, const Options *options, bool *written)
{
	Experiments experiments;

	if (options->csv_path != NULL || options->prometheus_path != NULL)
	{
		print_error("\"%s\" is of an experiment: --%s is of runs alone", path,
					options->csv_path != NULL ? "csv" : "prometheus");
		return false;
	}
	if (!experiments_parse(text, length, path, &experiments))
		return false;
	*written = write_experiments(&experiments, options) && *written;
	report_experiments(&experiments, options->full, stdout);
	experiments_free(&experiments);
	return true;
}

/* One file, as its command printed it; false where it is none that is shown here. */
static bool
show_file(const char *text, size_t length, const char *path, const Options *options, bool *written)
{
	ResultKind	kind = result_file_kind(text, length);

	if (kind == RESULT_EXPERIMENT)
		return show_experiments(text, length, path, options, written);
	if (kind == RESULT_RUN || kind == RESULT_UNKNOWN)
		return show_run(text, length, path, options, written);
	print_error("\"%s\" is the file of %s: report prints those of runs and of experiments", path, result_kind_words[kind]);
	return false;
}

int
report_command(const Options *options)
{
	bool		written = true;

	if (!check_outputs(options))
		return EXIT_FAILURE;
	for (int i = 0; i < options->nleft; i++)
	{
		size_t		length;
		char	   *text = result_file_text(options->left[i], &length);
		bool		good;

		if (text == NULL)
			return EXIT_FAILURE;
		if (options->nleft > 1)
			printf("%s==> %s <==\n\n", i > 0 ? "\n" : "", options->left[i]);
		good = show_file(text, length, options->left[i], options, &written);
		free(text);
		if (!good)
			return EXIT_FAILURE;
	}
	return written ? EXIT_SUCCESS : EXIT_NOT_WRITTEN;
}
