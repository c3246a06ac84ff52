/*
 * csv.c
 *	  Every summary, a line each.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/csv.h"
#include "report/report.h"
#include "util/output.h"

void
csv_text(FILE *file, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL)
	{
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text != '\0'; text++)
	{
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	putc('"', file);
}

void
csv_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, ",%.15g", value);
	else
		putc(',', file);
}

void
csv_integer(FILE *file, int64_t value)
{
	if (value != UNKNOWN)
		fprintf(file, ",%" PRId64, value);
	else
		putc(',', file);
}

/* whose figures a line holds: the first columns */
static void
print_whose(FILE *file, const Figures *figures, const WorkflowFigures *workflow, const Cell *cell)
{
	csv_text(file, figures->sides[workflow->side].label);
	fprintf(file, ",%s,%s,%s,", workflow_names[workflow->kind], drive_names[workflow->drive],
			origin_names[workflow->origin]);
	if (cell == &workflow->whole)
		fprintf(file, "total,,%" PRId64 ",%d", cell->payload_bytes, workflow->failed);
	else
	{
		csv_text(file, cell->name);
		fprintf(file, ",%d,%" PRId64 ",%d", cell->function_id, cell->payload_bytes, cell->failed);
	}
}

static void
print_summary(FILE *file, Metric metric, const Summary *summary, const Estimate *first)
{
	const double figures[] = {first ? first->value : NAN, summary->min, summary->median.value,
		summary->p95, summary->p99, summary->max, summary->mean.value, summary->stddev,
		summary->median.low, summary->median.high, summary->mean.low, summary->mean.high};

	fprintf(file, ",%s,ms,%" PRId64, metric_names[metric], summary->n);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		csv_number(file, figures[i]);
	putc('\n', file);
}

/* a volume has its median only, as an integer */
static void
print_volume(FILE *file, const char *name, const char *unit, int64_t median)
{
	fprintf(file, ",%s,%s,,,", name, unit);
	csv_integer(file, median);
	fputs(",,,,,,,,,\n", file);
}

static void
print_cell(FILE *file, const Figures *figures, const WorkflowFigures *workflow, const Cell *cell)
{
	for (Metric m = 0; m < METRIC_COUNT; m++)
	{
		print_whose(file, figures, workflow, cell);
		print_summary(file, m, &cell->time[m], &cell->time[m] == cell_time(workflow, cell) ? &cell->first : NULL);
	}
	for (Volume v = 0; v < VOLUME_COUNT; v++)
	{
		const char *unit = strstr(volume_names[v], "blks") != NULL ? "blocks" :
			v == VOLUME_TURNS ? "round trips" : v == VOLUME_WAL_RECORDS ? "records" : v == VOLUME_WAL_FPI ? "images" : "bytes";

		print_whose(file, figures, workflow, cell);
		print_volume(file, volume_names[v], unit, cell->volume[v]);
	}
	print_whose(file, figures, workflow, cell);
	print_volume(file, "stored_bytes", "bytes", cell->stored_bytes);
}

static void
print_baseline(FILE *file, const Figures *figures, const BaselineFigures *baseline)
{
	for (Metric m = 0; m < METRIC_COUNT; m++)
	{
		/* most of a step's phases a baseline does not have */
		if (baseline->time[m].n == 0)
			continue;
		csv_text(file, figures->sides[baseline->side].label);
		fprintf(file, ",baseline,,,%s,,%" PRId64 ",", baseline_names[baseline->kind], baseline->payload_bytes);
		print_summary(file, m, &baseline->time[m], NULL);
	}
}

bool
csv_write(const Figures *figures, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs("side,workflow,drive,origin,step,function_id,payload_bytes,failed,metric,unit,"
		  "n,first,min,p50,p95,p99,max,mean,stddev,p50_low,p50_high,mean_low,mean_high\n", output.file);
	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		print_cell(output.file, figures, workflow, &workflow->whole);
		for (int s = 0; s < workflow->nsteps; s++)
			print_cell(output.file, figures, workflow, &workflow->steps[s]);
	}
	for (int b = 0; b < figures->nbaselines; b++)
		print_baseline(output.file, figures, &figures->baselines[b]);
	return output_close(path, &output, true);
}
