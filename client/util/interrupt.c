/*
 * interrupt.c
 *	  SIGINT and SIGTERM.
 */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/interrupt.h"
#include "util/output.h"

static volatile sig_atomic_t signals_seen = 0;
static volatile sig_atomic_t end_at_once = 1;

static void
handle_signal(int signal_number)
{
	(void) signal_number;
	if (end_at_once || signals_seen > 0)
	{
		output_discard();
		_exit(EXIT_INTERRUPTED);
	}
	signals_seen = 1;
}

/* Catch SIGINT and SIGTERM; a write to a closed pipe becomes an error. */
void
interrupt_install(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handle_signal;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);	/* no SA_RESTART: poll() must return */
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

bool
interrupted(void)
{
	return signals_seen > 0;
}

void
interrupt_at_once(bool at_once)
{
	end_at_once = at_once ? 1 : 0;
}

void
interrupt_forget(void)
{
	signals_seen = 0;
	end_at_once = 1;
}

/* In slices: a signal can come just before the sleep. */
bool
interruptible_sleep(int64_t ns)
{
	int64_t		until = now_ns() + ns;
	int64_t		left;

	while (signals_seen == 0 && (left = until - now_ns()) > 0)
	{
		int64_t		slice = left < NS_PER_S / 4 ? left : NS_PER_S / 4;
		struct timespec request = {0, (long) slice};

		nanosleep(&request, NULL);
	}
	return signals_seen == 0;
}
