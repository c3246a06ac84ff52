/*
 * experiment.c
 *	  The command experiment: make one, or all; save, print.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command/options.h"
#include "experiment/experiment.h"
#include "page/page.h"
#include "pg/notices.h"
#include "report/experiment.h"
#include "report/report.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/output.h"

#define EXIT_FAILED 2

bool
write_experiments(const Experiments *experiments, const Options *options)
{
	bool		written = options->json_path == NULL || experiments_write(experiments, options->json_path);

	if (options->plot_dir != NULL)
		written = experiment_plots_write(experiments, options->plot_dir) && written;
	return written;
}

/* All experiments together leave a page, by a name of its own where none is given; malloc'd, NULL: none. */
static char *
page_path(const Options *options, bool all)
{
	time_t		now = time(NULL);
	struct tm	parts;
	char		stamp[sizeof("2026-01-31T23-59-59")];

	if (options->html_path != NULL)
		return xstrdup(options->html_path);
	if (!all)
		return NULL;
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H-%M-%S", localtime_r(&now, &parts));
	return xasprintf("dbos_payload-experiments-%s.html", stamp);
}

static bool
write_page(const Experiments *experiments, const char *path)
{
	return path == NULL || page_write(&(PageItem) {RESULT_EXPERIMENT, experiments}, 1, path);
}

int
experiment_command(const Options *options)
{
	LabOptions	lab = {
		.settings = &options->sides[0],
		.run = &options->run,
		.sizes_given = options->sizes_given,
		.drives_given = options->drives_given,
		.origins_given = options->origins_given,
		.allow_unsafe = options->allow_unsafe,
		.quick = options->quick,
		.progress_s = options->progress_s,
		.payload_path = options->payload_path,
		.rate = options->rate,
		.clients = options->clients,
		.budget_ns = options->budget_ns,
		.to = options->to,
		.argc = options->argc,
		.argv = options->argv,
	};
	const Experiment *one = experiment_by_name(options->experiment);
	Experiments experiments = {0};
	char	   *path = page_path(options, one == NULL);
	LabOutcome	outcome;
	bool		written = true;
	int			n = 0;

	if (!check_outputs(options) || (path != NULL && !output_path_check(path)))
	{
		free(path);
		return EXIT_FAILURE;
	}
	while (one == NULL && experiment_list[n] != NULL)
		n++;
	outcome = experiments_run(one != NULL ? &one : experiment_list, one != NULL ? 1 : n, &lab, &experiments);
	if (outcome != LAB_NOT_BEGUN)
	{
		/* what is on disk survives a closed terminal */
		written = write_experiments(&experiments, options);
		report_experiments(&experiments, options->full, stdout);
		written = write_page(&experiments, path) && written;
		notices_show_counts();
	}
	experiments_free(&experiments);
	if (outcome == LAB_INTERRUPTED)
		print_warning("interrupted: the figures are of what was measured until then");
	if (outcome != LAB_NOT_BEGUN && written && path != NULL && strcmp(path, OUTPUT_STDOUT) != 0)
		print_hint("all of it on one page, for a browser: %s", path);
	free(path);
	if (outcome == LAB_NOT_BEGUN)
		return EXIT_FAILURE;
	if (outcome == LAB_FAILED || !written)
		return EXIT_FAILED;
	return outcome == LAB_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_SUCCESS;
}
