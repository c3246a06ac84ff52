/*
 * report.c
 *	  The command report: print from result files what their runs printed, and
 *	  write what they could have written.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "figures/figures.h"
#include "report/report.h"
#include "util/message.h"
#include "util/output.h"

#define EXIT_NOT_WRITTEN 2

/* What the options ask for of one result file; false, with messages, where something was not written. */
static bool
report_file(const Figures *figures, const Options *options)
{
	bool		written = true;

	if (options->csv_path != NULL)
		written = csv_write(figures, options->csv_path) && written;
	if (options->plot_dir != NULL && figures->niterations > 0)
		written = plots_write(figures, options->plot_dir) && written;
	if (figures->niterations == 0)
		print_warning("nothing was measured");
	else if (options->full)
		report_full(figures, stdout);
	else
		report_answer(figures, stdout);
	return written;
}

int
report_command(const Options *options)
{
	bool		written = true;

	/* a second file would write over the first one's */
	if (options->nleft > 1 && (options->csv_path != NULL || options->plot_dir != NULL))
	{
		print_error("--csv and --plot take one result file at a time; %d are given", options->nleft);
		return EXIT_FAILURE;
	}
	if ((options->csv_path != NULL && !output_path_check(options->csv_path)) ||
		(options->plot_dir != NULL && !plots_check_dir(options->plot_dir)))
		return EXIT_FAILURE;
	for (int i = 0; i < options->nleft; i++)
	{
		Figures		figures;

		if (!figures_read(options->left[i], &figures))
			return EXIT_FAILURE;
		if (options->nleft > 1)
			printf("%s==> %s <==\n\n", i > 0 ? "\n" : "", options->left[i]);
		written = report_file(&figures, options) && written;
		figures_free(&figures);
	}
	return written ? EXIT_SUCCESS : EXIT_NOT_WRITTEN;
}
