/*
 * plots_files.c
 *	  The files of pictures: gnuplot's programs, data, and a file of names for each.
 *
 * The programs are gnuplot's own files, plots/, written as they are into the
 * folder.  Beside them go the data, and for each picture a file of its names,
 * which runs the program of its kind.  Text that is not this file's own stands
 * between single quotes there, where gnuplot interprets nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/plots.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/utf8.h"

/* characters of the line under the title that fit on the narrowest picture */
#define LINE_CHARACTERS 150

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

FILE *
plots_open(const char *dir, const char *name, const char *ending)
{
	char	   *path = xasprintf("%s/%s%s", dir, name, ending);
	FILE	   *file = fopen(path, "w");

	if (file == NULL)
		print_error("could not open \"%s\": %s", path, strerror(errno));
	free(path);
	return file;
}

bool
plots_close(FILE *file, const char *dir, const char *name, const char *ending)
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
		FILE	   *file = plots_open(dir, plot_programs[i].name, "");

		if (file != NULL)
			fputs(plot_programs[i].text, file);
		good = plots_close(file, dir, plot_programs[i].name, "");
	}
	return good;
}

void
plots_put_quoted(FILE *file, const char *text, int length)
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
		first = (int) utf8_whole(text, (size_t) first);
	}
	plots_put_quoted(file, text, first);
	if (first < length)
	{
		int			second = length - first > LINE_CHARACTERS ? LINE_CHARACTERS - 3 : length - first;

		second = (int) utf8_whole(text, (size_t) (first + second)) - first;
		fputs(".\"\\n\".", file);
		plots_put_quoted(file, text + first, second);
		if (first + second < length)
			fputs(".'...'", file);
	}
	fputc('\n', file);
}

FILE *
picture_begin(Pictures *pictures, const char *name, const char *heading, const char *caption)
{
	FILE	   *file = plots_open(pictures->dir, name, PLOT_NAMES);

	if (file != NULL)
	{
		fprintf(file, "# run in this folder: gnuplot %s" PLOT_NAMES "\nname = '%s'\n", name, name);
		put_text(file, "heading", pictures->for_page ? "" : heading);
		put_text(file, "conditions", pictures->for_page ? "" : pictures->conditions);
		put_text(file, "caption", pictures->for_page ? "" : caption);
		if (pictures->for_page)
			fputs("width = 1000\nheight = 540\n", file);
	}
	pictures->list = xrealloc(pictures->list, (size_t) (pictures->n + 1) * sizeof(Picture));
	pictures->list[pictures->n++] = (Picture) {xstrdup(name), xstrdup(heading), xstrdup(caption)};
	return file;
}

bool
picture_end(const Pictures *pictures, FILE *file, const char *program)
{
	if (file != NULL && !pictures->for_page)
		fprintf(file, "picture = 'png'; load '%s.gp'\n", program);
	if (file != NULL)
		fprintf(file, "picture = 'svg'; load '%s.gp'\n", program);
	return plots_close(file, pictures->dir, pictures->list[pictures->n - 1].name, PLOT_NAMES);
}

bool
pictures_begin(Pictures *pictures, const char *dir, const char *conditions)
{
	pictures->dir = dir;
	pictures->conditions = conditions;
	return write_programs(dir);
}

bool
pictures_end(Pictures *pictures, bool good)
{
	good = plots_draw(pictures) && good;
	if (pictures->for_page)
		return good;
	if (good && pictures->n > 0)
		print_hint("%d plots, each as PNG and SVG, are in \"%s\"", pictures->n, pictures->dir);
	pictures_free(pictures);
	return good;
}

void
pictures_free(Pictures *pictures)
{
	for (int i = 0; i < pictures->n; i++)
	{
		free(pictures->list[i].name);
		free(pictures->list[i].heading);
		free(pictures->list[i].caption);
	}
	free(pictures->list);
	pictures->list = NULL;
	pictures->n = 0;
}
