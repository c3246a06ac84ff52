/*
 * trace.c
 *	  The command trace: stand between a program and its server, and say where the
 *	  time of its steps goes.
 */
#include <stdlib.h>

#include "command/options.h"
#include "page/page.h"
#include "trace/forward.h"

#define EXIT_NOT_WRITTEN 2

/* As in TraceSettings; context: the file's name. */
static bool
write_page(void *context, const TraceFigures *figures)
{
	return page_write(&(PageItem) {RESULT_TRACE, figures}, 1, context);
}

int
trace_command(const Options *options)
{
	const ForwardSettings settings = {
		.listen = options->listen,
		.session = options->sides[0],
		.time_limit_s = options->run.time_limit_s,
		.progress_s = options->progress_s,
		.json_path = options->json_path,
		.samples_path = options->samples_path,
		.also = options->html_path != NULL ? write_page : NULL,
		.context = (void *) options->html_path,
	};

	if (!check_outputs(options))
		return EXIT_FAILURE;
	switch (forward(&settings))
	{
		case FORWARD_REPORTED:
			return EXIT_SUCCESS;
		case FORWARD_NOT_WRITTEN:
			return EXIT_NOT_WRITTEN;
		case FORWARD_NOT_STARTED:
			break;
	}
	return EXIT_FAILURE;
}
