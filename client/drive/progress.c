/*
 * progress.c
 *	  How far a run is.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "drive/blocks.h"
#include "util/clock.h"

/* on a terminal: not before this, and not more often than that */
#define TERMINAL_DELAY_NS (2 * NS_PER_S)
#define TERMINAL_EVERY_NS (NS_PER_S / 5)

void
progress_begin(Progress *progress, int every_s, int blocks, bool at_least, int64_t until_ns)
{
	int64_t		now = now_ns();

	*progress = (Progress) {
		.blocks = blocks, .at_least = at_least, .until_ns = until_ns, .began = now, .shown = now,
		.every_s = every_s, .terminal = every_s == 0 && isatty(STDERR_FILENO),
	};
}

/* By the pace so far and by the clock. */
static double
seconds_left(const Progress *progress, double blocks_done, int64_t now)
{
	double		by_clock = (double) (progress->until_ns - now) / (double) NS_PER_S;
	double		by_pace = INFINITY;
	double		left;

	if (progress->blocks > 0 && blocks_done > 0)
		by_pace = (double) (now - progress->began) / (double) NS_PER_S *
			(progress->blocks - blocks_done) / blocks_done;
	if (progress->until_ns == 0)
		left = by_pace;
	else if (progress->blocks == 0)
		left = by_clock;
	else
		left = progress->at_least ? fmax(by_clock, by_pace) : fmin(by_clock, by_pace);
	return left > 0 ? left : 0;
}

void
progress_show(Progress *progress, const char *what, int block, int done, int total)
{
	int64_t		now = now_ns();
	int64_t		every = progress->terminal ? TERMINAL_EVERY_NS : progress->every_s * NS_PER_S;
	double		left = seconds_left(progress, block - 1 + (double) done / total, now);
	char		of[32] = "";
	char		time[48] = "";

	if ((!progress->terminal && progress->every_s == 0) || now - progress->shown < every ||
		(progress->terminal && now - progress->began < TERMINAL_DELAY_NS))
		return;
	progress->shown = now;
	if (progress->blocks > 0 && !progress->at_least)
		snprintf(of, sizeof(of), " of %d", progress->blocks);
	if (isfinite(left))
		snprintf(time, sizeof(time), ", %s%.0f s left", progress->at_least ? "at most " : "", left);
	fprintf(stderr, "%s%s: block %d%s, iteration %d of %d%s%s",
			progress->terminal ? "\r" : "", what, block, of, done, total, time,
			progress->terminal ? "    " : "\n");
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
