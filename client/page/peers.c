/*
 * peers.c
 *	  DBOS's SDKs beside ours, on the page.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "page/page.h"
#include "report/experiment.h"
#include "report/text.h"
#include "sample/sample.h"
#include "util/memory.h"
#include "util/numbers.h"

/* each has three tables */
#define MOST_RTTS 4

/* what is so many times as long as the next has no place on a picture of all */
#define FAR_LONGER 3.0

#define SEVEN "seven steps"

static const struct
{
	const char *name;
	const char *title;
	const char *meaning;
}			part_columns[PEER_PART_COUNT] = {
	[PEER_FUNCTION] = {"function", "function, serialization", "The program's gap between the check's answer and the record's request."},
	[PEER_BETWEEN] = {"between", "between requests", "The program's other gaps, within check and record."},
	[PEER_NETWORK] = {"network", "network", "Round trips times the time of an empty query."},
	[PEER_SERVER] = {"server", "server", "The rest of the waiting."},
	[PEER_TRACE] = {"tracing", "tracing", "What tracing added in these runs; in no other part, and not in the whole without it."},
};

static const char *
words_rtt(const PeerRtt *rtt)
{
	static char words[64];

	if (!(rtt->rtt_ms > 0))
		return "the loopback";
	snprintf(words, sizeof(words), "%g ms of round trip", rtt->rtt_ms);
	return words;
}

static char *
row_name(const PeerRow *row)
{
	return xasprintf("%s%s", row->name, row->kind == PEER_STATEMENTS ? ": its statements from C" : "");
}

/* where the seven steps are among the cells; -1: nowhere */
static int
find_seven(const Peers *peers)
{
	for (int c = 0; c < peers->ncells; c++)
		if (strcmp(peers->cells[c].name, SEVEN) == 0)
			return c;
	return -1;
}

static double
whole_of(const PeerCell *cell)
{
	double		sum = 0;

	for (int p = PEER_FUNCTION; p <= PEER_SERVER; p++)
		sum += cell->parts[p].value;
	return sum;
}

/* A column for each cell. */
static void
put_times(ExperimentResult *result, const Peers *peers, const PeerRtt *rtt, int number)
{
	char	   *name = xasprintf("times_%d", number);
	char	   *title = xasprintf("What a step takes, %s: means of %d round%s", words_rtt(rtt), rtt->rounds, plural(rtt->rounds));
	ExperimentTable *table = result_table(result, name, title, true);
	int			ncells = peers->ncells < MAX_EXPERIMENT_COLUMNS - 1 ? peers->ncells : MAX_EXPERIMENT_COLUMNS - 1;

	result_column(table, "who", "who", UNIT_LABEL, SHOW_BRIEF, "An SDK; its statements, sent from C; ours, by drive.");
	for (int c = 0; c < ncells; c++)
	{
		char	   *column = xasprintf("cell_%d", c);

		result_column(table, column, peers->cells[c].name, UNIT_MS, SHOW_INTERVAL,
					  peers->cells[c].bytes != UNKNOWN ? "A step of so many bytes, from the bytes in hand until the step has returned them." :
					  "All of these together, without the workflow's start and end.");
		free(column);
	}
	for (int r = 0; r < rtt->nrows; r++)
	{
		char	   *who = row_name(&rtt->rows[r]);

		result_label(table, "%s", who);
		for (int c = 0; c < ncells; c++)
			result_estimate(table, rtt->rows[r].cells[c].time, rtt->rows[r].cells[c].time.nblocks);
		free(who);
	}
	free(name);
	free(title);
}

/* The same steps one under another, for lines over their sizes: of the SDKs and ours. */
static void
put_lines(ExperimentResult *result, const Peers *peers, const PeerRtt *rtt, int number)
{
	char	   *name = xasprintf("sizes_%d", number);
	char	   *title = xasprintf("A step by its size, %s", words_rtt(rtt));
	ExperimentTable *table = result_table(result, name, title, false);

	result_column(table, "who", "who", UNIT_LABEL, SHOW_BRIEF, "An SDK, or ours by calls.");
	result_column(table, "size", "payload", UNIT_BYTES, SHOW_BRIEF, "What the step returns.");
	result_column(table, "time", "mean time of a step", UNIT_MS, SHOW_INTERVAL, "From the bytes in hand until the step has returned them.");
	for (int r = 0; r < rtt->nrows; r++)
		for (int c = 0; c < peers->ncells && rtt->rows[r].kind != PEER_STATEMENTS; c++)
		{
			if (peers->cells[c].bytes == UNKNOWN || !isfinite(rtt->rows[r].cells[c].time.value))
				continue;
			result_label(table, "%s", rtt->rows[r].name);
			result_exact(table, (double) peers->cells[c].bytes);
			result_estimate(table, rtt->rows[r].cells[c].time, rtt->rows[r].cells[c].time.nblocks);
		}
	if (table->nrows > 0)
		result_plot_log(result_plot(result, PLOT_LINES, name, title,
									"Points: the mean of a step without its workflow's start and end, with its 95 % interval over rounds; both axes are logarithmic.",
									name, "size", "time", "who"), true, true);
	free(name);
	free(title);
}

/* Where the seven steps' time goes, and ours as one. */
static void
put_seven(ExperimentResult *result, const PeerRtt *rtt, int number, int seven)
{
	char	   *name = xasprintf("seven_%d", number);
	char	   *title = xasprintf("Where the time of seven steps of 1 B to 1 MB goes, %s", words_rtt(rtt));
	ExperimentTable *table = result_table(result, name, title, true);
	char	   *caption = NULL;
	double		longest = 0;
	double		next = 0;

	for (int r = 0; r < rtt->nrows; r++)
	{
		double		whole = whole_of(&rtt->rows[r].cells[seven]);

		if (whole > longest)
		{
			next = longest;
			longest = whole;
		}
		else if (whole > next)
			next = whole;
	}
	text_add(&caption, "Bars: the mean of each part as trace saw it, without what tracing adds; ours, which is not traced, as one. What they add up to is written on them.");
	result_column(table, "who", "who", UNIT_LABEL, SHOW_BRIEF, "An SDK, or ours.");
	for (int p = 0; p < PEER_PART_COUNT; p++)
		result_column(table, part_columns[p].name, part_columns[p].title, UNIT_MS, SHOW_INTERVAL, part_columns[p].meaning);
	result_column(table, "ours", "ours, whole", UNIT_MS, SHOW_INTERVAL, "Without tracing.");
	result_column(table, "trips", "round trips", UNIT_COUNT, SHOW_BRIEF, "Of the seven together.");
	result_column(table, "up", "sent", UNIT_BYTES, SHOW_BRIEF, "By the program.");
	result_column(table, "drawn", "drawn", UNIT_LABEL, SHOW_FULL, "Whether it is in the picture.");
	for (int r = 0; r < rtt->nrows; r++)
	{
		const PeerRow *row = &rtt->rows[r];
		const PeerCell *cell = &row->cells[seven];
		double		whole = whole_of(cell);
		bool		far_longer = next > 0 && whole == longest && whole > FAR_LONGER * next;

		if (row->kind == PEER_STATEMENTS || (row->kind == PEER_SDK && !isfinite(whole)))
			continue;
		result_label(table, "%s", row->name);
		for (int p = 0; p < PEER_PART_COUNT; p++)
			result_estimate(table, cell->parts[p], cell->parts[p].nblocks);
		result_estimate(table, row->kind == PEER_OURS ? cell->time : estimate_unknown(), row->kind == PEER_OURS ? cell->time.nblocks : 0);
		result_exact(table, cell->round_trips);
		result_exact(table, cell->bytes_up);
		result_label(table, far_longer ? "no" : "yes");
		if (far_longer)
			text_add(&caption, " Not drawn, since it is far longer: %s, %.0f ms.", row->name, whole);
	}
	if (table->nrows > 0)
		result_plot_where(result_plot(result, PLOT_STACKED, name, title, caption, name, "who", "function,between,network,server,ours", NULL),
						  "drawn", "yes");
	free(name);
	free(title);
	free(caption);
}

/* The fastest SDK beside the fastest of ours, on the seven steps. */
static void
conclude(ExperimentResult *result, const PeerRtt *rtt, int seven)
{
	const PeerRow *best = NULL;
	const PeerRow *ours = NULL;
	const PeerRow *worst = NULL;

	for (int r = 0; r < rtt->nrows; r++)
	{
		const PeerRow *row = &rtt->rows[r];
		double		value = row->cells[seven].time.value;

		if (!isfinite(value) || row->kind == PEER_STATEMENTS)
			continue;
		if (row->kind == PEER_OURS)
			ours = ours == NULL || value < ours->cells[seven].time.value ? row : ours;
		else
		{
			best = best == NULL || value < best->cells[seven].time.value ? row : best;
			worst = worst == NULL || value > worst->cells[seven].time.value ? row : worst;
		}
	}
	if (best == NULL || ours == NULL)
		return;
	{
		const Estimate *theirs = &best->cells[seven].time;
		const Estimate *mine = &ours->cells[seven].time;
		bool		apart = mine->high < theirs->low || theirs->high < mine->low;

		result_conclude(result, "On %s, seven steps of 1 B to 1 MB take the fastest SDK (%s) %s and the fastest of ours (%s) %s%s.",
						words_rtt(rtt), best->name, words_figure(theirs, UNIT_MS), ours->name, words_figure(mine, UNIT_MS),
						apart ? "" : isfinite(mine->low) && isfinite(theirs->low) ? ": their intervals overlap, so no difference is shown" :
						": of too few rounds for intervals");
		if (worst != best)
			result_conclude(result, "The slowest (%s) takes %s.", worst->name, words_figure(&worst->cells[seven].time, UNIT_MS));
	}
}

static void
fill(ExperimentResult *result, const Peers *peers)
{
	int			seven = find_seven(peers);
	int			n = peers->nrtts < MOST_RTTS ? peers->nrtts : MOST_RTTS;
	char	   *sdks = NULL;

	result_begin(result, "peers", PEERS_QUESTION);
	for (int i = 0; i < peers->nsdks; i++)
		text_add(&sdks, "%s%s: %s", i > 0 ? "; " : "", peers->sdks[i].language, peers->sdks[i].version);
	if (sdks != NULL)
		result_condition(result, "SDKs", "%s", sdks);
	for (int i = 0; i < n; i++)
	{
		if (seven >= 0)
		{
			conclude(result, &peers->rtts[i], seven);
			put_seven(result, &peers->rtts[i], i, seven);
		}
		put_times(result, peers, &peers->rtts[i], i);
		put_lines(result, peers, &peers->rtts[i], i);
	}
	result_caveat(result, "Intervals are of rounds, each the mean of the middle half of its samples; 95 %% by Student's t, from six rounds on.");
	result_caveat(result, "A step's time is without its workflow's start and end, which cost the SDKs five to eight round trips more.");
	if (peers->nrtts > n)
		result_caveat(result, "Of %d round-trip times the first %d are shown.", peers->nrtts, n);
	free(sdks);
}

void
page_peers(Page *page, const Peers *peers)
{
	Experiments one = {.nresults = 1,.results = xcalloc(1, sizeof(ExperimentResult))};
	char	   *on = xasprintf("%s%s%s", peers->server_version != NULL ? "PostgreSQL " : "one server",
							   peers->server_version != NULL ? peers->server_version : "",
							   peers->started_at != NULL ? "" : "; when is not known");

	if (peers->started_at != NULL)
		text_add(&on, ", %s", peers->started_at);
	fill(one.results, peers);
	page_result(page, "peers", on, one.results);
	html_folded_begin(page, "Method");
	html_paragraph(page, "The same workflow by each of DBOS's SDKs, by their statements sent from C, and by ours, in turn on one server in"
				   " rounds of an order drawn anew; before each the rows of the last are removed and the server makes a checkpoint. Parts come"
				   " from runs through trace, times from runs without it.");
	html_folded_end(page);
	html_section_end(page);
	free(on);
	experiments_free(&one);
}
