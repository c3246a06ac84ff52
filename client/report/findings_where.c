/*
 * findings_where.c
 *	  Where the time goes, and what could be done about it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "report/findings.h"
#include "util/memory.h"
#include "util/numbers.h"

/* a part below this share is not named */
#define LEAST_SHARE_PERCENT 5.0

/*
 * " Of storing, 30 % is computing, 10 % waiting for a processor, the rest waiting
 * for something else (10 calls)": what is neither computing nor waiting for a
 * processor is not told apart, but for what it can be.
 */
static void
add_use(const Pair *pair, const Cell *cell, char **text)
{
	const PhaseUse *use = leader_use(cell);
	Metric		leader = clear_leader(cell);
	double		rest;

	if (use == NULL)
		return;
	text_add(text, " Of %s, %.0f %% is computing", part_words(leader, &pair->side->environment),
			 100.0 * fmin(1.0, use->cpu_ms / use->wall_ms));
	if (isfinite(use->delay_ms))
	{
		rest = fmax(0.0, use->wall_ms - use->cpu_ms - use->delay_ms);
		text_add(text, ", %.0f %% waiting for a processor, %.0f %% for something else%s", 100.0 * use->delay_ms / use->wall_ms,
				 100.0 * rest / use->wall_ms, leader == METRIC_COMMIT ? ": a flush, a lock, a standby" : "");
	}
	else
		text_add(text, ", the rest waiting, for a processor or something else");
	text_add(text, " (%d call%s).", use->n, plural(use->n));
}

/* "Of the mean 5.6 ms of 1 MB, 61 % is storing, 3.4 ms (3.3 .. 3.5), 24 % commit, 11 % network." */
static void
say_split(const Pair *pair, const NamedCell *named, Findings *findings)
{
	const Cell *cell = named->cell;
	double		whole = main_time(cell)->mean.value;
	bool		done[METRIC_COUNT] = {false};
	char	   *text = NULL;

	/* of fewer calls than the mean, a part is no share of it */
	if (!(whole > 0.0) ||
		(cell->time[METRIC_SERVER_TOTAL].n > 0 && cell->time[METRIC_SERVER_TOTAL].n < main_time(cell)->n))
		return;
	for (;;)
	{
		Metric		largest = METRIC_COUNT;
		double		share = LEAST_SHARE_PERCENT;

		for (Metric m = FIRST_PART; m <= LAST_PART; m++)
		{
			if (!done[m] && share_percent(cell, m) >= share)
			{
				largest = m;
				share = share_percent(cell, m);
			}
		}
		if (largest == METRIC_COUNT)
			break;
		done[largest] = true;
		if (text == NULL)
			text_add(&text, "%.0f %% is %s, %s", share, part_words(largest, &pair->side->environment),
					 words_ms(&cell->time[largest].mean));
		else
			text_add(&text, ", %.0f %% %s", share, part_words(largest, &pair->side->environment));
	}
	if (text != NULL)
	{
		text_add(&text, ".");
		add_use(pair, cell, &text);
		finding(findings, "split", TOPIC_WHERE, "Of the mean %.3f ms%s of %s, %s", whole,
				pair->multiple->own_round_trips ? "" : " in the server", named->name, text);
	}
	free(text);
}

/* of a commit that waits for standbys, what they take */
static void
say_standby(const NamedCell *named, Findings *findings)
{
	const Summary *standby = &named->cell->time[METRIC_STANDBY];

	if (standby->n > 0)
		finding(findings, "standby", TOPIC_WHERE,
				"A commit of %s is %s of its own and %s of waiting for standbys (%" PRId64 " iteration%s beside the same "
				"under synchronous_commit = local).", named->name,
				words_ms(&named->cell->time[METRIC_FLUSH].mean), words_ms(&standby->mean), standby->n, plural(standby->n));
}

/* "The largest part is commit from 1 B to 1 kB, storing from 10 kB to 1 MB." */
static void
say_leaders(const Pair *pair, Findings *findings)
{
	char	   *text = NULL;
	bool		changes = false;
	Metric		last = METRIC_COUNT;

	for (int i = 0; i < pair->nsteps; i++)
	{
		Metric		leader = clear_leader(pair->cells[i].cell);
		int			first = i;

		while (i + 1 < pair->nsteps && clear_leader(pair->cells[i + 1].cell) == leader)
			i++;
		if (leader == METRIC_COUNT)
			continue;
		text_add(&text, "%s%s %s %s%s%s", text ? ", " : "", part_words(leader, &pair->side->environment),
				 i > first ? "from" : "at", pair->cells[first].name, i > first ? " to " : "",
				 i > first ? pair->cells[i].name : "");
		changes = changes || (last < METRIC_COUNT && leader != last);
		last = leader;
	}
	if (changes)
		finding(findings, "leaders", TOPIC_WHERE, "The largest part changes with the size: %s.", text);
	free(text);
}

/* where TOAST begins, as the stored rows show it */
static void
say_toast(const Pair *pair, Findings *findings)
{
	for (int i = 1; i < pair->nsteps; i++)
	{
		int64_t		here = pair->cells[i].cell->volume[VOLUME_TOAST_BYTES];

		if (pair->cells[i - 1].cell->volume[VOLUME_TOAST_BYTES] != 0 || here == UNKNOWN || here == 0)
			continue;
		finding(findings, "toast", TOPIC_WHERE, "Payloads of %s lie in the TOAST table, those of %s in the row itself.",
				pair->cells[i].name, pair->cells[i - 1].name);
		return;
	}
}

/* what an INSERT of the same columns takes of it */
static void
say_insert(const Pair *pair, Findings *findings)
{
	const BaselineFigures *insert = figures_baseline(pair->figures, pair->multiple->side, BASELINE_INSERT,
													 pair->cells[0].cell->payload_bytes);

	if (insert != NULL && pair->multiple->drive == DRIVE_CALLS && pair->multiple->origin == ORIGIN_SERVER &&
		insert->difference_ms.high < 0.0)
		finding(findings, "insert", TOPIC_WHERE,
				"A bare INSERT of the same columns takes %s at %s, %.3f ms less (%.3f .. %.3f) than the step of the same "
				"iteration: that is what recording a step adds to it.", words_ms(&insert->time[METRIC_ROUND_TRIP].median), pair->cells[0].name,
				-insert->difference_ms.value, -insert->difference_ms.high, -insert->difference_ms.low);
}

/* the commit by the client's clock, and by the server's where that tells it: means, as say_split's */
static void
say_client_commit(const NamedCell *named, Findings *findings)
{
	const Estimate *client = &named->cell->time[METRIC_CLIENT_COMMIT].mean;
	bool		server = named->cell->time[METRIC_SERVER_TOTAL].n > 0;
	char	   *own = server ? xasprintf("; the server itself says %s", words_ms(&named->cell->time[METRIC_COMMIT].mean)) :
		xstrdup("");

	if (isfinite(client->value))
		finding(findings, "client-commit", TOPIC_WHERE,
				"The commit of %s, which had a message of its own, took %s by the client's clock, less an empty query's "
				"round trip%s: %s.", named->name, words_ms(client), own, server ? "both are means" : "a mean");
	free(own);
}

void
say_where(const Pair *pair, Findings *findings)
{
	say_split(pair, &pair->cells[0], findings);
	if (pair->nsteps > 1)
		say_split(pair, &pair->cells[pair->nsteps - 1], findings);
	say_standby(&pair->cells[0], findings);
	if (pair->nsteps > 1)
		say_standby(&pair->cells[pair->nsteps - 1], findings);
	say_leaders(pair, findings);
	say_client_commit(&pair->cells[0], findings);
	if (pair->nsteps > 1)
		say_client_commit(&pair->cells[pair->nsteps - 1], findings);
	say_toast(pair, findings);
	say_insert(pair, findings);
}

/* what an answer as hex text costs more than as binary, at the largest size where it was compared */
static void
say_hex(const Pair *pair, Findings *findings)
{
	for (int i = pair->nsteps - 1; i >= 0; i--)
	{
		const BaselineFigures *hex = figures_baseline(pair->figures, pair->multiple->side, BASELINE_SEND_HEX,
													  pair->cells[i].cell->payload_bytes);

		if (hex == NULL || !isfinite(hex->difference_ms.low))
			continue;
		if (hex->difference_ms.low > 0.0)
			finding(findings, "hex", TOPIC_REMEDY, "Keep results binary: at %s, hex text would add %s to the answer.",
					pair->cells[i].name, words_ms(&hex->difference_ms));
		return;
	}
}

/* what would lower the part that leads, in the words of that part */
static void
say_leader_remedy(const NamedCell *named, Findings *findings)
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
	Metric		leader = clear_leader(named->cell);
	const PhaseUse *use = leader_use(named->cell);

	/* what waits for a processor is not lowered by what its name suggests */
	if (use != NULL && waited_for_processors(use))
		finding(findings, "remedy-processors", TOPIC_REMEDY,
				"For %s (%s): processors that are free, it waited for them. Measure again when they are.",
				metric_names[leader], named->name);
	else if (leader < METRIC_COUNT && remedies[leader] != NULL)
		finding(findings, "remedy", TOPIC_REMEDY, "For %s (%s): %s.", metric_names[leader], named->name, remedies[leader]);
}

void
say_remedies(const Pair *pair, Findings *findings)
{
	/* a stalled answer is no property of the part that it shows in */
	if (!pair_has_delayed_acknowledgements(pair))
	{
		say_leader_remedy(&pair->cells[0], findings);
		if (pair->nsteps > 1)
			say_leader_remedy(&pair->cells[pair->nsteps - 1], findings);
	}
	if (pair->multiple->origin == ORIGIN_SERVER && pair->multiple->drive == DRIVE_CALLS)
		say_hex(pair, findings);
}
