/*
 * inspect.c
 *	  The command inspect: read a DBOS database that is already there, show what
 *	  it holds, and say what could be done about it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "inspect/inspect.h"
#include "inspect/model.h"
#include "page/page.h"
#include "report/report.h"
#include "util/message.h"

#define EXIT_NOT_WRITTEN 2

/* The run whose figures say what a step costs; false with a message. */
static bool
read_model(const char *path, Figures *run)
{
	Model		model;

	if (!figures_read(path, run))
		return false;
	if (model_make(run, 0, &model))
		return true;
	print_error("result file \"%s\": it has no two sizes by --drive calls, and so says nothing of a step's cost by size", path);
	print_hint("the sizes and drives that run has by default will do: dbos_payload_bench run --origin client --json FILE");
	figures_free(run);
	return false;
}

/* Everything but the connection; the exit status. */
static int
inspect(Session *session, const Options *options, const Figures *run)
{
	InspectSettings settings = {
		.schema = options->schema,
		.exact = options->exact,
		.timeout_s = options->sides[0].timeout_s,
	};
	Inspection	inspection;
	int			status = EXIT_FAILURE;

	if (inspection_read(session, &settings, &inspection))
	{
		inspection_advise(&inspection, run);
		inspection_tidy(&inspection);
		status = options->json_path == NULL || inspection_write(&inspection, options->json_path) ?
			EXIT_SUCCESS : EXIT_NOT_WRITTEN;
		if (options->html_path != NULL && !page_write(&(PageItem) {RESULT_INSPECTION, &inspection}, 1, options->html_path))
			status = EXIT_NOT_WRITTEN;
		inspection_report(&inspection, options->full, stdout);
	}
	inspection_free(&inspection);
	return status;
}

int
inspect_command(const Options *options)
{
	Session		session;
	Figures		run;
	bool		has_run = options->model_path != NULL;
	int			status = EXIT_FAILURE;

	if (!check_outputs(options) || (has_run && !read_model(options->model_path, &run)))
		return EXIT_FAILURE;
	if (session_open(&session, &options->sides[0]))
		status = inspect(&session, options, has_run ? &run : NULL);
	else
		print_connection_error(session.error);
	session_close(&session);
	if (has_run)
		figures_free(&run);
	return status;
}
