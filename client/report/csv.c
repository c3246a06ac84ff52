/*
 * csv.c
 *	  Files for spreadsheets and data frames (RFC 4180): every summary, or every
 *	  measured call with its times in ns, a line each.
 *
 * The decimal point is a point, what is unknown is an empty field, lines end in
 * LF.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/report.h"
#include "util/output.h"

static const char *const state_names[] = {
	[SAMPLE_ABSENT] = "absent",
	[SAMPLE_MEASURED] = "measured",
	[SAMPLE_FAILED] = "failed",
	[SAMPLE_REPLAYED] = "replayed",
	[SAMPLE_RETRIED] = "retried",
};

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

/* a comma and a number, or a comma and nothing */
static void
csv_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, ",%.15g", value);
	else
		putc(',', file);
}

static void
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

/* a volume has its median only, as an integer, and where it is the server's, of how many calls */
static void
print_volume(FILE *file, const char *name, const char *unit, int64_t n, int64_t median)
{
	fprintf(file, ",%s,%s", name, unit);
	csv_integer(file, n);
	fputs(",,", file);
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
		print_volume(file, volume_names[v], unit, v >= VOLUME_WAL_BYTES && v <= VOLUME_BLKS_DIRTIED ? cell->usage_n : UNKNOWN,
					 cell->volume[v]);
	}
	print_whose(file, figures, workflow, cell);
	print_volume(file, "stored_bytes", "bytes", UNKNOWN, cell->stored_bytes);
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

/* whose samples a line holds: the first columns; step nsteps is the workflow as one */
static void
print_series_step(FILE *file, const Series *series, int step)
{
	fprintf(file, "%d,%s,%s,%s,", series->side, workflow_names[series->kind], drive_names[series->drive],
			origin_names[series->origin]);
	if (step == series->nsteps)
		fputs("total,,", file);
	else
	{
		csv_text(file, series->steps[step].name);
		fprintf(file, ",%d,%" PRId64, series->steps[step].function_id, series->steps[step].payload_bytes);
	}
}

static void
print_sample(FILE *file, int block, int iteration, const Sample *sample)
{
	fprintf(file, ",%d,%d,%s", block + 1, iteration, state_names[sample->state]);
	for (int m = 0; m < METRIC_COUNT; m++)
		csv_integer(file, sample->ns[m]);
	for (int v = 0; v < VOLUME_COUNT; v++)
		csv_integer(file, sample->volume[v]);
	putc('\n', file);
}

static void
print_row(FILE *file, const Series *series, int block, int iteration, const Sample *row)
{
	for (int s = 0; s <= series->nsteps; s++)
	{
		if (row[s].state == SAMPLE_ABSENT)
			continue;
		print_series_step(file, series, s);
		print_sample(file, block, iteration, &row[s]);
	}
}

/*
 * Block 1's iterations come first; iteration 0 of a block is the first call of its
 * fresh connection.  What failed is there, marked by its state.
 */
static void
print_series(FILE *file, const Measured *measured, const Series *series)
{
	size_t		width = (size_t) series->nsteps + 1;

	for (int b = 0; b < measured->nblocks; b++)
	{
		const Block *block = &measured->blocks[b];

		print_row(file, series, b, 0, &series->first[(size_t) b * width]);
		for (int i = 0; i < block->niterations; i++)
			print_row(file, series, b, i + 1, &series->samples[(size_t) (block->first_iteration + i) * width]);
	}
}

static void
print_baseline_samples(FILE *file, const Measured *measured, const Baseline *baseline)
{
	for (int b = 0; b < measured->nblocks; b++)
	{
		const Block *block = &measured->blocks[b];

		for (int i = 0; i < block->niterations; i++)
		{
			const Sample *sample = &baseline->samples[block->first_iteration + i];

			if (sample->state == SAMPLE_ABSENT)
				continue;
			fprintf(file, "%d,baseline,,,%s,,%" PRId64, baseline->side, baseline_names[baseline->kind],
					baseline->payload_bytes);
			print_sample(file, b, i + 1, sample);
		}
	}
}

bool
samples_write(const Measured *measured, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs("side,workflow,drive,origin,step,function_id,payload_bytes,block,iteration,state", output.file);
	for (int m = 0; m < METRIC_COUNT; m++)
		fprintf(output.file, ",%s_ns", metric_names[m]);
	for (int v = 0; v < VOLUME_COUNT; v++)
		fprintf(output.file, ",%s", volume_names[v]);
	putc('\n', output.file);
	for (int i = 0; i < measured->nseries; i++)
		print_series(output.file, measured, &measured->series[i]);
	for (int i = 0; i < measured->nbaselines; i++)
		print_baseline_samples(output.file, measured, &measured->baselines[i]);
	return output_close(path, &output, true);
}
