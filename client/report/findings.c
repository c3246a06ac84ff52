/*
 * findings.c
 *	  Plain sentences.  A sentence is only said where the intervals of the
 *	  medians it rests on bear it out.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "findings_internal.h"
#include "memory.h"
#include "message.h"
#include "report.h"
#include "table.h"

/* a first call is worth a sentence from this many medians on */
#define SLOW_FIRST 2.0

/* p95 this many times p50: the median alone misleads */
#define WIDE_SPREAD 2.0

/* a part below this share is not named */
#define LEAST_SHARE_PERCENT 5.0

/* a larger step is called quicker than the smallest below this share of its time */
#define QUICKER 0.9


/* medians have no interval below this many samples */
#define LEAST_SAMPLES 6

static const char *const part_words[METRIC_COUNT] = {
	[METRIC_ENCODE] = "encoding",
	[METRIC_NETWORK] = "network",
	[METRIC_PARSE] = "parse and bind",
	[METRIC_CHECK] = "checking",
	[METRIC_GENERATE] = "making the payload",
	[METRIC_STORE] = "storing",
	[METRIC_OUTPUT] = "output",
	[METRIC_COMMIT] = "commit (WAL flush)",
	[METRIC_DECODE] = "decoding",
	[METRIC_UNATTRIBUTED] = "unattributed",
};

/* One sentence, as an item of a list. */
void
finding(int *count, const char *format,...)
{
	char		text[1000];
	va_list		args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs("- ", stdout);
	print_wrapped(stdout, 2, 2, text);
	(*count)++;
}

const char *
step_size(const Series *series, int step, char *buffer)
{
	return format_bytes(series->steps[step].payload_bytes, buffer, FORMAT_BYTES_SIZE);
}

/* Steps by payload; malloc'd, the caller's. */
static int *
steps_by_size(const Series *series)
{
	int		   *order = xcalloc((size_t) series->nsteps + 1, sizeof(int));

	for (int s = 0; s < series->nsteps; s++)
	{
		int			place = s;

		for (; place > 0 && series->steps[order[place - 1]].payload_bytes > series->steps[s].payload_bytes; place--)
			order[place] = order[place - 1];
		order[place] = s;
	}
	return order;
}

/* "At 1 MB, 61 % of the round trip is storing, 24 % commit, 11 % network." */
static void
say_split(int *count, const Series *series, int step)
{
	double		round_trip = series_summary(series, step, METRIC_ROUND_TRIP).p50;
	bool		named[METRIC_COUNT] = {false};
	char		text[400] = "";
	char		size[FORMAT_BYTES_SIZE];

	if (!(round_trip > 0.0))
		return;
	for (;;)
	{
		int			largest = -1;
		double		share = LEAST_SHARE_PERCENT;
		size_t		used = strlen(text);

		for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
		{
			double		percent = 100.0 * series_summary(series, step, (Metric) m).p50 / round_trip;

			if (!named[m] && percent >= share)
			{
				largest = m;
				share = percent;
			}
		}
		if (largest < 0)
			break;
		named[largest] = true;
		snprintf(text + used, sizeof(text) - used, "%s%.0f %% %s%s", used ? ", " : "", share,
				 used ? "" : "of the round trip is ", part_words[largest]);
	}
	if (text[0] != '\0')
		finding(count, "At %s, %s.", step_size(series, step, size), text);
}

/* The part that is larger than every other by more than the intervals; -1: none is. */
static int
clear_leader(const Series *series, int step)
{
	Summary		leader;
	int			best = -1;

	memset(&leader, 0, sizeof(leader));
	for (int m = FIRST_PART; m <= (int) LAST_PART; m++)
	{
		Summary		part = series_summary(series, step, (Metric) m);

		if (part.n > 0 && (best < 0 || part.p50 > leader.p50))
		{
			best = m;
			leader = part;
		}
	}
	for (int m = FIRST_PART; best >= 0 && m <= (int) LAST_PART; m++)
	{
		Summary		part = series_summary(series, step, (Metric) m);

		if (m != best && part.n > 0 && !(part.ci_high < leader.ci_low))
			return -1;
	}
	return best;
}

/* "The largest part is commit from 1 B to 1 kB, storing from 10 kB to 1 MB." */
static void
say_leaders(int *count, const Series *series, const int *order)
{
	char		text[400] = "";
	int			changes = 0;
	int			last = -1;

	for (int i = 0; i < series->nsteps; i++)
	{
		int			leader = clear_leader(series, order[i]);
		int			until = i;
		size_t		used = strlen(text);
		char		from_size[FORMAT_BYTES_SIZE];
		char		to_size[FORMAT_BYTES_SIZE];

		while (until + 1 < series->nsteps && clear_leader(series, order[until + 1]) == leader)
			until++;
		if (leader >= 0)
		{
			snprintf(text + used, sizeof(text) - used, "%s%s %s %s", used ? ", " : "",
					 part_words[leader], until > i ? "from" : "at",
					 step_size(series, order[i], from_size));
			used = strlen(text);
			if (until > i)
				snprintf(text + used, sizeof(text) - used, " to %s",
						 step_size(series, order[until], to_size));
			changes += last >= 0 && leader != last;
			last = leader;
		}
		i = until;
	}
	if (changes > 0)
		finding(count, "The largest part changes with the size: %s.", text);
}

/* from which size on a step takes twice what the smallest takes */
static void
say_doubling(int *count, const Series *series, const int *order)
{
	Summary		smallest = series_summary(series, order[0], METRIC_ROUND_TRIP);
	int			first = series->nsteps;
	char		size[FORMAT_BYTES_SIZE];
	char		least[FORMAT_BYTES_SIZE];
	Summary		here;

	for (int i = series->nsteps - 1; i > 0; i--)
	{
		here = series_summary(series, order[i], METRIC_ROUND_TRIP);
		if (!(here.ci_low > 2.0 * smallest.ci_high))
			break;
		first = i;
	}
	step_size(series, order[0], least);
	if (first < series->nsteps)
	{
		here = series_summary(series, order[first], METRIC_ROUND_TRIP);
		finding(count, "From %s on, a step takes more than twice as long as one of %s: %.3f against %.3f ms.",
				step_size(series, order[first], size), least, here.p50, smallest.p50);
	}
	else if (series->nsteps > 1)
	{
		here = series_summary(series, order[series->nsteps - 1], METRIC_ROUND_TRIP);
		if (here.ci_high < 2.0 * smallest.ci_low)
			finding(count, "Up to %s no step takes twice as long as one of %s: %.3f against %.3f ms.",
					step_size(series, order[series->nsteps - 1], size), least, here.p50, smallest.p50);
	}
}

/* a larger step that is quicker than the smallest: the floor is not where it is looked for */
static void
say_floor(int *count, const Series *series, const int *order)
{
	Summary		smallest = series_summary(series, order[0], METRIC_ROUND_TRIP);
	int			quickest = 0;
	Summary		here = smallest;
	char		size[FORMAT_BYTES_SIZE];
	char		least[FORMAT_BYTES_SIZE];

	for (int i = 1; i < series->nsteps; i++)
	{
		Summary		other = series_summary(series, order[i], METRIC_ROUND_TRIP);

		if (other.p50 < here.p50)
		{
			here = other;
			quickest = i;
		}
	}
	if (quickest == 0 || !(here.ci_high < QUICKER * smallest.ci_low))
		return;
	finding(count, "The step of %s takes longer than that of %s, %.3f against %.3f ms%s: what is taken as "
			"the floor is too high.", step_size(series, order[0], least),
			step_size(series, order[quickest], size), smallest.p50, here.p50,
			order[0] == 0 ? "; it is the first of its workflow" : "");
}

/* does the part that dominates compute, or wait? */
static void
say_waiting(int *count, const Series *series, int step)
{
	static const Metric cpu_of[METRIC_COUNT] = {
		[METRIC_CHECK] = METRIC_CHECK_CPU,
		[METRIC_GENERATE] = METRIC_GENERATE_CPU,
		[METRIC_STORE] = METRIC_STORE_CPU,
		[METRIC_OUTPUT] = METRIC_OUTPUT_CPU,
		[METRIC_COMMIT] = METRIC_COMMIT_CPU,
	};
	int			leader = clear_leader(series, step);
	char		size[FORMAT_BYTES_SIZE];
	Summary		wall;
	Summary		cpu;
	double		percent;

	if (leader < 0 || cpu_of[leader] == METRIC_ROUND_TRIP)
		return;
	wall = series_summary(series, step, (Metric) leader);
	cpu = series_summary(series, step, cpu_of[leader]);
	if (cpu.n < LEAST_SAMPLES || !(wall.p50 > 0.0))
		return;
	percent = 100.0 * cpu.p50 / wall.p50;
	step_size(series, step, size);
	if (percent >= 95.0)
		finding(count, "At %s, %s (%.3f ms) is computing, hardly any waiting: its CPU time is as long.",
				size, part_words[leader], wall.p50);
	else
		finding(count, "At %s, %.0f %% of the %.3f ms of %s is computing (CPU time), the rest waiting.",
				size, percent, wall.p50, part_words[leader]);
}

/* where TOAST begins, as the stored rows show it */
static void
say_toast(int *count, const Series *series, const int *order)
{
	for (int i = 1; i < series->nsteps; i++)
	{
		int64_t		before = series_volume(series, order[i - 1], VOLUME_TOAST_BYTES);
		int64_t		here = series_volume(series, order[i], VOLUME_TOAST_BYTES);
		char		size[FORMAT_BYTES_SIZE];
		char		smaller[FORMAT_BYTES_SIZE];

		if (before != 0 || here == UNKNOWN || here == 0)
			continue;
		finding(count, "Payloads of %s lie in the TOAST table, those of %s in the row itself.",
				step_size(series, order[i], size), step_size(series, order[i - 1], smaller));
		return;
	}
}

static void
say_first(int *count, const Series *series, int step)
{
	Summary		summary = series_summary(series, step, METRIC_ROUND_TRIP);
	char		size[FORMAT_BYTES_SIZE];

	if (summary.n >= LEAST_SAMPLES && summary.first > SLOW_FIRST * summary.p50 && summary.first > summary.p95)
		finding(count, "The first call of a fresh connection (%s) took %.1f times the median: %.3f against "
				"%.3f ms; it is not among the other figures.",
				step_size(series, step, size), summary.first / summary.p50, summary.first, summary.p50);
}

static void
say_spread(int *count, const Series *series, const int *order)
{
	char		text[300] = "";

	for (int i = 0; i < series->nsteps; i++)
	{
		Summary		summary = series_summary(series, order[i], METRIC_ROUND_TRIP);
		char		size[FORMAT_BYTES_SIZE];
		size_t		used = strlen(text);

		if (summary.n >= 20 && summary.p95 > WIDE_SPREAD * summary.p50)
			snprintf(text + used, sizeof(text) - used, "%s%s (%.1f times)", used ? ", " : "",
					 step_size(series, order[i], size), summary.p95 / summary.p50);
	}
	if (text[0] != '\0')
		finding(count, "The times scatter widely: p95 is more than %.0f times p50 at %s. Look at the "
				"samples before trusting a mean.", WIDE_SPREAD, text);
}

static void
say_of_series(int *count, const Result *result, const Series *multiple, const Series *batched)
{
	int		   *order = steps_by_size(multiple);
	int			smallest = order[0];
	int			largest = order[multiple->nsteps - 1];

	if (series_has_step_round_trips(multiple))
	{
		say_split(count, multiple, smallest);
		if (largest != smallest)
			say_split(count, multiple, largest);
		say_leaders(count, multiple, order);
		say_waiting(count, multiple, smallest);
		if (largest != smallest)
			say_waiting(count, multiple, largest);
		say_floor(count, multiple, order);
		say_doubling(count, multiple, order);
		say_first(count, multiple, smallest);
		say_spread(count, multiple, order);
	}
	if (multiple == result->series[0])
		say_toast(count, multiple, order);
	if (batched != NULL)
		say_batching(count, multiple, batched);
	say_unattributed(count, multiple);
	if (batched != NULL)
		say_unattributed(count, batched);
	say_network(count, result, multiple);
	free(order);
}

void
report_findings(const Result *result)
{
	int			count = 0;
	bool		few = false;

	report_heading("Findings");
	for (int i = 0; i < result->nseries; i++)
	{
		const Series *series = result->series[i];

		if (series->kind != WORKFLOW_MULTIPLE || series->nsteps == 0)
			continue;
		if (series->niterations < LEAST_SAMPLES)
		{
			few = true;
			continue;
		}
		if (result->nseries > 2)
			printf("Drive %s, origin %s:\n", drive_names[series->drive], origin_names[series->origin]);
		say_of_series(&count, result, series, report_partner(result, i));
	}
	if (!few && result->nseries > 2)
		say_between_series(&count, result);
	if (!few)
		say_hex(&count, result);
	if (few)
		printf("With fewer than %d measured iterations medians have no interval, so nothing is concluded.\n",
			   LEAST_SAMPLES);
	else if (count == 0)
		printf("None that the figures bear out.\n");
}
