/*
 * samples_file.c
 *	  Every measured call, a line each, times in ns.
 *
 * Block 1's iterations come first; iteration 0 of a block is the first call of
 * its fresh connection.  What failed is there, marked by its state.
 */
#include <inttypes.h>

#include "report/csv.h"
#include "report/report.h"
#include "util/output.h"

static const char *const state_names[] = {
	[SAMPLE_ABSENT] = "absent",
	[SAMPLE_MEASURED] = "measured",
	[SAMPLE_FAILED] = "failed",
	[SAMPLE_REPLAYED] = "replayed",
	[SAMPLE_RETRIED] = "retried",
};

/* whose samples a line holds: the first columns; step nsteps is the workflow as one */
static void
print_whose(FILE *file, const Series *series, int step)
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
		print_whose(file, series, s);
		print_sample(file, block, iteration, &row[s]);
	}
}

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
print_baseline(FILE *file, const Measured *measured, const Baseline *baseline)
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
		print_baseline(output.file, measured, &measured->baselines[i]);
	return output_close(path, &output, true);
}
