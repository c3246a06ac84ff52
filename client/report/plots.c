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
#include <stdarg.h>
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

/* with every missing folder on the way to it */
static bool
make_folder(const char *dir)
{
	char	   *path = xasprintf("%s/", dir);
	bool		good = true;

	for (char *slash = strchr(path + 1, '/'); slash != NULL && good; slash = strchr(slash + 1, '/'))
	{
		*slash = '\0';
		good = mkdir(path, 0777) == 0 || errno == EEXIST;
		*slash = '/';
	}
	good = good && access(path, W_OK | X_OK) == 0;
	free(path);
	return good;
}

bool
plots_check_dir(const char *dir)
{
	if (make_folder(dir))
		return true;
	print_error("could not write plots into \"%s\": %s", dir, strerror(errno));
	return false;
}

/* name and ending: "latency", ".dat"; false, with a message, where it could not be written */
static bool
write_file(const char *dir, const char *name, const char *ending, const char *text)
{
	char	   *path = xasprintf("%s/%s%s", dir, name, ending);
	FILE	   *file = fopen(path, "w");
	bool		good = file != NULL && fputs(text, file) != EOF;

	if (file != NULL)
		good = fclose(file) == 0 && good;
	if (!good)
		print_error("could not write \"%s\": %s", path, strerror(errno));
	free(path);
	return good;
}

/* a length of text between single quotes */
static void
add_quoted(char **out, const char *text, int length)
{
	text_add(out, "'");
	for (int i = 0; i < length; i++)
		text_add(out, "%s%c", text[i] == '\'' ? "'" : "", (unsigned char) text[i] < 0x20 ? ' ' : text[i]);
	text_add(out, "'");
}

/* bytes of a text that fit on a line, up to a blank where there is one, and never half a character of UTF-8 */
static int
fitting(const char *text)
{
	int			n = (int) strlen(text);

	if (n <= LINE_CHARACTERS)
		return n;
	n = LINE_CHARACTERS;
	while (n > LINE_CHARACTERS / 2 && text[n] != ' ')
		n--;
	if (text[n] != ' ')
		n = LINE_CHARACTERS;
	while (((unsigned char) text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* name = 'text', in two lines where one is too long; what is longer still ends in "..." */
static void
add_text(char **out, const char *name, const char *text)
{
	int			length = fitting(text);

	text_add(out, "%s = ", name);
	add_quoted(out, text, length);
	text += length;
	if (*text != '\0')
	{
		length = fitting(text);
		text_add(out, ".\"\\n\".");
		add_quoted(out, text, length);
		if (text[length] != '\0')
			text_add(out, ".'...'");
	}
	text_add(out, "\n");
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

static bool add_picture(Pictures *pictures, const char *name, const char *program, const char *heading,
						const char *caption, const char *format,...)
			__attribute__((format(printf, 6, 7)));

/* a picture's file of names, those of its kind at the end; false, with a message, where it cannot be made */
static bool
add_picture(Pictures *pictures, const char *name, const char *program, const char *heading, const char *caption,
			const char *format,...)
{
	char	   *under = conditions(pictures->figures);
	char	   *text = NULL;
	va_list		args;
	bool		good;

	text_add(&text, "# run in this folder: gnuplot %s" PICTURE "\nname = '%s'\n", name, name);
	add_text(&text, "heading", heading);
	add_text(&text, "conditions", under);
	add_text(&text, "caption", caption);
	va_start(args, format);
	text_add_list(&text, format, args);
	va_end(args);
	text_add(&text, "picture = 'png'; load '%s.gp'\npicture = 'svg'; load '%s.gp'\n", program, program);
	good = write_file(pictures->dir, name, PICTURE, text);
	if (good)
	{
		pictures->files = xrealloc(pictures->files, (size_t) (pictures->n + 1) * sizeof(char *));
		pictures->files[pictures->n++] = xasprintf("%s" PICTURE, name);
	}
	free(under);
	free(text);
	return good;
}

static void
add_number(char **data, double value, double otherwise)
{
	text_add(data, " %.6f", isfinite(value) ? value : isfinite(otherwise) ? otherwise : 0.0);
}

/* a row of a data file; without an interval its ends are the value itself, an unknown part is 0 */
static void
add_row(char **data, const char *name, const Cell *cell)
{
	const Summary *time = main_time(cell);

	text_add(data, "\"%s\" %lld %lld", name, (long long) cell->payload_bytes, (long long) time->n);
	add_number(data, time->median.value, 0.0);
	add_number(data, time->median.low, time->median.value);
	add_number(data, time->median.high, time->median.value);
	add_number(data, time->p95, time->median.value);
	add_number(data, time->mean.value, 0.0);
	add_number(data, time->mean.low, time->mean.value);
	add_number(data, time->mean.high, time->mean.value);
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		add_number(data, cell->time[m].mean.value, 0.0);
	text_add(data, "\n");
}

/* the first lines of a data file; malloc'd */
static char *
data_begin(void)
{
	char	   *data = NULL;

	text_add(&data, "# name, bytes, n; p50 and its 95 %% interval, p95; mean and its interval; the parts' means; all in ms\n"
			 "# name bytes n p50 p50_low p50_high p95 mean mean_low mean_high");
	for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		text_add(&data, " %s", metric_names[m]);
	text_add(&data, "\n");
	return data;
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
	char	   *rows = data_begin();
	bool		good;

	for (int i = 0; i < pair->nsteps; i++)
		add_row(&rows, pair->cells[i].name, pair->cells[i].cell);
	good = write_file(pictures->dir, data, DATA, rows);
	for (size_t i = 0; good && i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		char	   *name = xasprintf("%s-%s", kinds[i].prefix, which);

		good = add_picture(pictures, name, kinds[i].program, heading, kinds[i].caption, "data = '%s.dat'\nwhole = '%s'\n",
						   data, pair->multiple->own_round_trips ? "round trip" : "time in the server");
		free(name);
	}
	free(rows);
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
		good = add_picture(pictures, "latency", "latency", "Round trip of a step against the size of its payload",
						   "Upright dashes: PostgreSQL moves values above 2 kB out of the row (TOAST); Temporal, another engine, "
						   "warns above 256 KiB, refuses above 2 MiB.", "files = '%s'\ntitles = '%s'\nmarkers = 1\n",
						   files, titles);
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
	bool		good;
	Pair		pair;
	char	   *data = data_begin();

	for (int i = 0; pair_at(figures, i, &pair); i++)
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
			add_row(&data, name, &workflows[w]->whole);
			free(name);
			rows++;
		}
	}
	good = write_file(pictures->dir, "approaches", DATA, data);
	if (good && rows > 0)
	{
		int			width = 340 + 110 * rows;

		good = add_picture(pictures, "approaches", "approaches", heading,
						   "Bars: the mean of each part of all calls; they add up to the mean of the whole (dot).",
						   "data = 'approaches.dat'\nwidth = %d\n", width < 1300 ? 1300 : width);
	}
	free(data);
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
	char	   *data = NULL;

	if (figures->nsides < 2)
		return true;
	text_add(&data, "# name, ratio B / A, its 95 %% interval, 1: differs by all cells together\n");
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *here = &figures->differences[i];
		const WorkflowFigures *workflow = figures_workflow(figures, 0, here->kind, here->drive, here->origin);

		if (!isfinite(here->ratio.value) || workflow == NULL ||
			(here->step < 0 && workflow->own_round_trips && workflow->nsteps == 1))
			continue;
		text_add(&data, "\"%s: %s\" %.6f", words_cell(here, has_many_pairs(figures)), metric_title(here->metric),
				 here->ratio.value);
		add_number(&data, here->ratio.low, here->ratio.value);
		add_number(&data, here->ratio.high, here->ratio.value);
		text_add(&data, " %d\n", here->differs);
		rows++;
	}
	good = write_file(pictures->dir, "differences", DATA, data);
	free(data);
	if (good && rows > 0)
		good = add_picture(pictures, "differences", "differences", "Side B against side A",
						   "Ratios of the same iteration; left of the upright line, side B took less time.",
						   "data = 'differences.dat'\naxis_text = 'time of side B / time of side A'\n");
	return good;
}

bool
plots_write(const Figures *figures, const char *dir)
{
	Pictures	pictures = {.figures = figures,.dir = dir};
	Pair		pair;
	bool		good = true;

	for (int i = 0; plot_programs[i].name != NULL && good; i++)
		good = write_file(dir, plot_programs[i].name, "", plot_programs[i].text);
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
