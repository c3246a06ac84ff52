/*
 * report.c
 *	  The command report: print from result files what their commands printed, and
 *	  write what they could have written; or put all of them on one page.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "figures/peers.h"
#include "figures/result_file.h"
#include "inspect/inspect.h"
#include "page/page.h"
#include "report/experiment.h"
#include "report/report.h"
#include "trace/trace_figures.h"
#include "util/memory.h"
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
		(options->html_path == NULL || output_path_check(options->html_path)) &&
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
	if (options->html_path != NULL && options->command == COMMAND_RUN)
		written = page_write(&(PageItem) {RESULT_RUN, figures}, 1, options->html_path) && written;
	return written;
}

/* a result file, read; which of them it is says the kind */
typedef struct Result
{
	ResultKind	kind;
	union
	{
		Figures		run;
		Experiments experiments;
		TraceFigures trace;
		Inspection	inspection;
		Peers		peers;
	};
} Result;

/* False, with a message, where it is none that can be read. */
static bool
read_result(const char *path, Result *result)
{
	size_t		length;
	char	   *text = result_file_text(path, &length);
	bool		good = false;

	if (text == NULL)
		return false;
	result->kind = result_file_kind(text, length);
	switch (result->kind)
	{
		case RESULT_EXPERIMENT:
			good = experiments_parse(text, length, path, &result->experiments);
			break;
		case RESULT_TRACE:
			good = trace_parse(text, length, path, &result->trace);
			break;
		case RESULT_INSPECTION:
			good = inspection_parse(text, length, path, &result->inspection);
			break;
		case RESULT_PEERS:
			good = peers_parse(text, length, path, &result->peers);
			break;
		case RESULT_PEER:
			print_error("\"%s\" is the file of %s, which report does not print", path, result_kind_words[result->kind]);
			break;
		default:
			result->kind = RESULT_RUN;
			good = figures_parse(text, length, path, &result->run);
	}
	free(text);
	return good;
}

static void
result_free(Result *result)
{
	switch (result->kind)
	{
		case RESULT_EXPERIMENT:
			experiments_free(&result->experiments);
			break;
		case RESULT_TRACE:
			trace_figures_free(&result->trace);
			break;
		case RESULT_INSPECTION:
			inspection_free(&result->inspection);
			break;
		case RESULT_PEERS:
			peers_free(&result->peers);
			break;
		default:
			figures_free(&result->run);
	}
}

/* May these files be written of it? False, with a message, where not. */
static bool
has_files(const Result *result, const char *path, const Options *options)
{
	if ((options->csv_path != NULL || options->prometheus_path != NULL) && result->kind != RESULT_RUN)
		print_error("\"%s\" is the file of %s: --%s is of runs alone", path, result_kind_words[result->kind],
					options->csv_path != NULL ? "csv" : "prometheus");
	else if (options->plot_dir != NULL && result->kind != RESULT_RUN && result->kind != RESULT_EXPERIMENT)
		print_error("\"%s\" is the file of %s: --plot is of runs and experiments alone", path, result_kind_words[result->kind]);
	else
		return true;
	return false;
}

/* As its command printed it; false where it is not printed. */
static bool
print_result(const Result *result, const char *path, const Options *options, bool *written)
{
	switch (result->kind)
	{
		case RESULT_EXPERIMENT:
			*written = write_experiments(&result->experiments, options) && *written;
			report_experiments(&result->experiments, options->full, stdout);
			return true;
		case RESULT_TRACE:
			trace_report(&result->trace, stdout);
			return true;
		case RESULT_INSPECTION:
			inspection_report(&result->inspection, options->full, stdout);
			return true;
		case RESULT_PEERS:
			print_error("\"%s\" is the file of %s, which stands on a page alone", path, result_kind_words[result->kind]);
			print_hint("report --html FILE writes one; client/peers/table.pl prints the tables");
			return false;
		default:
			*written = write_figures(&result->run, options) && *written;
			report_show(&result->run, options->full);
			return true;
	}
}

/* All of the files on one page. */
static int
report_page(const Options *options)
{
	Result	   *results = xcalloc((size_t) options->nleft, sizeof(Result));
	PageItem   *items = xcalloc((size_t) options->nleft, sizeof(PageItem));
	int			n = 0;
	int			status = EXIT_FAILURE;

	while (n < options->nleft && read_result(options->left[n], &results[n]))
	{
		items[n] = (PageItem) {results[n].kind, &results[n].run};
		n++;
	}
	if (n == options->nleft)
		status = page_write(items, n, options->html_path) ? EXIT_SUCCESS : EXIT_NOT_WRITTEN;
	while (n > 0)
		result_free(&results[--n]);
	free(results);
	free(items);
	return status;
}

int
report_command(const Options *options)
{
	bool		written = true;

	if (!check_outputs(options))
		return EXIT_FAILURE;
	if (options->html_path != NULL)
		return report_page(options);
	for (int i = 0; i < options->nleft; i++)
	{
		const char *path = options->left[i];
		Result		result;
		bool		good;

		if (!read_result(path, &result))
			return EXIT_FAILURE;
		if (options->nleft > 1)
			printf("%s==> %s <==\n\n", i > 0 ? "\n" : "", path);
		good = has_files(&result, path, options) && print_result(&result, path, options, &written);
		result_free(&result);
		if (!good)
			return EXIT_FAILURE;
	}
	return written ? EXIT_SUCCESS : EXIT_NOT_WRITTEN;
}
