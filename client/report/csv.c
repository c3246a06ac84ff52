/*
 * csv.c
 *	  Result files for spreadsheets and data frames: statistics, and the
 *	  samples themselves.
 *
 * RFC 4180 with a header line; lines end in LF, the decimal point is a point,
 * what is unknown is an empty field.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sample/result.h"
#include "statistics/summary.h"
#include "util/output.h"

/* A field of text, quoted where it has to be. */
static void
print_text(FILE *file, const char *text)
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

/* A comma and a number, or a comma and nothing. */
static void
print_number(FILE *file, double value)
{
	if (isfinite(value))
		fprintf(file, ",%.15g", value);
	else
		putc(',', file);
}

static void
print_integer(FILE *file, int64_t value)
{
	if (value != UNKNOWN)
		fprintf(file, ",%" PRId64, value);
	else
		putc(',', file);
}

/* Whose figures or samples a line holds: the first columns of both files. */
static void
print_whose(FILE *file, const Series *series, int step)
{
	fprintf(file, "%s,%s,%s,", workflow_names[series->kind], drive_names[series->drive],
			origin_names[series->origin]);
	if (step < 0)
		fputs("total,,", file);
	else
	{
		print_text(file, series->steps[step].name);
		fprintf(file, ",%d,%" PRId64, series->steps[step].function_id,
				series->steps[step].payload_bytes);
	}
}

static void
print_whose_arm(FILE *file, const Arm *arm)
{
	fprintf(file, "arm,,,%s,,%" PRId64, arm_names[arm->kind], arm->payload_bytes);
}

static void
print_summary(FILE *file, Metric metric, const Summary *summary)
{
	const double figures[] = {summary->first, summary->min, summary->p50, summary->p90,
		summary->p95, summary->p99, summary->max, summary->mean, summary->stddev,
	summary->ci_low, summary->ci_high};

	fprintf(file, ",%s,ms,%" PRId64, metric_names[metric], summary->n);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		print_number(file, figures[i]);
	putc('\n', file);
}

/* A volume has its median only, as an integer. */
static void
print_volume(FILE *file, const char *name, const char *unit, int64_t median)
{
	fprintf(file, ",%s,%s,,,", name, unit);
	print_integer(file, median);
	fputs(",,,,,,,,\n", file);
}

static void
print_series(FILE *file, const Series *series)
{
	/* step -1 is the workflow as one */
	for (int s = -1; s < series->nsteps; s++)
	{
		int			failed = s < 0 ? series->nfailed : series_step_failed(series, s);

		for (int m = 0; m < METRIC_COUNT; m++)
		{
			Summary		summary = series_summary(series, s, (Metric) m);

			print_whose(file, series, s);
			fprintf(file, ",%d", failed);
			print_summary(file, (Metric) m, &summary);
		}
		for (int v = 0; v < VOLUME_COUNT; v++)
		{
			const char *unit = strstr(volume_names[v], "blks") != NULL ? "blocks" :
				v == VOLUME_WAL_RECORDS ? "records" : v == VOLUME_WAL_FPI ? "images" : "bytes";

			print_whose(file, series, s);
			fprintf(file, ",%d", failed);
			print_volume(file, volume_names[v], unit, series_volume(series, s, (Volume) v));
		}
		print_whose(file, series, s);
		fprintf(file, ",%d", failed);
		print_volume(file, "stored_bytes", "bytes", series_stored_bytes(series, s));
	}
}

static void
print_arm(FILE *file, const Arm *arm)
{
	int			failed = 0;

	for (int i = 0; i < arm->niterations; i++)
		failed += arm->samples[i].failed;
	for (int m = 0; m < METRIC_COUNT; m++)
	{
		Summary		summary = arm_summary(arm, (Metric) m);

		/* most of a step's phases an arm does not have */
		if (summary.n == 0)
			continue;
		print_whose_arm(file, arm);
		fprintf(file, ",%d", failed);
		print_summary(file, (Metric) m, &summary);
	}
}

/*
 * One line per workflow, drive, origin, step and metric.  False, with a message
 * on standard error, unless the file is there and whole.
 */
bool
csv_write(const Result *result, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs("workflow,drive,origin,step,function_id,payload_bytes,failed,metric,unit,"
		  "n,first,min,p50,p90,p95,p99,max,mean,stddev,ci_low,ci_high\n", output.file);
	for (int i = 0; i < result->nseries; i++)
		print_series(output.file, result->series[i]);
	for (int i = 0; i < result->narms; i++)
		print_arm(output.file, &result->arms[i]);
	return output_close(path, &output, true);
}

/* The end of a line of the samples file. */
static void
print_sample(FILE *file, int iteration, bool first, const Sample *sample)
{
	fprintf(file, ",%d,%d,%d,%d,%d", iteration, first, sample->failed, sample->replayed,
			sample->retried);
	for (int m = 0; m < METRIC_COUNT; m++)
		print_integer(file, sample->ns[m]);
	for (int v = 0; v < VOLUME_COUNT; v++)
		print_integer(file, sample->volume[v]);
	putc('\n', file);
}

static void
print_series_samples(FILE *file, const Series *series)
{
	/* iteration 0 is the first call of a fresh connection */
	for (int i = series->has_first ? -1 : 0; i < series->niterations; i++)
	{
		for (int s = 0; s < series->nsteps; s++)
		{
			const Sample *sample = i < 0 ? &series->first[s] :
				&series->samples[(size_t) i * (size_t) series->nsteps + (size_t) s];

			print_whose(file, series, s);
			print_sample(file, i + 1, i < 0, sample);
		}
		print_whose(file, series, -1);
		print_sample(file, i + 1, i < 0, i < 0 ? &series->first_whole : &series->whole[i]);
	}
}

static void
print_arm_samples(FILE *file, const Arm *arm)
{
	for (int i = arm->has_first ? -1 : 0; i < arm->niterations; i++)
	{
		print_whose_arm(file, arm);
		print_sample(file, i + 1, i < 0, i < 0 ? &arm->first : &arm->samples[i]);
	}
}

/*
 * One line per measured call, times in ns: every step, each workflow as one
 * (step "total"), and every call of an arm.  Failed calls are there, marked.
 * False as above.
 */
bool
samples_write(const Result *result, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs("workflow,drive,origin,step,function_id,payload_bytes,iteration,first,failed,replayed,retried",
		  output.file);
	for (int m = 0; m < METRIC_COUNT; m++)
		fprintf(output.file, ",%s_ns", metric_names[m]);
	for (int v = 0; v < VOLUME_COUNT; v++)
		fprintf(output.file, ",%s", volume_names[v]);
	putc('\n', output.file);
	for (int i = 0; i < result->nseries; i++)
		print_series_samples(output.file, result->series[i]);
	for (int i = 0; i < result->narms; i++)
		print_arm_samples(output.file, &result->arms[i]);
	return output_close(path, &output, true);
}
