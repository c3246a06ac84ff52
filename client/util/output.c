/*
 * output.c
 *	  Result files that are whole or not there at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/memory.h"
#include "util/message.h"
#include "util/output.h"

#define TEMPORARY_SUFFIX ".XXXXXX"
#define MAX_LINKS 40

/* for output_discard(): the one temporary file being written */
static char pending[PATH_MAX];
static volatile sig_atomic_t is_pending;

/* where OUTPUT_STDOUT goes, once it is a result file's */
static int	taken_stdout = STDOUT_FILENO;

void
output_take_stdout(void)
{
	if (taken_stdout != STDOUT_FILENO)
		return;
	fflush(stdout);
	taken_stdout = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (taken_stdout < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
	{
		print_error("could not write to standard output: %s", strerror(errno));
		exit(EXIT_FAILURE);
	}
}

static bool
complain(const char *path, const char *what)
{
	print_error("%s \"%s\": %s", what, path, strerror(errno));
	return false;
}

/*
 * The file descriptor of ours that a path stands for, or -1.  Two openings of
 * one file have two positions and overwrite each other, so what is already
 * open as standard output, or named by its number, is not opened again.
 */
static int
own_descriptor(const char *path)
{
	int			number;
	char		more;
	struct stat named;
	struct stat ours;

	if (strcmp(path, OUTPUT_STDOUT) == 0 || strcmp(path, "/dev/stdout") == 0)
		return taken_stdout;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (sscanf(path, "/dev/fd/%d%c", &number, &more) == 1 || sscanf(path, "/proc/self/fd/%d%c", &number, &more) == 1)
		return number;
	if (stat(path, &named) == 0 && S_ISREG(named.st_mode))
	{
		for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		{
			if (fstat(fd, &ours) == 0 && ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
				return fd;
		}
	}
	return -1;
}

/* The path behind symbolic links, which need not exist; malloc'd. */
static char *
follow_links(const char *path)
{
	char	   *name = xstrdup(path);
	char		link[PATH_MAX];

	for (int i = 0; i < MAX_LINKS; i++)
	{
		ssize_t		length = readlink(name, link, sizeof(link) - 1);
		char	   *slash;
		char	   *next;

		if (length < 0)
			break;
		link[length] = '\0';
		slash = strrchr(name, '/');
		if (link[0] == '/' || slash == NULL)
			next = xstrdup(link);
		else
			next = xasprintf("%.*s/%s", (int) (slash - name), name, link);
		free(name);
		name = next;
	}
	return name;
}

/* May a file of this name be renamed over: is it new, or a regular file? */
static bool
is_replaceable(const char *path)
{
	struct stat status;

	if (stat(path, &status) == 0)
		return S_ISREG(status.st_mode);
	return errno == ENOENT;
}

/*
 * Create the temporary file beside the target, with the mode that the target
 * has or would get.  Its descriptor, or -1 with errno set.
 */
static int
create_temporary(const char *target, char **temporary)
{
	struct stat old;
	bool		replaces = stat(target, &old) == 0;
	mode_t		mask = umask(0);
	int			fd;
	int			saved;

	umask(mask);
	*temporary = xasprintf("%s" TEMPORARY_SUFFIX, target);
	fd = mkstemp(*temporary);
	saved = errno;
	if (fd >= 0)
	{
		/* not every user may give a file away, and the mode matters more */
		if (replaces && fchown(fd, old.st_uid, old.st_gid) != 0)
			errno = 0;
		if (fchmod(fd, replaces ? old.st_mode & 07777 : 0666 & ~mask) == 0)
			return fd;
		saved = errno;
		close(fd);
		unlink(*temporary);
	}
	free(*temporary);
	*temporary = NULL;
	errno = saved;
	return -1;
}

void
output_discard(void)
{
	if (is_pending)
		unlink(pending);
	is_pending = 0;
}

static void
output_forget(Output *output)
{
	output_discard();
	free(output->target);
	free(output->temporary);
}

bool
output_open(const char *path, Output *output)
{
	int			own = own_descriptor(path);
	int			fd;

	output->target = NULL;
	output->temporary = NULL;
	output->file = NULL;
	if (own >= 0)
	{
		/* what was printed before comes before */
		fflush(own == STDERR_FILENO ? stderr : stdout);
		fd = dup(own);
	}
	else if (!is_replaceable(path))
		fd = open(path, O_WRONLY | O_CLOEXEC);
	else
	{
		output->target = follow_links(path);
		fd = create_temporary(output->target, &output->temporary);
		if (fd >= 0 && strlen(output->temporary) < sizeof(pending))
		{
			snprintf(pending, sizeof(pending), "%s", output->temporary);
			is_pending = 1;
		}
	}
	if (fd >= 0)
		output->file = fdopen(fd, "w");
	if (output->file != NULL)
		return true;
	complain(path, output->target != NULL ? "could not create" : "could not open");
	if (output->target != NULL)
		print_hint("a result file is written under a temporary name in the same directory first; "
				   "the directory must exist and be writable.");
	if (fd >= 0)
		close(fd);
	output_forget(output);
	return false;
}

bool
output_close(const char *path, Output *output, bool complete)
{
	/* some file systems tell only at fsync that they are full; some cannot do it */
	bool		good = complete && !ferror(output->file) && fflush(output->file) == 0 &&
		(output->target == NULL || fsync(fileno(output->file)) == 0 || errno == EINVAL || errno == ENOTSUP);
	int			saved = errno;

	if (fclose(output->file) != 0 && good)
	{
		saved = errno;
		good = false;
	}
	if (good && output->target != NULL && rename(output->temporary, output->target) != 0)
	{
		saved = errno;
		good = false;
	}
	if (good)
		is_pending = 0;
	else
	{
		errno = saved != 0 ? saved : EIO;
		complain(path, "could not write");
	}
	output_forget(output);
	return good;
}

bool
output_path_check(const char *path)
{
	int			fd = own_descriptor(path);
	Output		output;
	struct stat status;

	if (path[0] == '\0')
	{
		print_error("the name of a result file is empty");
		return false;
	}
	if (fd >= 0)
	{
		int			flags = fcntl(fd, F_GETFL);

		if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		{
			errno = EBADF;
			flags = -1;
		}
		return flags >= 0 || complain(path, "could not write to");
	}
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
	{
		errno = EISDIR;
		return complain(path, "could not write to");
	}
	if (access(path, W_OK) != 0 && errno != ENOENT)
		return complain(path, "could not write to");
	if (!is_replaceable(path))
		return true;
	if (!output_open(path, &output))
		return false;
	fclose(output.file);
	output_forget(&output);
	return true;
}
