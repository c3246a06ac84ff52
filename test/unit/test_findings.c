/*
 * test_findings.c
 *	  What findings say, and above all what they do not: each rule gets figures
 *	  that make the neighbouring, false sentence tempting.
 */
#include <string.h>

#include "made_up.h"
#include "report/findings.h"
#include "tap.h"

/* everything that is said of a run; the newest is freed by the next call */
static Findings findings;

static void
find_all(const Figures *figures)
{
	Pair		pair;

	findings_free(&findings);
	memset(&findings, 0, sizeof(findings));
	if (pair_at(figures, 0, &pair))
		findings_of_pair(&pair, &findings);
	findings_of_run(figures, &findings);
	findings_of_sides(figures, &findings);
}

/* what a rule says, the first time; "" for nothing */
static const char *
said(const Figures *figures, const char *rule)
{
	find_all(figures);
	for (int i = 0; i < findings.n; i++)
		if (strcmp(findings.items[i].rule, rule) == 0)
			return findings.items[i].text;
	return "";
}

static bool
is_silent(const Figures *figures, const char *rule)
{
	return said(figures, rule)[0] == '\0';
}

static bool
says(const Figures *figures, const char *rule, const char *words)
{
	return strstr(said(figures, rule), words) != NULL;
}

/* is this said by any rule? */
static bool
anywhere(const Figures *figures, const char *words)
{
	find_all(figures);
	for (int i = 0; i < findings.n; i++)
		if (strstr(findings.items[i].text, words) != NULL)
			return true;
	return false;
}

static Figures *
plain(void)
{
	return made_up(1, "c", "s", MADE_UP_BLOCKS);
}

static Estimate
between(double low, double value, double high)
{
	return (Estimate) {value, low, high, MADE_UP_BLOCKS};
}

static void
set_time(Figures *figures, int step, double ms)
{
	figures->workflows[0].steps[step].time[METRIC_ROUND_TRIP].median = made_up_estimate(ms, MADE_UP_BLOCKS);
}

static void
test_cost(void)
{
	Figures    *figures = plain();

	ok(says(figures, "range", "A step of 1 B takes 0.274 ms (0.268 .. 0.279), one of 1 MB 7.254 ms"),
	   "range: both ends, with intervals");
	ok(says(figures, "doubling", "Up to 10 kB") && says(figures, "doubling", "from 100 kB on each does"),
	   "doubling: both borders");

	/* the largest is quick again, one in between is not */
	for (int s = 1; s < MADE_UP_SIZES; s++)
		set_time(figures, s, 0.3);
	set_time(figures, 2, 0.9);
	ok(says(figures, "doubling", "Up to 10 B no measured size") && !anywhere(figures, "Up to 1 MB"),
	   "doubling: a slow size in the middle ends it, however quick the largest is");
	ok(!says(figures, "doubling", "on each"), "doubling: and no size is called slow for good");

	/* twice as long, but not surely */
	set_time(figures, 2, 0.3);
	set_time(figures, 6, 0.55);
	ok(says(figures, "doubling", "Up to 100 kB") && !says(figures, "doubling", "from 1 MB"),
	   "doubling: nothing is said of a size whose interval holds twice the smallest");

	set_time(figures, 3, 0.26);
	ok(is_silent(figures, "floor"), "floor: a size that is hardly quicker than the smallest is no finding");
	set_time(figures, 3, 0.15);
	ok(says(figures, "floor", "A step of 1 kB is quicker than one of 1 B"), "floor: one that is surely quicker is");

	ok(says(figures, "first", "first call (1 B) takes 3.821 ms"), "first: a slow first call");
	figures->workflows[0].steps[0].first = between(0.2, 3.8, 7.4);
	ok(is_silent(figures, "first"), "first: not where its interval holds ordinary times");

	ok(says(figures, "slope", "6.980 ms (6.840 .. 7.120) for each MB"), "slope: with its interval");
	figures->models[0].fits[METRIC_ROUND_TRIP].poor = true;
	ok(is_silent(figures, "slope"), "slope: none where the times lie on no line");

	ok(says(figures, "idle", "1 B takes 2.24 times (2.20 .. 2.28) as long as at once, in the same iteration: nearer"),
	   "idle: the step after 5 ms without a call");
	ok(!says(figures, "idle", "ms (") && !says(figures, "idle", "0.620"), "idle: no p50, which is not of the same iterations as the ratio");
	for (int b = 0; b < figures->nbaselines; b++)
		if (figures->baselines[b].kind == BASELINE_IDLE)
			figures->baselines[b].ratio = between(0.95, 1.15, 1.35);
	ok(says(figures, "idle", "1.15 times (0.95 .. 1.35)") && says(figures, "idle", "no difference shown") &&
	   !says(figures, "idle", "nearer"), "idle: no difference where the interval holds 1");
	ok(says(figures, "think", "Think 0:"), "think 0: what it means");
	figures->parameters.think_ns = 5000000;
	ok(is_silent(figures, "idle") && !says(figures, "think", "Think 0"), "with --think neither is said");
}

static void
test_batching(void)
{
	Figures    *figures = plain();
	Approaches *a = &figures->approaches[0];

	ok(says(figures, "batching", "batching saves 1.642 ms (1.609 .. 1.674), 17 %"), "batching pays");
	a->ratio = between(0.97, 1.02, 1.07);
	ok(says(figures, "batching", "no difference shown") && !says(figures, "batching", "saves"),
	   "batching: a ratio whose interval holds 1 shows no difference, however far its value is from it");
	a->ratio = between(0.80, 0.85, 0.90);
	ok(says(figures, "batching", "does not pay"), "batching does not pay");

	a->expected_saving_ms = made_up_estimate(1.64, MADE_UP_BLOCKS);
	a->shortfall_ms = between(-0.10, -0.02, 0.06);
	ok(says(figures, "expected", "to within 10 %"), "expected: agreement is an interval within the band");
	a->shortfall_ms = between(-0.36, -0.15, 0.06);
	ok(says(figures, "expected", "too uncertain") && !says(figures, "expected", "to within"),
	   "expected: an interval that holds 0 and is wider than the band agrees with nothing");
	a->shortfall_ms = between(-0.40, -0.33, -0.26);
	ok(says(figures, "expected", "less by 0.330 ms (0.260 .. 0.400)"), "expected: a fifth less is found");
	ok(!anywhere(figures, "large payload costs") && !anywhere(figures, "pieces cost"),
	   "expected: no cause is named, a slow first step would do it too");

	ok(says(figures, "break-even", "0.410 ms (0.402 .. 0.418)") && says(figures, "break-even", "slow start"),
	   "break-even: with its interval, and what is left out of it");
	a->break_even_rtt_ms = between(-0.3, 0.1, 0.5);
	ok(says(figures, "break-even", "at most 0.500 ms") && !says(figures, "break-even", "0.100"),
	   "break-even: an interval that begins below 0 gives no value but a bound");
	a->break_even_rtt_ms = between(-0.5, -0.3, -0.1);
	ok(says(figures, "break-even", "at any round-trip time"), "break-even: surely below 0");

	ok(is_silent(figures, "assumed"), "--assume-rtt: not asked, not said");
	figures->assume_rtt_ms = 1.0;
	ok(says(figures, "assumed", "Bandwidth and TCP's slow start are left out"), "--assume-rtt: what it knows nothing of");
}

static void
test_where(void)
{
	Figures    *figures = plain();
	Cell	   *smallest = &figures->workflows[0].steps[0];

	ok(says(figures, "split", "49 % is commit, 0.141 ms (0.138 .. 0.144)"), "split: the largest part with its interval");
	smallest->time[METRIC_CLIENT_COMMIT].median = made_up_estimate(0.268, MADE_UP_BLOCKS);
	smallest->time[METRIC_CLIENT_COMMIT].mean = made_up_estimate(0.155, MADE_UP_BLOCKS);
	ok(says(figures, "client-commit", "took 0.155 ms") && says(figures, "client-commit", "the server itself says 0.141 ms (0.138 .. 0.144): both are means"),
	   "client-commit: means, as the commit's share is of");
	smallest->time[METRIC_CLIENT_COMMIT].mean = smallest->time[METRIC_CLIENT_COMMIT].median = made_up_estimate(NAN, 0);
	ok(!anywhere(figures, "flush)") && !anywhere(figures, "(WAL flush"), "split: commit is not called a flush");

	/* p50 0.291 and mean 0.599: a commit that is slow in part of the run */
	smallest->time[METRIC_COMMIT].median = made_up_estimate(0.045, MADE_UP_BLOCKS);
	smallest->time[METRIC_COMMIT].mean = made_up_estimate(0.450, MADE_UP_BLOCKS);
	smallest->time[METRIC_ROUND_TRIP].median = made_up_estimate(0.291, MADE_UP_BLOCKS);
	smallest->time[METRIC_ROUND_TRIP].mean = made_up_estimate(0.599, MADE_UP_BLOCKS);
	ok(says(figures, "split", "75 % is commit"), "split: shares are of the time, not of the medians (15 %)");
	ok(is_silent(figures, "slow-mode"), "slow mode: not without samples in it");
	smallest->shape = (Shape) {0.12, 3.2, 0.0, NAN};
	ok(says(figures, "slow-mode", "at 1 B: of 1 B, 12 % took over 3 medians"), "slow mode: the median hides it");
	smallest->time[METRIC_ROUND_TRIP].n = 10;
	ok(is_silent(figures, "slow-mode"), "slow mode: one slow step of ten is none");

	ok(says(figures, "leaders", "commit from 1 B to 10 kB, storing from 100 kB"), "leaders: by every size");
	for (int s = 1; s < MADE_UP_SIZES; s++)
	{
		figures->workflows[0].steps[s].time[METRIC_STORE].mean = between(0.1, 1.0, 9.0);
		figures->workflows[0].steps[s].time[METRIC_COMMIT].mean = between(0.1, 0.9, 9.0);
	}
	ok(is_silent(figures, "leaders"), "leaders: none where intervals overlap");

	figures = plain();
	ok(anywhere(figures, "transport and wake-ups") && !is_silent(figures, "transport"),
	   "loopback: no network is in it");
	figures->sides[0].environment.transport = "tcp";
	ok(!anywhere(figures, "wake-ups") && is_silent(figures, "transport") && says(figures, "split", "% network"),
	   "another host: it is the network");

	ok(says(figures, "insert", "0.033 ms less (0.032 .. 0.034)"), "bare INSERT: what recording adds");
	for (int b = 0; b < figures->nbaselines; b++)
		if (figures->baselines[b].kind == BASELINE_INSERT || figures->baselines[b].kind == BASELINE_SEND_HEX)
			figures->baselines[b].difference_ms = between(-0.1, 0.02, 0.14);
	ok(is_silent(figures, "insert") && is_silent(figures, "hex"), "neither INSERT nor hex where nothing is shown");

	figures = plain();
	ok(is_silent(figures, "unattributed"), "unattributed: within what the split allows itself");
	figures->workflows[0].steps[0].time[METRIC_UNATTRIBUTED].mean = between(-0.001, 0.02, 0.041);
	ok(is_silent(figures, "unattributed"), "unattributed: not where that is not sure");
	figures->workflows[0].steps[0].time[METRIC_UNATTRIBUTED].mean = between(0.018, 0.02, 0.022);
	ok(says(figures, "unattributed", "0.020 ms (0.018 .. 0.022)"), "unattributed: said where it is");
}

static void
test_processors(void)
{
	Figures    *figures = plain();
	Cell	   *smallest = &figures->workflows[0].steps[0];

	ok(says(figures, "remedy", "storage that flushes sooner"), "commit that waits for something else than processors");
	ok(is_silent(figures, "processors"), "processors: hardly waited for");

	/* two busy loops: a commit of 3.58 ms */
	smallest->use[PHASE_COMMIT] = (PhaseUse) {12, 3.58, 0.04, 3.12};
	smallest->time[METRIC_COMMIT].mean = made_up_estimate(3.5, MADE_UP_BLOCKS);
	smallest->time[METRIC_ROUND_TRIP].mean = made_up_estimate(3.7, MADE_UP_BLOCKS);
	figures->sides[0].backend.delay_share = between(0.47, 0.51, 0.56);
	ok(says(figures, "processors", "51 % of the time (47 .. 56), 510 ms of each second") &&
	   says(figures, "processors", "commit took 3.580 ms, of which 3.120"), "processors: waited for, with the time");
	ok(says(figures, "split", "Of commit, 1 % is computing, 87 % waiting for a processor"), "and of the commit that it was that");
	ok(says(figures, "remedy-processors", "For commit (1 B): processors that are free") &&
	   strstr(said(figures, "remedy"), "commit (1 B)") == NULL, "and no faster disk is advised");
	smallest->use[PHASE_COMMIT].n = 1;
	ok(is_silent(figures, "remedy-processors"), "one call proves nothing");
}

static void
test_delayed_acknowledgements(void)
{
	Figures    *figures = plain();

	ok(is_silent(figures, "delayed-ack") && !is_silent(figures, "expected") && !is_silent(figures, "slope"),
	   "no delayed acknowledgements");
	figures->workflows[0].whole.shape = (Shape) {0.1, 99.0, 0.1, 44.0};
	figures->workflows[0].whole.time[METRIC_ROUND_TRIP].mean = made_up_estimate(99.0, MADE_UP_BLOCKS);
	ok(is_silent(figures, "delayed-ack") && is_silent(figures, "slow-mode") && !is_silent(figures, "expected"),
	   "seven round trips of 6 ms are no delayed acknowledgement");
	figures->workflows[0].steps[4].shape = (Shape) {0.43, 43.9, 0.43, 43.7};
	figures->workflows[0].steps[4].time[METRIC_ROUND_TRIP].mean = made_up_estimate(20.0, MADE_UP_BLOCKS);
	figures->approaches[0].shortfall_ms = between(25.0, 30.0, 35.0);
	ok(says(figures, "delayed-ack", "at 10 kB the network took about 40 ms in up to 43 % of the steps (median of those "
			"43.7 ms)") && says(figures, "delayed-ack", "Nagle"), "delayed acknowledgements: what they are, and where");
	ok(is_silent(figures, "expected") && is_silent(figures, "slope") && is_silent(figures, "remedy") &&
	   is_silent(figures, "slow-mode"), "and nothing is concluded from them");
	figures->workflows[0].steps[4].time[METRIC_NETWORK].n = 10;
	ok(is_silent(figures, "delayed-ack"), "four of ten are too few to call them that");
}

static void
test_run(void)
{
	Figures    *figures = made_up(1, "c", "s", 5);

	ok(!is_silent(figures, "few-blocks") && says(figures, "batching", "too few blocks to say more"),
	   "five blocks: no interval, nothing concluded");
	ok(!anywhere(figures, "saves 1.6") && is_silent(figures, "expected") && is_silent(figures, "doubling") &&
	   is_silent(figures, "leaders") && is_silent(figures, "insert") && is_silent(figures, "remedy"),
	   "nor by any other rule");
	ok(!anywhere(figures, "nan") && !anywhere(figures, " .. "), "and no interval is printed");

	figures = plain();
	ok(is_silent(figures, "environment"), "loopback is said in other words, not twice");
	made_up_warning(&figures->sides[0].environment, "data_directory",
					"the server's data are on tmpfs, in memory: \"fsync on\" means nothing there, no commit waits for a "
					"disk, and a crash of the host loses everything. Measure on a disk.", false);
	ok(says(figures, "environment", "tmpfs") && says(figures, "environment", "Measure on a disk."),
	   "data in memory: said, with what to do");
	figures->sides[0].environment.nwarnings = 0;
	made_up_warning(&figures->sides[0].environment, "fsync", "commits are not flushed. A long explanation follows here, "
					"which is of many words, and goes on, and does not end before the one hundred and seventieth column "
					"was passed. Set fsync = on.\n\tALTER SYSTEM SET fsync = on;", true);
	ok(strcmp(said(figures, "environment"), "UNSAFE fsync: commits are not flushed. Set fsync = on.") == 0,
	   "a long warning: what it does and what to do about it");

	figures->stopped = STOPPED_BY_INTERRUPT;
	figures->workflows[1].failed = 4;
	figures->workflows[0].steps[2].replayed = 2;
	figures->workflows[0].steps[3].retried = 1;
	ok(says(figures, "partial", "PARTIAL: the run ended early (interrupted)"), "interrupted");
	ok(says(figures, "failed", "FAILED iterations of batch_size_workflow, in no figure: 4."), "failed");
	ok(says(figures, "replayed", "in no figure: 2.") && says(figures, "retried", "in no figure: 1."), "replayed, sent again");
	ok(is_silent(figures, "sends-unseen"), "sends are seen");
	figures->sends_unseen = true;
	ok(!is_silent(figures, "sends-unseen"), "sends are not seen");

	figures = made_up(1, "cpr", "sc", MADE_UP_BLOCKS);
	figures->workflows[6].failed = 1;
	ok(says(figures, "failed", "pipeline, client: FAILED"), "failures of every drive and origin are said");

	/* the first drive is as it should be: the others' caveats are said all the same, of the whole or the server's time too */
	ok(is_silent(figures, "slow-mode") && is_silent(figures, "delayed-ack"), "all drives: no slow mode yet");
	figures->workflows[5].whole.shape = (Shape) {0.12, 3.2, 0.0, NAN};
	figures->workflows[5].whole.time[METRIC_ROUND_TRIP].mean = made_up_estimate(99.0, MADE_UP_BLOCKS);
	ok(says(figures, "slow-mode", "pipeline, server: The median hides a slow mode at the batch: of the batch, 12 %"),
	   "a slow mode of the batch, of another drive");
	figures->workflows[6].whole.shape = (Shape) {0.5, 44.0, 0.43, 43.7};
	ok(says(figures, "delayed-ack", "pipeline, client: Delayed acknowledgements: at all steps"),
	   "delayed acknowledgements where steps share a round trip");
}

static void
test_sides(void)
{
	Figures    *figures = made_up(2, "c", "s", MADE_UP_BLOCKS);

	ok(says(figures, "sides-same", "No difference shown between pglz and lz4") && is_silent(figures, "sides-differ"),
	   "two sides: none differs");
	ok(says(figures, "sides-detectable", "found in 4 runs of 5"), "two sides: how small one would have been found");
	figures->differences[3].ratio = between(1.01, 1.05, 1.09);
	figures->differences[3].p = 0.02;
	ok(is_silent(figures, "sides-differ"), "two sides: an interval without 1 is no difference yet, of many cells");
	figures->differences[3].differs = true;
	ok(says(figures, "sides-differ", "round trip of 100 B: lz4 takes 5.0 % longer than pglz (ratio 1.050, 1.010 .. 1.090)")
	   && is_silent(figures, "sides-same"), "two sides: by Holm it is");
	for (int i = 0; i < figures->ndifferences; i++)
		figures->differences[i].ratio = (Estimate) {1.3, NAN, NAN, 3};
	ok(!is_silent(figures, "sides-few") && is_silent(figures, "sides-same"), "two sides: too few blocks is not sameness");
}

/* calls of which the server told nothing: every third of each step */
static void
lose(Figures *figures, bool times)
{
	for (int w = 0; w < 2; w++)
	{
		WorkflowFigures *workflow = &figures->workflows[w];

		for (int s = 0; s <= workflow->nsteps; s++)
		{
			Cell	   *cell = s < workflow->nsteps ? &workflow->steps[s] : &workflow->whole;

			cell->usage_n = 200;
			for (Metric m = METRIC_NETWORK; times && m <= METRIC_COMMIT; m++)
				cell->time[m].n = 200;
			if (times)
				cell->time[METRIC_SERVER_TOTAL].n = 200;
		}
	}
}

static void
test_other_servers(void)
{
	Figures    *figures = plain();
	Environment *environment = &figures->sides[0].environment;

	ok(is_silent(figures, "unknown-usage") && is_silent(figures, "unknown-server"), "one server knows all of its calls");
	lose(figures, false);
	ok(is_silent(figures, "unknown-usage"), "WAL that is unknown without Citus is no other node's");
	made_setting(&environment->settings, &environment->nsettings, "table.distribution", "32 shards on 2 nodes, 16 here (worker)");
	ok(says(figures, "unknown-usage", "of 1600 of 2880 calls: the others wrote them on the node that keeps their workflow"),
	   "with it, it is said of how many WAL is known");
	ok(!is_silent(figures, "split"), "the parts of all calls are shares of their mean");

	lose(figures, true);
	ok(is_silent(figures, "split"), "parts of fewer calls are no shares of the mean of all");
	ok(says(figures, "unknown-server", "a pooler asked another session"), "whoever lost them");
	made_setting(&environment->settings, &environment->nsettings, DELEGATED_SETTING, "size_step");
	ok(says(figures, "unknown-server", "of 1600 of 2880 calls") && says(figures, "unknown-server", "delegated: size_step") &&
	   !anywhere(figures, "pooler"), "delegation lost them, and no pooler");
}

int
main(void)
{
	test_other_servers();
	test_cost();
	test_batching();
	test_where();
	test_processors();
	test_delayed_acknowledgements();
	test_run();
	test_sides();
	return done_testing();
}
