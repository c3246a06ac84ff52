/*
 * findings_where.c
 *	  Where the time goes, and what could be done about it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "util/numbers.h"

/* a part below this share is not named */
#define LEAST_SHARE_PERCENT 5.0

/* "At 1 MB, 61 % of the mean 5.6 ms is storing (3.4 ms (3.3 .. 3.5)), 24 % commit, 11 % network." */
static void
say_split(const Pair *pair, const Cell *cell, Findings *findings)
{
	double		whole = whole_mean(cell);
	bool		named[METRIC_COUNT] = {false};
	char	   *text = NULL;
	char		size[FORMAT_BYTES_SIZE];

	if (!(whole > 0.0))
		return;
	for (;;)
	{
		Metric		largest = METRIC_COUNT;
		double		share = LEAST_SHARE_PERCENT;

		for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		{
			if (!named[m] && share_percent(cell, m) >= share)
			{
				largest = m;
				share = share_percent(cell, m);
			}
		}
		if (largest == METRIC_COUNT)
			break;
		named[largest] = true;
		text_add(&text, "%s%.0f %% %s%s", text ? ", " : "", share, text ? "" : "is ",
				 part_words(largest, &pair->side->environment));
		if (strchr(text, ',') == NULL)
		{
			char	   *figure = text_ms(&cell->time[largest].mean);

			text_add(&text, ", %s", figure);
			free(figure);
		}
	}
	if (text != NULL)
		finding(findings, "split", TOPIC_WHERE, "Of the mean %.3f ms%s of %s, %s.",
				whole, pair->multiple->own_round_trips ? "" : " in the server",
				format_bytes(cell->payload_bytes, size, sizeof(size)), text);
	free(text);
}

/* "The largest part is commit from 1 B to 1 kB, storing from 10 kB to 1 MB." */
static void
say_leaders(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	char	   *text = NULL;
	bool		changes = false;
	Metric		last = METRIC_COUNT;

	for (int i = 0; i < pair->multiple->nsteps; i++)
	{
		Metric		leader = clear_leader(cells[i]);
		int			until = i;
		char		size[FORMAT_BYTES_SIZE];

		while (until + 1 < pair->multiple->nsteps && clear_leader(cells[until + 1]) == leader)
			until++;
		if (leader < METRIC_COUNT)
		{
			text_add(&text, "%s%s %s %s", text ? ", " : "", part_words(leader, &pair->side->environment),
					 until > i ? "from" : "at",
					 format_bytes(cells[i]->payload_bytes, size, sizeof(size)));
			if (until > i)
				text_add(&text, " to %s", format_bytes(cells[until]->payload_bytes, size, sizeof(size)));
			changes = changes || (last < METRIC_COUNT && leader != last);
			last = leader;
		}
		i = until;
	}
	if (changes)
		finding(findings, "leaders", TOPIC_WHERE, "The largest part changes with the size: %s.", text);
	free(text);
}

/* does the part that dominates compute, wait for a processor, or wait for something else? */
static void
say_waiting(const Cell *cell, Findings *findings)
{
	Metric		leader = clear_leader(cell);
	const PhaseUse *use;
	char		size[FORMAT_BYTES_SIZE];
	char	   *text = NULL;
	double		rest;

	if (leader < METRIC_CHECK || leader > METRIC_COMMIT)
		return;
	use = &cell->use[leader - METRIC_CHECK];
	if (use->n < LEAST_CPU_CALLS || !(use->wall_ms > 0.0) || !isfinite(use->cpu_ms))
		return;
	rest = fmax(0.0, use->wall_ms - use->cpu_ms - (isfinite(use->delay_ms) ? use->delay_ms : 0.0));
	text_add(&text, "%.0f %% computing", 100.0 * fmin(1.0, use->cpu_ms / use->wall_ms));
	if (isfinite(use->delay_ms))
		text_add(&text, ", %.0f %% waiting for a processor, %.0f %% for something else",
				 100.0 * use->delay_ms / use->wall_ms, 100.0 * rest / use->wall_ms);
	else
		text_add(&text, ", the rest waiting, for a processor or something else");
	finding(findings, "waiting", TOPIC_WHERE, "%s at %s: %s (%d call%s).", metric_names[leader],
			format_bytes(cell->payload_bytes, size, sizeof(size)), text, use->n, plural(use->n));
	free(text);
}

/* where TOAST begins, as the stored rows show it */
static void
say_toast(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	for (int i = 1; i < pair->multiple->nsteps; i++)
	{
		int64_t		before = cells[i - 1]->volume[VOLUME_TOAST_BYTES];
		int64_t		here = cells[i]->volume[VOLUME_TOAST_BYTES];
		char		size[FORMAT_BYTES_SIZE];
		char		smaller[FORMAT_BYTES_SIZE];

		if (before != 0 || here == UNKNOWN || here == 0)
			continue;
		finding(findings, "toast", TOPIC_WHERE,
				"Payloads of %s lie in the TOAST table, those of %s in the row itself.",
				format_bytes(cells[i]->payload_bytes, size, sizeof(size)),
				format_bytes(cells[i - 1]->payload_bytes, smaller, sizeof(smaller)));
		return;
	}
}

void
say_where(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const Cell *smallest = cells[0];
	const Cell *largest = cells[pair->multiple->nsteps - 1];

	say_split(pair, smallest, findings);
	if (largest != smallest)
		say_split(pair, largest, findings);
	say_leaders(pair, cells, findings);
	say_waiting(smallest, findings);
	if (largest != smallest)
		say_waiting(largest, findings);
	say_toast(pair, cells, findings);
}

/* what an INSERT of the same columns takes of it */
static void
say_insert(const Pair *pair, const Cell *cell, Findings *findings)
{
	const BaselineFigures *insert = figures_baseline(pair->figures, pair->multiple->side, BASELINE_INSERT,
													 cell->payload_bytes);
	char		size[FORMAT_BYTES_SIZE];
	char	   *figure;

	if (insert == NULL || pair->multiple->drive != DRIVE_CALLS || pair->multiple->origin != ORIGIN_SERVER ||
		!(insert->difference_ms.high < 0.0))
		return;
	figure = text_ms(&insert->time[METRIC_ROUND_TRIP].median);
	finding(findings, "insert", TOPIC_REMEDY,
			"A bare INSERT of the same columns takes %s at %s, %.3f ms less (%.3f .. %.3f): that is what recording "
			"a step adds to it.", figure,
			format_bytes(cell->payload_bytes, size, sizeof(size)), -insert->difference_ms.value,
			-insert->difference_ms.high, -insert->difference_ms.low);
	free(figure);
}

/* what an answer as hex text costs more than as binary, at the largest size where it was compared */
static void
say_hex(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	for (int i = pair->multiple->nsteps - 1; i >= 0; i--)
	{
		const BaselineFigures *hex = figures_baseline(pair->figures, pair->multiple->side, BASELINE_SEND_HEX,
													  cells[i]->payload_bytes);
		char		size[FORMAT_BYTES_SIZE];
		char	   *figure;

		if (hex == NULL || !isfinite(hex->difference_ms.low))
			continue;
		if (!(hex->difference_ms.low > 0.0))
			return;
		figure = text_ms(&hex->difference_ms);
		finding(findings, "hex", TOPIC_REMEDY,
				"Keep results binary: at %s, hex text would add %s to the answer.",
				format_bytes(cells[i]->payload_bytes, size, sizeof(size)), figure);
		free(figure);
		return;
	}
}

/* what would lower the part that leads, in the words of that part */
static void
say_leader_remedy(const Cell *cell, Findings *findings)
{
	static const char *const remedies[METRIC_COUNT] = {
		[METRIC_ENCODE] = "a client that needs no copy of the payload to send it",
		[METRIC_NETWORK] = "fewer round trips (a batch, a pipeline, a procedure) or a shorter way",
		[METRIC_ARRIVAL] = "a smaller payload, or one that the server makes",
		[METRIC_PARSE] = "prepared statements (-M prepared)",
		[METRIC_GENERATE] = "nothing in the server's settings: it is the experiment's own work",
		[METRIC_STORE] = "a smaller payload, compressed by the application or kept elsewhere by reference",
		[METRIC_OUTPUT] = "not asking the payload back, or a quicker line: it holds sending",
		[METRIC_COMMIT] = "fewer commits, or storage that flushes sooner; triggers and standbys count too",
		[METRIC_DECODE] = "binary results",
	};
	Metric		leader = clear_leader(cell);
	char		size[FORMAT_BYTES_SIZE];

	if (leader == METRIC_COUNT || remedies[leader] == NULL)
		return;

	/* what waits for a processor is not lowered by what its name suggests */
	if (leader >= METRIC_CHECK && leader <= METRIC_COMMIT && waited_for_processors(&cell->use[leader - METRIC_CHECK]))
	{
		finding(findings, "remedy-processors", TOPIC_REMEDY,
				"For %s (%s): processors that are free, it waited for them. Measure again when they are.",
				metric_names[leader], format_bytes(cell->payload_bytes, size, sizeof(size)));
		return;
	}
	finding(findings, "remedy", TOPIC_REMEDY, "For %s (%s): %s.", metric_names[leader],
			format_bytes(cell->payload_bytes, size, sizeof(size)), remedies[leader]);
}

void
say_remedies(const Pair *pair, const Cell *const *cells, Findings *findings)
{
	const Cell *smallest = cells[0];
	const Cell *largest = cells[pair->multiple->nsteps - 1];

	/* a stalled answer is no property of the part that it shows in */
	if (!pair_has_delayed_acknowledgements(pair))
	{
		say_leader_remedy(smallest, findings);
		if (largest != smallest)
			say_leader_remedy(largest, findings);
	}
	say_insert(pair, smallest, findings);
	if (pair->multiple->origin == ORIGIN_SERVER && pair->multiple->drive == DRIVE_CALLS)
		say_hex(pair, cells, findings);
}
