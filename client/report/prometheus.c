/*
 * prometheus.c
 *	  A run's figures in Prometheus's text format (0.0.4), for a textfile collector.
 *
 * Names are in base units, seconds and bytes.  What is unknown is left out: a series
 * that ends says so better than one that is NaN.
 */
#define _GNU_SOURCE				/* strptime, timegm */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "report/report.h"
#include "util/output.h"

#define PREFIX "dbos_payload_bench_"

/* a metric with its samples, which stand together; its head is written before the first */
typedef struct Family
{
	FILE	   *file;
	const char *name;			/* after the prefix */
	const char *help;
	bool		begun;
} Family;

typedef double (*Pick) (const Estimate *estimate);

static double
pick_value(const Estimate *estimate)
{
	return estimate->value;
}

static double
pick_low(const Estimate *estimate)
{
	return estimate->low;
}

static double
pick_high(const Estimate *estimate)
{
	return estimate->high;
}

static const struct
{
	const char *name;
	const char *baseline_name;
	const char *help;
	Pick		pick;
}			time_families[] = {
	{"time_median_seconds", "baseline_median_seconds", "Median, over the blocks.", pick_value},
	{"time_median_low_seconds", "baseline_median_low_seconds", "Lower end of the median's 95 % confidence interval.", pick_low},
	{"time_median_high_seconds", "baseline_median_high_seconds", "Upper end of the median's 95 % confidence interval.", pick_high},
};

static const struct
{
	const char *name;
	const char *help;
}			volume_families[VOLUME_COUNT] = {
	[VOLUME_WIRE_SENT] = {"wire_sent_bytes", "Protocol messages to the server, median."},
	[VOLUME_WIRE_RECEIVED] = {"wire_received_bytes", "Protocol messages from the server, median."},
	[VOLUME_TURNS] = {"round_trips", "How often the client waited for the server, median."},
	[VOLUME_TEXT_BYTES] = {"text_bytes", "The text that a profile makes of the payload, median."},
	[VOLUME_WAL_BYTES] = {"wal_bytes", "WAL written, median."},
	[VOLUME_WAL_RECORDS] = {"wal_records", "WAL records written, median."},
	[VOLUME_WAL_FPI] = {"wal_full_page_images", "Full page images in the WAL, median."},
	[VOLUME_BLKS_HIT] = {"shared_blocks_hit", "Shared blocks found in shared buffers, median."},
	[VOLUME_BLKS_READ] = {"shared_blocks_read", "Shared blocks read, median."},
	[VOLUME_BLKS_DIRTIED] = {"shared_blocks_dirtied", "Shared blocks dirtied, median."},
	[VOLUME_HEAP_BYTES] = {"heap_bytes", "Heap bytes stored, median."},
	[VOLUME_TOAST_BYTES] = {"toast_bytes", "TOAST bytes stored, median."},
};

/* The part of a line before its labels. */
static void
begin_sample(Family *family)
{
	if (!family->begun)
		fprintf(family->file, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n", family->name, family->help,
				family->name);
	family->begun = true;
	fputs(PREFIX, family->file);
	fputs(family->name, family->file);
}

/* name="value", behind what stands before it: { or a comma */
static void
put_label(FILE *file, char before, const char *name, const char *value)
{
	fprintf(file, "%c%s=\"", before, name);
	for (; *value != '\0'; value++)
	{
		if (*value == '\\' || *value == '"')
			putc('\\', file);
		if (*value == '\n')
			fputs("\\n", file);
		else
			putc(*value, file);
	}
	putc('"', file);
}

/* a metric of one sample without labels */
static void
put_plain(FILE *file, const char *name, const char *help, double value)
{
	Family		family = {file, name, help, false};

	if (!isfinite(value))
		return;
	begin_sample(&family);
	fprintf(file, " %.15g\n", value);
}

/* a sample of a workflow's step or whole; part: NULL where the metric is not of one */
static void
put_cell(Family *family, const Figures *figures, const WorkflowFigures *workflow, const Cell *cell,
		 const char *part, double value)
{
	if (!isfinite(value))
		return;
	begin_sample(family);
	put_label(family->file, '{', "side", figures->sides[workflow->side].label);
	put_label(family->file, ',', "workflow", workflow_names[workflow->kind]);
	put_label(family->file, ',', "drive", drive_names[workflow->drive]);
	put_label(family->file, ',', "origin", origin_names[workflow->origin]);
	put_label(family->file, ',', "step", cell == &workflow->whole ? "total" : cell->name);
	if (cell != &workflow->whole)
		fprintf(family->file, ",function_id=\"%d\"", cell->function_id);
	fprintf(family->file, ",payload_bytes=\"%" PRId64 "\"", cell->payload_bytes);
	if (part != NULL)
		put_label(family->file, ',', "part", part);
	fprintf(family->file, "} %.15g\n", value);
}

/* the w-th workflow's s-th step, behind the last the whole */
static const Cell *
cell_at(const WorkflowFigures *workflow, int s)
{
	return s < workflow->nsteps ? &workflow->steps[s] : &workflow->whole;
}

/* times that are made into parts, such as the wait, are of use with all samples alone */
static bool
is_shown(Metric metric)
{
	return metric == METRIC_ROUND_TRIP || (metric >= FIRST_PART && metric <= LAST_PART) ||
		metric == METRIC_SERVER_TOTAL || metric == METRIC_START || metric == METRIC_END;
}

static void
put_times(FILE *file, const Figures *figures)
{
	for (size_t t = 0; t < sizeof(time_families) / sizeof(time_families[0]); t++)
	{
		Family		family = {file, time_families[t].name, time_families[t].help, false};

		for (int w = 0; w < figures->nworkflows; w++)
		{
			const WorkflowFigures *workflow = &figures->workflows[w];

			for (int s = 0; s <= workflow->nsteps; s++)
				for (int m = 0; m < METRIC_COUNT; m++)
					if (is_shown((Metric) m))
						put_cell(&family, figures, workflow, cell_at(workflow, s), metric_names[m],
								 time_families[t].pick(&cell_at(workflow, s)->time[m].median) / 1e3);
		}
	}
}

static void
put_baselines(FILE *file, const Figures *figures)
{
	for (size_t t = 0; t < sizeof(time_families) / sizeof(time_families[0]); t++)
	{
		Family		family = {file, time_families[t].baseline_name, time_families[t].help, false};

		for (int b = 0; b < figures->nbaselines; b++)
		{
			const BaselineFigures *baseline = &figures->baselines[b];
			double		value = time_families[t].pick(&baseline->time[METRIC_ROUND_TRIP].median) / 1e3;

			if (!isfinite(value))
				continue;
			begin_sample(&family);
			put_label(file, '{', "side", figures->sides[baseline->side].label);
			put_label(file, ',', "baseline", baseline_names[baseline->kind]);
			fprintf(file, ",payload_bytes=\"%" PRId64 "\"} %.15g\n", baseline->payload_bytes, value);
		}
	}
}

/* a volume of each step and whole, or failed iterations */
static void
put_counts(FILE *file, const Figures *figures, const char *name, const char *help, int volume)
{
	Family		family = {file, name, help, false};

	for (int w = 0; w < figures->nworkflows; w++)
	{
		const WorkflowFigures *workflow = &figures->workflows[w];

		for (int s = 0; s <= workflow->nsteps; s++)
		{
			const Cell *cell = cell_at(workflow, s);
			int64_t		count = volume >= 0 ? cell->volume[volume] :
				cell == &workflow->whole ? workflow->failed : cell->failed;

			put_cell(&family, figures, workflow, cell, NULL, count == UNKNOWN ? NAN : (double) count);
		}
	}
}

/* seconds since 1970 of a result file's timestamp; NAN: it is none */
static double
seconds_of(const char *timestamp)
{
	struct tm	tm = {0};
	int			ms = 0;
	const char *rest = strptime(timestamp, "%Y-%m-%dT%H:%M:%S", &tm);

	if (rest == NULL)
		return NAN;
	sscanf(rest, ".%3d", &ms);
	return (double) timegm(&tm) + ms / 1e3;
}

static void
put_run(FILE *file, const Figures *figures)
{
	Family		info = {file, "run_info", "What was measured, and by which version.", false};

	for (int side = 0; side < figures->nsides; side++)
	{
		const char *version = figures->sides[side].environment.server_version;

		begin_sample(&info);
		put_label(file, '{', "side", figures->sides[side].label);
		put_label(file, ',', "version", figures->tool_version);
		put_label(file, ',', "server_version", version != NULL ? version : "");
		fputs("} 1\n", file);
	}
	put_plain(file, "run_start_timestamp_seconds", "When the run began.", seconds_of(figures->started_at));
	put_plain(file, "run_measured_seconds", "How long it measured.", figures->measured_s);
	put_plain(file, "run_blocks", "Blocks measured.", figures->nblocks);
	put_plain(file, "run_iterations", "Iterations measured.", figures->niterations);
	put_plain(file, "run_complete", "1 unless the run was interrupted or lost its connection.",
			  !figures->interrupted && !figures->connection_lost);
}

bool
prometheus_write(const Figures *figures, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	put_run(output.file, figures);
	put_counts(output.file, figures, "failed_iterations", "Iterations that failed and are in no figure.", -1);
	put_times(output.file, figures);
	put_baselines(output.file, figures);
	for (int v = 0; v < VOLUME_COUNT; v++)
		put_counts(output.file, figures, volume_families[v].name, volume_families[v].help, v);
	return output_close(path, &output, true);
}
