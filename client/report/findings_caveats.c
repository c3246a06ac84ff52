/*
 * findings_caveats.c
 *	  What stands between the figures and what one would read out of them.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/findings.h"
#include "util/memory.h"
#include "util/numbers.h"

/* a median hides a slow mode where this share and count of the steps are in it and the mean is this much above it */
#define SLOW_SHARE 0.02
#define SLOW_COUNT 5
#define SLOW_MEAN 1.2

/* |unattributed| may be this much of the time, or this long */
#define UNATTRIBUTED_PERCENT 1.0
#define UNATTRIBUTED_MS 0.002

/* a backend waits for processors from this share of its time on */
#define WAITED_OF_BACKEND 0.02

/* and a phase that is less of a step than this is not named for it */
#define LEAST_PHASE_PERCENT 5.0

typedef bool (*CellIs) (const Cell *cell);

/* "1 B, 10 B and the batch"; malloc'd, NULL: none is */
static char *
list_cells(const Pair *pair, CellIs is)
{
	char	   *text = NULL;
	int			listed[MAX_SIZES + 2];
	int			n = 0;

	for (int i = 0; i < pair->ncells; i++)
		if (is_one_call(pair, i) && is(pair->cells[i].cell))
			listed[n++] = i;
	for (int i = 0; i < n; i++)
		text_add(&text, "%s%s", i == 0 ? "" : i == n - 1 ? " and " : ", ", pair->cells[listed[i]].name);
	return text;
}

/* Nagle's algorithm on one side, acknowledgements held back for 40 ms on the other */
static void
say_delayed_acknowledgements(const Pair *pair, Findings *findings)
{
	char	   *cells = list_cells(pair, delayed_acknowledgements);
	const Shape *worst = NULL;

	for (int i = 0; i < pair->ncells; i++)
		if (is_one_call(pair, i) && delayed_acknowledgements(pair->cells[i].cell) &&
			(worst == NULL || pair->cells[i].cell->shape.delayed_ack_share > worst->delayed_ack_share))
			worst = &pair->cells[i].cell->shape;
	if (worst != NULL)
		finding(findings, "delayed-ack", TOPIC_CAVEAT,
				"Delayed acknowledgements: at %s the network took about 40 ms in up to %.0f %% of the steps (median "
				"of those %.1f ms). Nagle's algorithm and a delayed acknowledgement make that of an answer sent in "
				"pieces, by a proxy without TCP_NODELAY for example, and a busy host can: it is no cost of the payload, "
				"and nothing is concluded from it here.", cells, 100.0 * worst->delayed_ack_share, worst->delayed_ack_ms);
	free(cells);
}

static bool
hides_slow_mode(const Cell *cell)
{
	const Summary *time = main_time(cell);

	return !delayed_acknowledgements(cell) && cell->shape.slow_share >= SLOW_SHARE &&
		cell->shape.slow_share * (double) time->n >= SLOW_COUNT - 0.5 &&
		time->mean.value > SLOW_MEAN * time->median.value;
}

static void
say_slow_mode(const Pair *pair, Findings *findings)
{
	char	   *cells = list_cells(pair, hides_slow_mode);
	const NamedCell *worst = NULL;

	for (int i = 0; i < pair->ncells; i++)
		if (is_one_call(pair, i) && hides_slow_mode(pair->cells[i].cell) &&
			(worst == NULL || pair->cells[i].cell->shape.slow_share > worst->cell->shape.slow_share))
			worst = &pair->cells[i];
	if (worst != NULL)
		finding(findings, "slow-mode", TOPIC_CAVEAT,
				"The median hides a slow mode at %s: of %s, %.0f %% took over %.0f medians, half of these over "
				"%.3f ms, so that the mean is %.3f ms and p50 %.3f.", cells, worst->name,
				100.0 * worst->cell->shape.slow_share, SLOW_MODE, worst->cell->shape.slow_ms,
				main_time(worst->cell)->mean.value, main_time(worst->cell)->median.value);
	free(cells);
}

static void
say_unattributed(const Pair *pair, Findings *findings)
{
	const NamedCell *worst = NULL;
	double		most = UNATTRIBUTED_PERCENT;

	for (int i = 0; i < pair->nsteps; i++)
	{
		const Estimate *rest = &pair->cells[i].cell->time[METRIC_UNATTRIBUTED].mean;
		double		least = rest->low > 0.0 ? rest->low : rest->high < 0.0 ? -rest->high : 0.0;
		double		percent = 100.0 * least / main_time(pair->cells[i].cell)->mean.value;

		if (least > UNATTRIBUTED_MS && percent > most)
		{
			worst = &pair->cells[i];
			most = percent;
		}
	}
	if (worst != NULL)
		finding(findings, "unattributed", TOPIC_CAVEAT,
				"No part claims %.1f %% of the time at %s (%s): more than the %.0f %% or %.0f us that the split "
				"allows itself.", share_percent(worst->cell, METRIC_UNATTRIBUTED), worst->name,
				words_ms(&worst->cell->time[METRIC_UNATTRIBUTED].mean), UNATTRIBUTED_PERCENT, 1000.0 * UNATTRIBUTED_MS);
}

/* a commit that waits for a processor is no flush: the step's phase of this side where that took longest */
static char *
longest_wait(const Figures *figures, const Side *side)
{
	const PhaseUse *worst = NULL;
	char	   *text = NULL;
	Pair		pair;

	for (int i = 0; pair_at(figures, i, &pair); i++)
	{
		for (int c = 0; c < pair.nsteps && pair.side == side; c++)
		{
			for (Phase p = 0; p < PHASE_COUNT; p++)
			{
				const PhaseUse *use = &pair.cells[c].cell->use[p];

				if (!waited_for_processors(use) || (worst != NULL && use->delay_ms <= worst->delay_ms) ||
					100.0 * use->wall_ms < LEAST_PHASE_PERCENT * main_time(pair.cells[c].cell)->mean.value)
					continue;
				worst = use;
				free(text);
				text = xasprintf(" In %d steps of %s of their own, %s took %.3f ms, of which %.3f were spent so.", use->n,
								 pair.cells[c].name, phase_names[p], use->wall_ms, use->delay_ms);
			}
		}
	}
	return text;
}

static void
say_processors(const Figures *figures, const Side *side, Findings *findings)
{
	const Estimate *share = &side->backend.delay_share;
	char	   *longest = longest_wait(figures, side);

	if (share->low > WAITED_OF_BACKEND)
		finding(findings, "processors", TOPIC_CAVEAT,
				"Processors were waited for: the server's backend was able to run and did not for %.0f %% of the time "
				"(%.0f .. %.0f), %.0f ms of each second.%s", 100.0 * share->value, 100.0 * share->low,
				100.0 * share->high, 1000.0 * share->value, longest ? longest : "");
	else if (longest != NULL && !isfinite(share->low))
		finding(findings, "processors", TOPIC_CAVEAT,
				"Processors were waited for: the server's backend was able to run and did not.%s", longest);
	free(longest);
}

/* why half of the table is "n/a", or of fewer calls than the rest of it, where it is */
static void
say_unknown_server(const Pair *pair, Findings *findings)
{
	const char *delegated = environment_setting(&pair->side->environment, DELEGATED_SETTING);
	int64_t		known = 0;
	int64_t		all = 0;

	if (drive_is_profile(pair->multiple->drive) || pair->side->environment.portable_version != NULL)
		return;					/* of which it never does, and a warning says why */
	for (int s = 0; s < pair->nsteps + (pair->batched != NULL); s++)
	{
		const Cell *cell = s < pair->nsteps ? pair->cells[s].cell : batch_cell(pair->batched);

		known += cell->time[METRIC_SERVER_TOTAL].n;
		all += main_time(cell)->n;
	}
	if (delegated != NULL && all > 0 && known == 0)
		finding(findings, "unknown-server", TOPIC_CAVEAT,
				"The server's parts and network are n/a: they were lost on the nodes that Citus ran the calls on, since these are delegated: %s.",
				delegated);
	else if (delegated != NULL && known < all)
		finding(findings, "unknown-server", TOPIC_CAVEAT,
				"The server's parts are known of %" PRId64 " of %" PRId64 " calls, and their means are of these alone (\"of n\" in the table; "
				"they do not add up to the mean of all): of the others they were lost on the nodes that Citus ran them on, since these are delegated: %s.",
				known, all, delegated);
	else if (all > 0 && known == 0)
		finding(findings, "unknown-server", TOPIC_CAVEAT,
				"The server told no times: dbos_payload.timing is off, or a pooler is in between.");
	else if (known < all)
		finding(findings, "unknown-server", TOPIC_CAVEAT,
				"The server's parts are known of %" PRId64 " of %" PRId64 " calls, and their means are of these alone (\"of n\" in the table; "
				"they do not add up to the mean of all): of the others the server told no times, since a pooler asked another session, "
				"or dbos_payload.timing was off. Connect to the server itself.", known, all);
}

/* of workflows that another server keeps, WAL and buffers are not ours */
static void
say_unknown_usage(const Pair *pair, Findings *findings)
{
	int64_t		known = 0;
	int64_t		timed = 0;

	if (environment_setting(&pair->side->environment, DISTRIBUTION_SETTING) == NULL)
		return;
	for (int s = 0; s < pair->nsteps + (pair->batched != NULL); s++)
	{
		const Cell *cell = s < pair->nsteps ? pair->cells[s].cell : batch_cell(pair->batched);

		known += cell->usage_n;
		timed += cell->time[METRIC_SERVER_TOTAL].n;
	}
	if (known < timed)
		finding(findings, "unknown-usage", TOPIC_CAVEAT,
				"WAL and buffers are known of %" PRId64 " of %" PRId64 " calls: the others wrote them on the node that keeps their workflow (n/a).",
				known, timed);
}

/* what was left out of the figures of one workflow */
static void
say_left_out(const WorkflowFigures *workflow, Findings *findings)
{
	const char *name;
	int			replayed = 0;
	int			retried = 0;

	if (workflow == NULL)
		return;
	name = workflow_names[workflow->kind];
	for (int s = 0; s < workflow->nsteps; s++)
	{
		replayed += workflow->steps[s].replayed;
		retried += workflow->steps[s].retried;
	}
	if (workflow->failed > 0)
		finding(findings, "failed", TOPIC_CAVEAT, "FAILED iterations of %s, in no figure: %d.", name, workflow->failed);
	if (replayed > 0)
		finding(findings, "replayed", TOPIC_CAVEAT, "Steps of %s that were recorded before and only replayed, in no "
				"figure: %d.", name, replayed);
	if (retried > 0)
		finding(findings, "retried", TOPIC_CAVEAT, "Calls of %s that were sent again after 40001 or 40P01, in no "
				"figure: %d.", name, retried);
}

/* a side that was another server after a connection was lost */
static void
say_moves(const Figures *figures, const Side *side, Findings *findings)
{
	for (int i = 0; i < side->nmoves; i++)
	{
		const Move *move = &side->moves[i];
		int			end = i + 1 < side->nmoves ? move[1].first_iteration : figures->niterations;

		finding(findings, "moved", TOPIC_CAVEAT,
				"After a lost connection iterations %d to %d ran on %s: the figures are of all servers together%s%s.",
				move->first_iteration + 1, end, move->server,
				*move->changed ? "; different there: " : "", move->changed);
	}
}

/* how the run ended, where it did not end as it should */
static void
say_ending(const Figures *figures, Findings *findings)
{
	if (figures->stopped == STOPPED_BY_INTERRUPT || figures->stopped == STOPPED_BY_FAILURE ||
		figures->stopped == STOPPED_BY_MEMORY || figures->interrupted || figures->connection_lost)
		finding(findings, "partial", TOPIC_CAVEAT,
				"PARTIAL: the run ended early (%s); the figures are of %d iteration%s.",
				figures->stopped == STOPPED_BY_MEMORY ? "out of memory" :
				figures->stopped == STOPPED_BY_INTERRUPT || figures->interrupted ? "interrupted" :
				figures->connection_lost ? "the connection was lost" : "too many failures",
				figures->niterations, plural(figures->niterations));
	if (figures->nreconnects > 0)
		finding(findings, "reconnects", TOPIC_CAVEAT, "The connection was lost and made again %d time%s.",
				figures->nreconnects, plural(figures->nreconnects));
	if (figures->nblocks < LEAST_INTERVAL_BLOCKS)
		finding(findings, "few-blocks", TOPIC_CAVEAT,
				"With fewer than %d blocks no figure has an interval, so no difference is concluded: take more "
				"--blocks, or a longer -T.", LEAST_INTERVAL_BLOCKS);
	if (figures->every > 1)
		finding(findings, "thinned", TOPIC_CAVEAT,
				"Samples of a run this long do not fit into memory: the figures are of every %dth block.",
				figures->every);
}

/* what the way to the server and a closed loop of one client say and do not */
static void
say_limits(const Figures *figures, Findings *findings)
{
	bool		here = false;

	for (int s = 0; s < figures->nsides; s++)
		here = here || environment_server_is_here(&figures->sides[s].environment);
	if (here)
		finding(findings, "transport", TOPIC_CAVEAT,
				"No network is in this: client and server share a host, and \"network\" is transport and wake-ups of two "
				"processes. --assume-rtt 1ms works out what a network adds.");
	if (figures->sends_unseen)
		finding(findings, "sends-unseen", TOPIC_CAVEAT,
				"libpq's sends are not seen here: encode ends before a message is built, and building it counts as network.");
	if (figures->parameters.split_commit)
		finding(findings, "split-commit", TOPIC_CAVEAT,
				"--split-commit: each step is two round trips, so that it takes an empty query's longer than it would, and "
				"its locks are held for as long. What batching saves is not worked out of that.");
	finding(findings, "think", TOPIC_CAVEAT, "%s queue behind each other: p95 is time in service, without any queue.",
			figures->parameters.think_ns > 0 ? "One client: workflows" :
			"Think 0: one client, and each step follows the last at once. Workflows work between steps (--think), and");
}

/*
 * A warning of the environment in short: whole where it is, else its first
 * sentence, which says what it does, and its last, which says what to do.
 */
static char *
condensed(const Warning *warning)
{
	enum
	{
		SHORT = 170
	};
	int			length = (int) strcspn(warning->text, "\n");
	const char *first = strstr(warning->text, ". ");
	const char *last = NULL;
	char	   *text = NULL;

	text_add(&text, "%s: ", warning->subject);
	for (const char *end = first; end != NULL && end - warning->text < length; end = strstr(end + 2, ". "))
		last = end + 2;
	if (length <= SHORT || first == NULL || last == NULL || last - warning->text >= length)
		text_add(&text, "%.*s", length, warning->text);
	else
		text_add(&text, "%.*s %.*s", (int) (first - warning->text) + 1, warning->text,
				 length - (int) (last - warning->text), last);
	return text;
}

/* loopback is said in other words, and what only a dump loses changes no figure */
static bool
touches_figures(const Warning *warning)
{
	static const char *const others[] = {"transport", "dump", "pg_dump"};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(warning->subject, others[i]) == 0)
			return false;
	return true;
}

/* the same but for numbers, which differ from reading to reading? */
static bool
same_words(const char *a, const char *b)
{
	for (;; a++, b++)
	{
		a += strspn(a, "0123456789.");
		b += strspn(b, "0123456789.");
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
	}
}

static bool
warns_too(const Environment *environment, const Warning *warning)
{
	for (int i = 0; i < environment->nwarnings; i++)
		if (strcmp(environment->warnings[i].subject, warning->subject) == 0 &&
			same_words(environment->warnings[i].text, warning->text))
			return true;
	return false;
}

static void
say_warnings(const Figures *figures, Findings *findings)
{
	const Environment *first = &figures->sides[0].environment;

	for (int s = 0; s < figures->nsides; s++)
	{
		const Environment *environment = &figures->sides[s].environment;
		const Environment *other = &figures->sides[figures->nsides - 1 - s].environment;

		for (int i = 0; i < environment->nwarnings; i++)
		{
			const Warning *warning = &environment->warnings[i];
			bool		both = figures->nsides < 2 || warns_too(other, warning);
			char	   *text;

			if (!touches_figures(warning) || (s > 0 && warns_too(first, warning)))
				continue;
			text = condensed(warning);
			finding(findings, "environment", TOPIC_CAVEAT, "%s%s%s%s", warning->unsafe ? "UNSAFE " : "",
					both ? "" : s == 0 ? "A" : "B", both ? "" : ": ", text);
			free(text);
		}
	}
}

void
findings_of_run(const Figures *figures, Findings *findings)
{
	Pair		pair;

	say_ending(figures, findings);
	for (int i = 0; pair_at(figures, i, &pair); i++)
	{
		if (figures->nsides > 1 || has_many_pairs(figures))
			snprintf(findings->whose, sizeof(findings->whose), "%s", words_whose(figures, pair.multiple));
		say_left_out(pair.multiple, findings);
		say_left_out(pair.batched, findings);
		say_unknown_server(&pair, findings);
		say_unknown_usage(&pair, findings);
		say_floor(&pair, findings);
		say_delayed_acknowledgements(&pair, findings);
		say_slow_mode(&pair, findings);
		say_unattributed(&pair, findings);
	}
	for (int s = 0; s < figures->nsides; s++)
	{
		snprintf(findings->whose, sizeof(findings->whose), "%s", figures->nsides < 2 ? "" : s == 0 ? "A" : "B");
		say_moves(figures, &figures->sides[s], findings);
		say_processors(figures, &figures->sides[s], findings);
	}
	findings->whose[0] = '\0';
	say_warnings(figures, findings);
	say_limits(figures, findings);
}
