/*
 * text.c
 *	  Words and layout that the reports share.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/text.h"
#include "util/message.h"

#define WORDS_BYTES 320

static char *words(const char *format,...)
			__attribute__((format(printf, 1, 2)));

/* a place in the ring of words */
static char *
words(const char *format,...)
{
	static char ring[WORDS_KEPT][WORDS_BYTES];
	static int	next = 0;
	char	   *text = ring[next++ % WORDS_KEPT];
	va_list		args;

	va_start(args, format);
	vsnprintf(text, WORDS_BYTES, format, args);
	va_end(args);
	return text;
}

const char *
words_interval(const Estimate *estimate, int decimals)
{
	const char *low;
	const char *high;

	if (!isfinite(estimate->low) || !isfinite(estimate->high))
		return "";
	low = words("%.*f", decimals, estimate->low);
	high = words("%.*f", decimals, estimate->high);
	return strcmp(low, high) == 0 ? "" : words(" (%s .. %s)", low, high);
}

const char *
words_ms(const Estimate *estimate)
{
	return isfinite(estimate->value) ? words("%.3f ms%s", estimate->value, words_interval(estimate, 3)) : "n/a";
}

const char *
words_bytes(int64_t bytes)
{
	if (bytes == UNKNOWN)
		return "n/a";
	if (bytes >= 1000000 && bytes % 1000000 == 0)
		return words("%" PRId64 " MB", bytes / 1000000);
	if (bytes >= 1000 && bytes % 1000 == 0)
		return words("%" PRId64 " kB", bytes / 1000);
	return words("%" PRId64 " B", bytes);
}

const char *
words_way(Drive drive, Origin origin)
{
	return words("drive %s, origin %s", drive_names[drive], origin_names[origin]);
}

const char *
words_whose(const Figures *figures, const WorkflowFigures *workflow)
{
	return words("%s%s, %s", figures->nsides < 2 ? "" : workflow->side == 0 ? "A: " : "B: ",
				 drive_names[workflow->drive], origin_names[workflow->origin]);
}

const char *
words_of_side(const Figures *figures, int side)
{
	return figures->nsides > 1 ? words(": %s", figures->sides[side].label) : "";
}

const char *
words_server(const Environment *e)
{
	const char *version = e->server_version ? e->server_version : "n/a";

	/* "15.20 (Debian 15.20-0+deb12u1)": the packager's part is in the full report */
	return words("PostgreSQL %.*s; %s%s; fsync %s, synchronous_commit %s", (int) strcspn(version, " "), version,
				 e->transport ? e->transport : "n/a", e->ssl ? " with TLS" : "", setting_or_na(e, "fsync"),
				 setting_or_na(e, "synchronous_commit"));
}

const char *
words_cell(const Difference *difference, bool way)
{
	return words("%s%s%s%s%s", way ? drive_names[difference->drive] : "", way ? "/" : "",
				 way ? origin_names[difference->origin] : "", way ? ", " : "",
				 difference->kind == WORKFLOW_BATCHED ? "batch" : difference->step < 0 ? "all steps" :
				 words_bytes(difference->payload_bytes));
}

bool
is_of_main_time(const Difference *difference)
{
	return difference->metric == METRIC_ROUND_TRIP || difference->metric == METRIC_SERVER_TOTAL;
}

bool
detectable_range(const Difference *differences, int n, double *least, double *most)
{
	*least = INFINITY;
	*most = 0.0;
	for (int i = 0; i < n; i++)
	{
		if (differences[i].differs || !isfinite(differences[i].detectable_percent))
			continue;
		*least = fmin(*least, differences[i].detectable_percent);
		*most = fmax(*most, differences[i].detectable_percent);
	}
	return *most > 0.0;
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

	if (metric == METRIC_NETWORK && environment_server_is_here(environment))
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
table_columns(Table *table, const char *name,...)
{
	va_list		args;

	va_start(args, name);
	for (; name != NULL; name = va_arg(args, const char *))
		table_column(table, name, (ColumnType) va_arg(args, int));
	va_end(args);
}

void
table_estimate(Table *table, const Estimate *estimate)
{
	table_number(table, estimate->value);
	table_interval(table, estimate->low, estimate->high);
}

const char *
metric_title(Metric metric)
{
	return metric == METRIC_ROUND_TRIP ? "round trip" : metric == METRIC_SERVER_TOTAL ? "server total" :
		metric == METRIC_FIRST_BYTE ? "first byte" : metric == METRIC_COMMIT_WAIT ? "commit's wait" :
		metric == METRIC_CLIENT_COMMIT ? "client's commit" : metric_names[metric];
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

/* qsort: payload, then place in the workflow */
static int
compare_cells(const void *left, const void *right)
{
	const Cell *a = ((const NamedCell *) left)->cell;
	const Cell *b = ((const NamedCell *) right)->cell;

	if (a->payload_bytes != b->payload_bytes)
		return a->payload_bytes < b->payload_bytes ? -1 : 1;
	return (a > b) - (a < b);
}

static void
add_cell(Pair *pair, const Cell *cell, const char *name)
{
	NamedCell  *named = &pair->cells[pair->ncells++];

	named->cell = cell;
	snprintf(named->name, sizeof(named->name), "%s", name);
}

/* figures of the same side, drive and origin as the pair's */
#define IS_OF(pair, here) ((here)->side == (pair)->multiple->side && \
	(here)->drive == (pair)->multiple->drive && (here)->origin == (pair)->multiple->origin)

static void
make_pair(const Figures *figures, const WorkflowFigures *multiple, Pair *pair)
{
	memset(pair, 0, sizeof(*pair));
	pair->figures = figures;
	pair->side = &figures->sides[multiple->side];
	pair->multiple = multiple;
	pair->nsteps = multiple->nsteps;
	pair->batched = figures_workflow(figures, multiple->side, WORKFLOW_BATCHED, multiple->drive, multiple->origin);
	for (int a = 0; a < figures->napproaches; a++)
		if (IS_OF(pair, &figures->approaches[a]))
			pair->approaches = &figures->approaches[a];
	for (int m = 0; m < figures->nmodels; m++)
		if (IS_OF(pair, &figures->models[m]))
			pair->model = &figures->models[m];
	for (int s = 0; s < multiple->nsteps; s++)
		add_cell(pair, &multiple->steps[s], words_bytes(multiple->steps[s].payload_bytes));
	qsort(pair->cells, (size_t) pair->nsteps, sizeof(NamedCell), compare_cells);
	add_cell(pair, &multiple->whole, "all steps");
	if (pair->batched != NULL)
		add_cell(pair, batch_cell(pair->batched), "the batch");
}

bool
pair_at(const Figures *figures, int i, Pair *pair)
{
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *multiple = &figures->workflows[w];

		/* a plain twin is there for its profile's sake */
		if (multiple->kind != WORKFLOW_MULTIPLE || multiple->nsteps == 0 || drive_is_plain(multiple->drive) || i-- > 0)
			continue;
		make_pair(figures, multiple, pair);
		return true;
	}
	return false;
}

bool
has_many_pairs(const Figures *figures)
{
	return figures->nworkflows > WORKFLOW_COUNT * figures->nsides;
}

const Cell *
batch_cell(const WorkflowFigures *batched)
{
	return batched->own_round_trips && batched->nsteps == 1 ? &batched->steps[0] : &batched->whole;
}

const Summary *
main_time(const Cell *cell)
{
	return &cell->time[isfinite(cell->time[METRIC_ROUND_TRIP].mean.value) ? METRIC_ROUND_TRIP : METRIC_SERVER_TOTAL];
}

bool
some_parts_missing(const Pair *pair)
{
	bool		known = false;
	bool		missing = false;

	for (int c = 0; c < pair->nsteps; c++)
	{
		int64_t		n = pair->cells[c].cell->time[METRIC_SERVER_TOTAL].n;

		known = known || n > 0;
		missing = missing || n < main_time(pair->cells[c].cell)->n;
	}
	return known && missing;
}

double
share_percent(const Cell *cell, Metric part)
{
	return 100.0 * cell->time[part].mean.value / main_time(cell)->mean.value;
}
