/*
 * plots.c
 *	  Pictures of a run, drawn by gnuplot.
 *
 * The programs are gnuplot's own files, plots/, written as they are into the
 * folder.  Beside them go the data, and for each picture a file of its names,
 * which runs the program of its kind.  Text that is not this file's own stands
 * between single quotes there, where gnuplot interprets nothing.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/plots.h"
#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

/* characters of the line under the title that fit on the narrowest picture */
#define LINE_CHARACTERS 150

#define PICTURE ".gnuplot"
#define DATA ".dat"

typedef struct Pictures
{
	const Figures *figures;
	const char *dir;
	int			n;
	char	  **files;			/* of names, to be run by gnuplot */
} Pictures;

/* every missing folder of a path */
static bool
make_folders(const char *dir)
{
	char	   *path = xstrdup(dir);
	bool		good = true;

	for (char *slash = path + 1; good; slash++)
	{
		bool		last;

		slash += strcspn(slash, "/");
		last = *slash == '\0';
		*slash = '\0';
		good = mkdir(path, 0777) == 0 || errno == EEXIST;
		if (last)
			break;
		*slash = '/';
	}
	free(path);
	return good;
}

bool
plots_check_dir(const char *dir)
{
	struct stat status;

	if (*dir == '\0')
	{
		print_error("the folder for plots has no name");
		return false;
	}
	if (!make_folders(dir))
	{
		print_error("could not make the folder \"%s\" for plots: %s", dir, strerror(errno));
		return false;
	}
	if (stat(dir, &status) != 0 || !S_ISDIR(status.st_mode))
	{
		print_error("\"%s\" is no folder, plots cannot go there", dir);
		return false;
	}
	if (access(dir, W_OK | X_OK) != 0)
	{
		print_error("could not write plots into \"%s\": %s", dir, strerror(errno));
		return false;
	}
	return true;
}

/* name and ending: "latency", ".dat" */
static FILE *
open_file(const char *dir, const char *name, const char *ending)
{
	char	   *path = xasprintf("%s/%s%s", dir, name, ending);
	FILE	   *file = fopen(path, "w");

	if (file == NULL)
		print_error("could not open \"%s\": %s", path, strerror(errno));
	free(path);
	return file;
}

/* false, with a message unless it could not even be opened */
static bool
close_file(FILE *file, const char *dir, const char *name, const char *ending)
{
	bool		good = file != NULL && !ferror(file);

	if (file == NULL || (fclose(file) == 0 && good))
		return good;
	print_error("could not write \"%s/%s%s\": %s", dir, name, ending, strerror(errno));
	return false;
}

static bool
write_programs(const char *dir)
{
	bool		good = true;

	for (int i = 0; plot_programs[i].name != NULL && good; i++)
	{
		FILE	   *file = open_file(dir, plot_programs[i].name, "");

		if (file != NULL)
			fputs(plot_programs[i].text, file);
		good = close_file(file, dir, plot_programs[i].name, "");
	}
	return good;
}

/* a length of text between single quotes */
static void
put_quoted(FILE *file, const char *text, int length)
{
	fputc('\'', file);
	for (int i = 0; i < length; i++)
	{
		if (text[i] == '\'')
			fputc('\'', file);
		fputc((unsigned char) text[i] < 0x20 ? ' ' : text[i], file);
	}
	fputc('\'', file);
}

/* name = 'text', in two lines where one is too long; what is longer still ends in "..." */
static void
put_text(FILE *file, const char *name, const char *text)
{
	int			length = (int) strlen(text);
	int			first = length;

	fprintf(file, "%s = ", name);
	if (length > LINE_CHARACTERS)
	{
		first = LINE_CHARACTERS;
		while (first > LINE_CHARACTERS / 2 && text[first] != ' ')
			first--;
		/* not within a character of UTF-8 */
		while (first > 0 && ((unsigned char) text[first] & 0xC0) == 0x80)
			first--;
	}
	put_quoted(file, text, first);
	if (first < length)
	{
		int			second = length - first > LINE_CHARACTERS ? LINE_CHARACTERS - 3 : length - first;

		while (first + second < length && ((unsigned char) text[first + second] & 0xC0) == 0x80)
			second--;
		fputs(".\"\\n\".", file);
		put_quoted(file, text + first, second);
		if (first + second < length)
			fputs(".'...'", file);
	}
	fputc('\n', file);
}

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

/* a picture's file of names; NULL, with a message, where it cannot be made; the caller adds its own names */
static FILE *
picture_begin(const Pictures *pictures, const char *name, const char *heading, const char *caption)
{
	FILE	   *file = open_file(pictures->dir, name, PICTURE);
	char	   *text = conditions(pictures->figures);

	if (file != NULL)
	{
		fprintf(file, "# run in this folder: gnuplot %s" PICTURE "\nname = '%s'\n", name, name);
		put_text(file, "heading", heading);
		put_text(file, "conditions", text);
		put_text(file, "caption", caption);
	}
	free(text);
	return file;
}

static bool
picture_end(Pictures *pictures, FILE *file, const char *name, const char *program)
{
	if (file != NULL)
		fprintf(file, "picture = 'png'; load '%s.gp'\npicture = 'svg'; load '%s.gp'\n", program, program);
	if (!close_file(file, pictures->dir, name, PICTURE))
		return false;
	pictures->files = xrealloc(pictures->files, (size_t) (pictures->n + 1) * sizeof(char *));
	pictures->files[pictures->n++] = xasprintf("%s" PICTURE, name);
	return true;
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
data_begin(const Pictures *pictures, const char *name)
{
	FILE	   *file = open_file(pictures->dir, name, DATA);

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
write_parts_data(const Pictures *pictures, const Pair *pair, const char *name)
{
	FILE	   *file = data_begin(pictures, name);

	for (int s = 0; file != NULL && s < pair->nsteps; s++)
		put_row(file, pair->cells[s].name, pair->cells[s].cell);
	return close_file(file, pictures->dir, name, DATA);
}

/* the parts of one pair's steps, in ms and in percent */
static bool
write_parts(Pictures *pictures, const Pair *pair)
{
	static const struct
	{
		const char *prefix;
		const char *program;
		const char *caption;
	}			kinds[] = {
		{"parts", "parts", "Bars: the mean of each part; they add up to the mean of the whole (dot)."},
		{"parts-percent", "percent", "Bars: the mean of each part in percent of the mean of the whole."}
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
		FILE	   *file = picture_begin(pictures, name, heading, kinds[i].caption);

		if (file != NULL)
			fprintf(file, "data = '%s.dat'\nwhole = '%s'\n", data,
					pair->multiple->own_round_trips ? "round trip" : "time in the server");
		good = picture_end(pictures, file, name, kinds[i].program);
		free(name);
	}
	free(heading);
	free(data);
	free(which);
	return good;
}

/* round trips against size, of every pair whose steps have one; the data are those of the parts */
static bool
write_latency(Pictures *pictures)
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
		file = picture_begin(pictures, "latency", "Round trip of a step against the size of its payload",
							 "Upright dashes: PostgreSQL moves values above 2 kB out of the row (TOAST); Temporal, another engine, "
							 "warns above 256 KiB, refuses above 2 MiB.");
		if (file != NULL)
			fprintf(file, "files = '%s'\ntitles = '%s'\nmarkers = 1\n", files, titles);
		good = picture_end(pictures, file, "latency", "latency");
	}
	free(files);
	free(titles);
	return good;
}

/* all workflows as one, the two of a pair side by side */
static bool
write_approaches(Pictures *pictures)
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
	good = close_file(data, pictures->dir, "approaches", DATA);
	if (good && rows > 0)
	{
		int			width = 340 + 110 * rows;

		file = picture_begin(pictures, "approaches", heading,
							 "Bars: the mean of each part of all calls; they add up to the mean of the whole (dot).");
		if (file != NULL)
			fprintf(file, "data = 'approaches.dat'\nwidth = %d\n", width < 1300 ? 1300 : width);
		good = picture_end(pictures, file, "approaches", "approaches");
	}
	free(heading);
	return good;
}

/* two sides: every cell's ratio */
static bool
write_differences(Pictures *pictures)
{
	const Figures *figures = pictures->figures;
	int			rows = 0;
	bool		good;
	FILE	   *data;
	FILE	   *file;

	if (figures->nsides < 2)
		return true;
	data = open_file(pictures->dir, "differences", DATA);
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
	good = close_file(data, pictures->dir, "differences", DATA);
	if (!good || rows == 0)
		return good;
	file = picture_begin(pictures, "differences", "Side B against side A",
						 "Ratios of the same iteration; left of the upright line, side B took less time.");
	if (file != NULL)
		fputs("data = 'differences.dat'\naxis_text = 'time of side B / time of side A'\n", file);
	return picture_end(pictures, file, "differences", "differences");
}

bool
plots_write(const Figures *figures, const char *dir)
{
	Pictures	pictures = {.figures = figures,.dir = dir};
	Pair		pair;
	bool		good = write_programs(dir);

	for (int i = 0; pair_at(figures, i, &pair); i++)
		if (was_measured(&pair))
			good = write_parts(&pictures, &pair) && good;
	good = write_latency(&pictures) && good;
	good = write_approaches(&pictures) && good;
	good = write_differences(&pictures) && good;
	good = plots_draw(dir, (const char *const *) pictures.files, pictures.n) && good;
	if (good && pictures.n > 0)
		print_hint("%d plots, each as PNG and SVG, are in \"%s\"", pictures.n, dir);
	for (int i = 0; i < pictures.n; i++)
		free(pictures.files[i]);
	free(pictures.files);
	return good;
}
