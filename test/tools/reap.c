/*
 * reap.c
 *	  Runs a command, and takes leave of what its processes leave behind.
 *
 * A server's first process loses its parent, pg_ctl, as soon as it runs.  When a
 * test kills it, whoever adopted it must wait for it: till then its number is in
 * use, and a new server refuses to start in the same folder.  Process 1 does that
 * on most systems, in a plain container often not.  So this adopts them.
 *
 *	  reap COMMAND [ARGUMENT]...
 *
 * Its exit status is the command's (128 + N where signal N ended it).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t command_pid;

/* The terminal sends SIGINT to the command too; what comes to us alone is handed on. */
static void
handle_signal(int signal_number)
{
	if (signal_number != SIGINT && signal_number != SIGQUIT && command_pid > 0)
		kill((pid_t) command_pid, signal_number);
}

/* A signal that was ignored for us stays so for the command. */
static void
install_handlers(void)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	struct sigaction action;
	struct sigaction before;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handle_signal;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
	{
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

int
main(int argc, char **argv)
{
	pid_t		self = getpid();
	pid_t		child;
	pid_t		ended;
	int			status;

	if (argc < 2)
	{
		fprintf(stderr, "usage: reap COMMAND [ARGUMENT]...\n");
		return 2;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
	{
		perror("reap: prctl");
		return 1;
	}
	install_handlers();
	child = fork();
	if (child < 0)
	{
		perror("reap: fork");
		return 1;
	}
	if (child == 0)
	{
		/* not without us, whose end may have come already */
		if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == self)
			execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	command_pid = child;
	do
		ended = waitpid(-1, &status, 0);
	while (ended != child && (ended > 0 || errno == EINTR));
	if (ended != child)
	{
		perror("reap: waitpid");
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
