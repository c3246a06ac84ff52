/*
 * plot.c
 *	  Writes the plots' files and has gnuplot draw them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/plot.h"
#include "report/plot_internal.h"
#include "statistics/summary.h"
#include "util/memory.h"
#include "util/message.h"

#define MAX_PICTURES (DRIVE_COUNT * ORIGIN_COUNT * 2 + 2)

/* what a child that could not become gnuplot exits with, as a shell does */
#define EXIT_NOT_FOUND 127

typedef struct Pictures
{
	const char *dir;
	int			n;
	char	   *scripts[MAX_PICTURES];
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
plot_dir_check(const char *dir)
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

static bool
close_file(FILE *file, const char *dir, const char *name, const char *ending)
{
	bool		good = !ferror(file);

	if (fclose(file) == 0 && good)
		return true;
	print_error("could not write \"%s/%s%s\": %s", dir, name, ending, strerror(errno));
	return false;
}

static bool
write_data(const char *dir, const char *name, const PlotRow *rows, int nrows, bool percent)
{
	FILE	   *file = open_file(dir, name, ".dat");

	if (file == NULL)
		return false;
	plot_write_rows(file, rows, nrows, percent);
	return close_file(file, dir, name, ".dat");
}

/* note a script that is written, to be run later */
static bool
close_script(Pictures *pictures, FILE *file, const char *name)
{
	if (!close_file(file, pictures->dir, name, ".gnuplot"))
		return false;
	pictures->scripts[pictures->n++] = xasprintf("%s.gnuplot", name);
	return true;
}

/* the parts of one series, absolute and in percent */
static bool
write_parts(Pictures *pictures, const Result *result, const Series *series)
{
	PlotRow    *rows;
	int			nrows = plot_step_rows(series, &rows);
	bool		good = true;

	for (int percent = 0; nrows > 0 && percent <= 1; percent++)
	{
		char		name[PLOT_NAME_SIZE];
		FILE	   *file;

		snprintf(name, sizeof(name), "parts%s-%s-%s", percent ? "-percent" : "",
				 drive_names[series->drive], origin_names[series->origin]);
		good = write_data(pictures->dir, name, rows, nrows, percent) && good;
		file = open_file(pictures->dir, name, ".gnuplot");
		if (file == NULL)
		{
			good = false;
			continue;
		}
		plot_script_parts(file, result, name, rows, nrows, percent);
		good = close_script(pictures, file, name) && good;
	}
	free(rows);
	return good;
}

/* round trips against size, of all series whose steps have one; the data are those of the parts */
static bool
write_latency(Pictures *pictures, const Result *result)
{
	char		names[DRIVE_COUNT * ORIGIN_COUNT][PLOT_NAME_SIZE];
	const char *data[DRIVE_COUNT * ORIGIN_COUNT];
	const Series *series[DRIVE_COUNT * ORIGIN_COUNT];
	int			n = 0;
	FILE	   *file;

	for (int i = 0; i < result->nseries && n < DRIVE_COUNT * ORIGIN_COUNT; i++)
	{
		PlotRow    *rows;
		int			nrows;

		if (result->series[i]->kind != WORKFLOW_MULTIPLE ||
			!series_has_step_round_trips(result->series[i]))
			continue;
		nrows = plot_step_rows(result->series[i], &rows);
		free(rows);
		if (nrows == 0)
			continue;
		snprintf(names[n], sizeof(names[n]), "parts-%s-%s", drive_names[result->series[i]->drive],
				 origin_names[result->series[i]->origin]);
		data[n] = names[n];
		series[n++] = result->series[i];
	}
	if (n == 0)
		return true;
	file = open_file(pictures->dir, "latency", ".gnuplot");
	if (file == NULL)
		return false;
	plot_script_latency(file, result, "latency", data, series, n);
	return close_script(pictures, file, "latency");
}

static bool
write_approaches(Pictures *pictures, const Result *result)
{
	PlotRow    *rows;
	int			nrows = plot_workflow_rows(result, &rows);
	bool		good = true;
	FILE	   *file;

	if (nrows > 0)
	{
		good = write_data(pictures->dir, "approaches", rows, nrows, false);
		file = open_file(pictures->dir, "approaches", ".gnuplot");
		if (file != NULL)
		{
			plot_script_approaches(file, result, "approaches", rows, nrows);
			good = close_script(pictures, file, "approaches") && good;
		}
		else
			good = false;
	}
	free(rows);
	return good;
}

/* gnuplot on one script, in the folder, without a shell; its exit status, or -1 */
static int
run_gnuplot(const char *dir, const char *script)
{
	pid_t		child;
	int			status;

	fflush(NULL);
	child = fork();
	if (child == 0)
	{
		/* without UTF-8 it complains of a sign that it does not need; -d: not the user's own settings */
		setenv("LC_ALL", "C.UTF-8", 1);
		if (chdir(dir) == 0)
			execlp("gnuplot", "gnuplot", "-d", script, (char *) NULL);
		_exit(errno == ENOENT ? EXIT_NOT_FOUND : 126);
	}
	if (child < 0)
		return -1;
	while (waitpid(child, &status, 0) < 0)
	{
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
draw(const Pictures *pictures)
{
	bool		good = true;

	for (int i = 0; i < pictures->n; i++)
	{
		int			status = run_gnuplot(pictures->dir, pictures->scripts[i]);

		if (status == EXIT_NOT_FOUND)
		{
			print_error("gnuplot was not found, so no picture is drawn; data and scripts are in \"%s\"",
						pictures->dir);
			print_hint("install it (on Debian: apt-get install gnuplot-nox), then run gnuplot *.gnuplot there");
			return false;
		}
		if (status != 0)
		{
			print_error("gnuplot failed on \"%s/%s\"", pictures->dir, pictures->scripts[i]);
			good = false;
		}
	}
	return good;
}

bool
plot_write(const Result *result, const char *dir)
{
	Pictures	pictures;
	bool		good = true;

	memset(&pictures, 0, sizeof(pictures));
	pictures.dir = dir;
	for (int i = 0; i < result->nseries; i++)
	{
		if (result->series[i]->kind == WORKFLOW_MULTIPLE && pictures.n < MAX_PICTURES - 4)
			good = write_parts(&pictures, result, result->series[i]) && good;
	}
	good = write_latency(&pictures, result) && good;
	good = write_approaches(&pictures, result) && good;
	good = draw(&pictures) && good;
	if (good && pictures.n > 0)
		printf("\n%d plots, each as PNG and SVG, are in \"%s\".\n", pictures.n, dir);
	for (int i = 0; i < pictures.n; i++)
		free(pictures.scripts[i]);
	return good;
}
