/*
 * plots.c
 *	  Pictures of a run, drawn by gnuplot.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/plots.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/numbers.h"

typedef struct RunPictures
{
	Pictures	to;
	const Figures *figures;
} RunPictures;

/* the conditions, under the title; of two sides each its own */
static char *
conditions(const Figures *figures)
{
	char	   *text = NULL;

	for (int s = 0; s < figures->nsides; s++)
	{
		text_add(&text, "%s%s", s > 0 ? "; " : "", figures->nsides < 2 ? "" : s == 0 ? "A: " : "B: ");
		if (figures->nsides > 1 || figures->parameters.labels[0] != NULL)
			text_add(&text, "%s: ", figures->sides[s].label);
		text_add(&text, "%s", words_server(&figures->sides[s].environment));
	}
	text_add(&text, "; %s protocol, %s; %d block%s, %d iteration%s", protocol_names[figures->sides[0].protocol],
			 figures->parameters.binary ? "binary" : "text", figures->nblocks, plural(figures->nblocks),
			 figures->niterations, plural(figures->niterations));
	return text;
}

static void
put_number(FILE *file, double value, double otherwise)
{
	fprintf(file, " %.6f", isfinite(value) ? value : isfinite(otherwise) ? otherwise : 0.0);
}

/* a row of a data file; without an interval its ends are the value itself, an unknown part is 0 */
static void
put_row(FILE *file, const char *name, const Cell *cell)
{
	const Summary *time = main_time(cell);

	fprintf(file, "\"%s\" %lld %lld", name, (long long) cell->payload_bytes, (long long) time->n);
	put_number(file, time->median.value, 0.0);
	put_number(file, time->median.low, time->median.value);
	put_number(file, time->median.high, time->median.value);
	put_number(file, time->p95, time->median.value);
	put_number(file, time->mean.value, 0.0);
	put_number(file, time->mean.low, time->mean.value);
	put_number(file, time->mean.high, time->mean.value);
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		put_number(file, cell->time[m].mean.value, 0.0);
	fputc('\n', file);
}

static FILE *
data_begin(const RunPictures *pictures, const char *name)
{
	FILE	   *file = plots_open(pictures->to.dir, name, PLOT_DATA);

	if (file == NULL)
		return NULL;
	fputs("# name, bytes, n; p50 and its 95 % interval, p95; mean and its interval; the parts' means; all in ms\n"
		  "# name bytes n p50 p50_low p50_high p95 mean mean_low mean_high", file);
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		fprintf(file, " %s", metric_names[m]);
	fputc('\n', file);
	return file;
}

/* "calls-server", of two sides "calls-server-A" */
static char *
pair_name(const Pair *pair)
{
	return xasprintf("%s-%s%s", drive_names[pair->multiple->drive], origin_names[pair->multiple->origin],
					 pair->figures->nsides < 2 ? "" : pair->multiple->side == 0 ? "-A" : "-B");
}

/* have the steps of this pair any time at all? */
static bool
was_measured(const Pair *pair)
{
	return isfinite(main_time(pair->cells[0].cell)->mean.value);
}

static bool
write_parts_data(const RunPictures *pictures, const Pair *pair, const char *name)
{
	FILE	   *file = data_begin(pictures, name);

	for (int s = 0; file != NULL && s < pair->nsteps; s++)
		put_row(file, pair->cells[s].name, pair->cells[s].cell);
	return plots_close(file, pictures->to.dir, name, PLOT_DATA);
}

/* the parts of one pair's steps, in ms and in percent */
static bool
write_parts(RunPictures *pictures, const Pair *pair)
{
	static const struct
	{
		const char *prefix;
		const char *program;
		const char *in;
		const char *caption;
	}			kinds[] = {
		{"parts", "parts", "", "Bars: the mean of each part; they add up to the mean of the whole (dot)."},
		{"parts-percent", "percent", ", in percent", "Bars: the mean of each part in percent of the mean of the whole."}
	};
	char	   *which = pair_name(pair);
	char	   *data = xasprintf("parts-%s", which);
	char	   *heading = xasprintf("Where the time of a step goes: %s%s",
									words_way(pair->multiple->drive, pair->multiple->origin),
									pair->figures->nsides < 2 ? "" : pair->multiple->side == 0 ? ", side A" : ", side B");
	bool		good = write_parts_data(pictures, pair, data);

	for (size_t i = 0; good && i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		char	   *name = xasprintf("%s-%s", kinds[i].prefix, which);
		char	   *whole_heading = xasprintf("%s%s", heading, kinds[i].in);
		FILE	   *file = picture_begin(&pictures->to, name, whole_heading, kinds[i].caption);

		if (file != NULL)
			fprintf(file, "data = '%s.dat'\nwhole = '%s'\n", data,
					pair->multiple->own_round_trips ? "round trip" : "time in the server");
		good = picture_end(&pictures->to, file, kinds[i].program);
		free(whole_heading);
		free(name);
	}
	free(heading);
	free(data);
	free(which);
	return good;
}

/* round trips against size, of every pair whose steps have one; the data are those of the parts */
static bool
write_latency(RunPictures *pictures)
{
	char	   *files = NULL;
	char	   *titles = NULL;
	Pair		pair;
	bool		good = true;
	FILE	   *file;

	for (int i = 0; pair_at(pictures->figures, i, &pair); i++)
	{
		char	   *which = pair_name(&pair);

		if (pair.multiple->own_round_trips && was_measured(&pair) &&
			pair.cells[pair.nsteps - 1].cell->payload_bytes > 0)
		{
			text_add(&files, "%sparts-%s.dat", files ? " " : "", which);
			text_add(&titles, "%s%s", titles ? " " : "", which);
		}
		free(which);
	}
	if (files != NULL)
	{
		file = picture_begin(&pictures->to, "latency", "Round trip of a step against the size of its payload",
							 "Upright dashes: PostgreSQL moves values above 2 kB out of the row (TOAST); Temporal, another engine, "
							 "warns above 256 KiB, refuses above 2 MiB.");
		if (file != NULL)
			fprintf(file, "files = '%s'\ntitles = '%s'\nmarkers = 1\n", files, titles);
		good = picture_end(&pictures->to, file, "latency");
	}
	free(files);
	free(titles);
	return good;
}

/* all workflows as one, the two of a pair side by side */
static bool
write_approaches(RunPictures *pictures)
{
	const Figures *figures = pictures->figures;
	char	   *heading = xasprintf("%d steps against one batched step", figures->parameters.nsizes);
	int			rows = 0;
	bool		good = true;
	Pair		pair;
	FILE	   *data = data_begin(pictures, "approaches");
	FILE	   *file;

	for (int i = 0; data != NULL && pair_at(figures, i, &pair); i++)
	{
		const WorkflowFigures *workflows[] = {pair.multiple, pair.batched};

		for (int w = 0; w < 2; w++)
		{
			char	   *name;

			if (workflows[w] == NULL || !isfinite(workflows[w]->whole.time[METRIC_ROUND_TRIP].mean.value))
				continue;
			/* \n is gnuplot's, between double quotes in a data file */
			name = xasprintf("%s%s\\n%s\\n%s", w == 1 ? "batch" : "steps", figures->nsides < 2 ? "" :
							 pair.multiple->side == 0 ? ", A" : ", B", drive_names[pair.multiple->drive],
							 origin_names[pair.multiple->origin]);
			put_row(data, name, &workflows[w]->whole);
			free(name);
			rows++;
		}
	}
	good = plots_close(data, pictures->to.dir, "approaches", PLOT_DATA);
	if (good && rows > 0)
	{
		int			width = 340 + 110 * rows;

		file = picture_begin(&pictures->to, "approaches", heading,
							 "Bars: the mean of each part of all calls; they add up to the mean of the whole (dot).");
		if (file != NULL)
			fprintf(file, "data = 'approaches.dat'\nwidth = %d\n", width < 1300 ? 1300 : width);
		good = picture_end(&pictures->to, file, "approaches");
	}
	free(heading);
	return good;
}

/* two sides: every cell's ratio */
static bool
write_differences(RunPictures *pictures)
{
	const Figures *figures = pictures->figures;
	int			rows = 0;
	bool		good;
	FILE	   *data;
	FILE	   *file;

	if (figures->nsides < 2)
		return true;
	data = plots_open(pictures->to.dir, "differences", PLOT_DATA);
	if (data == NULL)
		return false;
	fputs("# name, ratio B / A, its 95 % interval, 1: differs by all cells together\n", data);
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *here = &figures->differences[i];
		const WorkflowFigures *workflow = figures_workflow(figures, 0, here->kind, here->drive, here->origin);

		if (!isfinite(here->ratio.value) || workflow == NULL ||
			(here->step < 0 && workflow->own_round_trips && workflow->nsteps == 1))
			continue;
		fprintf(data, "\"%s: %s\" %.6f", words_cell(here, has_many_pairs(figures)), metric_title(here->metric),
				here->ratio.value);
		put_number(data, here->ratio.low, here->ratio.value);
		put_number(data, here->ratio.high, here->ratio.value);
		fprintf(data, " %d\n", here->differs);
		rows++;
	}
	good = plots_close(data, pictures->to.dir, "differences", PLOT_DATA);
	if (!good || rows == 0)
		return good;
	file = picture_begin(&pictures->to, "differences", "Side B against side A",
						 "Ratios of the same iteration; left of the upright line, side B took less time.");
	if (file != NULL)
		fputs("data = 'differences.dat'\naxis_text = 'time of side B / time of side A'\n", file);
	return picture_end(&pictures->to, file, "differences");
}

static bool
write_pictures(RunPictures *pictures, const char *dir)
{
	char	   *text = conditions(pictures->figures);
	bool		good = pictures_begin(&pictures->to, dir, text);
	Pair		pair;

	good = write_latency(pictures) && good;
	for (int i = 0; pair_at(pictures->figures, i, &pair); i++)
		if (was_measured(&pair))
			good = write_parts(pictures, &pair) && good;
	good = write_approaches(pictures) && good;
	good = write_differences(pictures) && good;
	free(text);
	return pictures_end(&pictures->to, good);
}

bool
plots_write(const Figures *figures, const char *dir)
{
	RunPictures pictures = {.figures = figures};

	return write_pictures(&pictures, dir);
}

bool
plots_for_page(const Figures *figures, Pictures *drawn)
{
	RunPictures pictures = {.figures = figures,.to = *drawn};
	bool		good = write_pictures(&pictures, drawn->dir);

	*drawn = pictures.to;
	return good;
}
