/*
 * plots_draw.c
 *	  Run gnuplot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/plots.h"
#include "util/memory.h"
#include "util/message.h"

/* what a child that could not become gnuplot exits with, as a shell does */
#define EXIT_NOT_FOUND 127
#define EXIT_NOT_RUN 126

/*
 * In a session of its own, without a terminal, whatever it would like to ask one:
 * a job in the background would be stopped by that.
 */
static void
become_gnuplot(const char *dir, const char *file)
{
	int			nothing = open("/dev/null", O_RDWR);

	setsid();
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 || chdir(dir) != 0)
		_exit(EXIT_NOT_RUN);
	unsetenv("GNUTERM");
	unsetenv("DISPLAY");
	unsetenv("GNUPLOT_LIB");
	/* without UTF-8 it complains of a sign that it does not need; -d: not the user's own settings */
	setenv("LC_ALL", "C.UTF-8", 1);
	execlp("gnuplot", "gnuplot", "-d", file, (char *) NULL);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN);
}

/* its exit status, or -1 */
static int
run_gnuplot(const char *dir, const char *file)
{
	pid_t		child;
	int			status;

	fflush(NULL);
	child = fork();
	if (child == 0)
		become_gnuplot(dir, file);
	if (child < 0)
		return -1;
	while (waitpid(child, &status, 0) < 0)
	{
		if (errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool
plots_draw(const Pictures *pictures)
{
	bool		good = true;

	for (int i = 0; i < pictures->n; i++)
	{
		char	   *file = xasprintf("%s" PLOT_NAMES, pictures->list[i].name);
		int			status = run_gnuplot(pictures->dir, file);

		if (status != 0 && status != EXIT_NOT_FOUND)
		{
			print_error("gnuplot failed on \"%s/%s\"", pictures->dir, file);
			good = false;
		}
		free(file);
		if (status != EXIT_NOT_FOUND)
			continue;
		/* a page says it itself */
		if (pictures->for_page)
			return true;
		print_error("gnuplot was not found, so no picture is drawn; data and programs are in \"%s\"", pictures->dir);
		print_hint("install it (on Debian: apt-get install gnuplot-nox), then run gnuplot on each *.gnuplot there");
		return false;
	}
	return good;
}
