/*
 * progress.c
 *	  How far a run is.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drive/progress.h"
#include "util/clock.h"

/* on a terminal: not before this, and not more often than that */
#define TERMINAL_DELAY_NS (2 * NS_PER_S)
#define TERMINAL_EVERY_NS (NS_PER_S / 5)

/* Ends after total iterations, or at until_ns where that is not 0. */
void
progress_begin(Progress *progress, const Options *options, const char *what,
			   int total, int64_t until_ns)
{
	memset(progress, 0, sizeof(*progress));
	progress->what = what;
	progress->total = total;
	progress->until_ns = until_ns;
	progress->began = now_ns();
	progress->shown = progress->began;
	progress->every_s = options->progress_s;
	progress->terminal = options->progress_s == 0 && isatty(STDERR_FILENO);
}

/* By the pace so far, or by the clock, whichever ends it first. */
static double
seconds_left(const Progress *progress, int done, int64_t now)
{
	double		by_pace = (double) (now - progress->began) / done *
		(progress->total - done) / (double) NS_PER_S;
	double		by_clock = (double) (progress->until_ns - now) / (double) NS_PER_S;

	return progress->until_ns > 0 && by_clock < by_pace ? by_clock : by_pace;
}

void
progress_show(Progress *progress, int done)
{
	int64_t		now = now_ns();
	int64_t		every = progress->terminal ? TERMINAL_EVERY_NS : progress->every_s * NS_PER_S;
	char		of[32] = "";

	if ((!progress->terminal && progress->every_s == 0) || done == 0 ||
		now - progress->shown < every ||
		(progress->terminal && now - progress->began < TERMINAL_DELAY_NS))
		return;
	progress->shown = now;
	if (progress->total < MAX_ITERATIONS)
		snprintf(of, sizeof(of), "/%d", progress->total);
	fprintf(stderr, "%s%s: iteration %d%s, %.0f s left%s",
			progress->terminal ? "\r" : "", progress->what, done, of,
			seconds_left(progress, done, now), progress->terminal ? "    " : "\n");
	progress->on_line = progress->terminal;
}

/* Take the line away, so that what follows starts on a clean one. */
void
progress_end(Progress *progress)
{
	if (progress->on_line)
		fputs("\r\033[K", stderr);
	progress->on_line = false;
}
