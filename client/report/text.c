/*
 * text.c
 *	  Words and layout that the reports share.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/message.h"

void
text_add(char **text, const char *format,...)
{
	size_t		used = *text ? strlen(*text) : 0;
	va_list		args;
	va_list		again;
	int			length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	*text = xrealloc(*text, used + (size_t) length + 1);
	vsnprintf(*text + used, (size_t) length + 1, format, again);
	va_end(again);
	va_end(args);
}

char *
text_interval(const Estimate *estimate, int decimals)
{
	if (!isfinite(estimate->low) || !isfinite(estimate->high))
		return xstrdup("");
	return xasprintf(" (%.*f .. %.*f)", decimals, estimate->low, decimals, estimate->high);
}

char *
text_ms(const Estimate *estimate)
{
	char	   *interval = text_interval(estimate, 3);
	char	   *text = isfinite(estimate->value) ?
		xasprintf("%.3f ms%s", estimate->value, interval) : xstrdup("n/a");

	free(interval);
	return text;
}

char *
text_way(Drive drive, Origin origin)
{
	return xasprintf("drive %s, origin %s", drive_names[drive], origin_names[origin]);
}

bool
has_network(const Environment *environment)
{
	return !environment_server_is_here(environment);
}

const char *
part_words(Metric metric, const Environment *environment)
{
	static const char *const words[METRIC_COUNT] = {
		[METRIC_ENCODE] = "encoding",
		[METRIC_NETWORK] = "network",
		[METRIC_ARRIVAL] = "arrival of the payload",
		[METRIC_PARSE] = "parsing and planning",
		[METRIC_CHECK] = "checking",
		[METRIC_GENERATE] = "making the payload",
		[METRIC_STORE] = "storing",
		[METRIC_OUTPUT] = "output",
		[METRIC_COMMIT] = "commit",
		[METRIC_DECODE] = "decoding",
		[METRIC_UNATTRIBUTED] = "claimed by no part",
	};

	if (metric == METRIC_NETWORK && !has_network(environment))
		return "transport and wake-ups";
	return words[metric];
}

const char *
setting_or_na(const Environment *environment, const char *name)
{
	const char *value = environment_setting(environment, name);

	return value ? value : "n/a";
}

void
print_item(FILE *out, const char *mark, const char *text)
{
	int			column = (int) strlen(mark);

	fputs(mark, out);
	print_wrapped_at(out, REPORT_WIDTH, column, column, text);
}

void
print_heading(FILE *out, const char *format,...)
{
	va_list		args;
	int			length;

	fputc('\n', out);
	va_start(args, format);
	length = vfprintf(out, format, args);
	va_end(args);
	fputc('\n', out);
	while (length-- > 0)
		fputc('=', out);
	fputc('\n', out);
}

void
finish_table(Table *table, FILE *out)
{
	table_print(table, out);
	table_free(table);
}

void
print_in_pages(FILE *out, MakeTable make, const void *context, int n)
{
	for (int first = 0; first < n;)
	{
		int			fitting = n - first;
		Table	   *table = make(context, first, fitting);

		while (fitting > 1 && table_width(table) > REPORT_WIDTH)
		{
			table_free(table);
			table = make(context, first, --fitting);
		}
		if (first > 0)
			fputc('\n', out);
		finish_table(table, out);
		first += fitting;
	}
}

bool
pair_at(const Figures *figures, int i, Pair *pair)
{
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *multiple = &figures->workflows[w];

		if (multiple->kind != WORKFLOW_MULTIPLE || multiple->nsteps == 0 || i-- > 0)
			continue;
		memset(pair, 0, sizeof(*pair));
		pair->figures = figures;
		pair->side = &figures->sides[multiple->side];
		pair->multiple = multiple;
		pair->batched = figures_workflow(figures, multiple->side, WORKFLOW_BATCHED,
										 multiple->drive, multiple->origin);
		for (int a = 0; a < figures->napproaches; a++)
		{
			const Approaches *here = &figures->approaches[a];

			if (here->side == multiple->side && here->drive == multiple->drive &&
				here->origin == multiple->origin)
				pair->approaches = here;
		}
		for (int m = 0; m < figures->nmodels; m++)
		{
			const ModelFigures *here = &figures->models[m];

			if (here->side == multiple->side && here->drive == multiple->drive &&
				here->origin == multiple->origin)
				pair->model = here;
		}
		return true;
	}
	return false;
}

/* qsort: payload, then place in the workflow */
static int
compare_cells(const void *left, const void *right)
{
	const Cell *a = *(const Cell *const *) left;
	const Cell *b = *(const Cell *const *) right;

	if (a->payload_bytes != b->payload_bytes)
		return a->payload_bytes < b->payload_bytes ? -1 : 1;
	return (a > b) - (a < b);
}

const Cell **
cells_by_size(const WorkflowFigures *workflow)
{
	const Cell **cells = xcalloc((size_t) workflow->nsteps + 1, sizeof(Cell *));

	for (int s = 0; s < workflow->nsteps; s++)
		cells[s] = &workflow->steps[s];
	qsort(cells, (size_t) workflow->nsteps, sizeof(Cell *), compare_cells);
	return cells;
}

const Cell *
batch_cell(const WorkflowFigures *batched)
{
	return batched->own_round_trips && batched->nsteps == 1 ? &batched->steps[0] : &batched->whole;
}

double
whole_mean(const Cell *cell)
{
	double		round_trip = cell->time[METRIC_ROUND_TRIP].mean.value;

	return isfinite(round_trip) ? round_trip : cell->time[METRIC_SERVER_TOTAL].mean.value;
}

double
share_percent(const Cell *cell, Metric part)
{
	return 100.0 * cell->time[part].mean.value / whole_mean(cell);
}
