/*
 * test_report.c
 *	  The look of the reports: what fits on a screen, and nothing that is not a
 *	  figure.
 */
#include <ctype.h>
#include <string.h>

#include "made_up.h"
#include "report/report.h"
#include "report/text.h"
#include "tap.h"

#define SCREEN_LINES 66

typedef void (*Report) (const Figures *figures, FILE *out);

/* malloc'd, the caller's */
static char *
printed(const Figures *figures, Report report)
{
	char	   *text = NULL;
	size_t		size = 0;
	FILE	   *file = open_memstream(&text, &size);

	report(figures, file);
	fclose(file);
	return text;
}

static int
lines_of(const char *text)
{
	int			n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static int
widest_of(const char *text)
{
	int			widest = 0;

	while (*text != '\0')
	{
		int			width = (int) strcspn(text, "\n");

		widest = width > widest ? width : widest;
		text += width;
		text += *text == '\n';
	}
	return widest;
}

/* is the word there by itself? */
static bool
has_word(const char *text, const char *word)
{
	for (const char *found = strstr(text, word); found != NULL; found = strstr(found + 1, word))
	{
		char		after = found[strlen(word)];

		if ((found == text || !isalnum((unsigned char) found[-1])) && !isalnum((unsigned char) after))
			return true;
	}
	return false;
}

static void
check(const Figures *figures, Report report, int most_lines, const char *name)
{
	char	   *text = printed(figures, report);
	char		what[200];

	snprintf(what, sizeof(what), "%s: at most 100 columns", name);
	if (!ok(widest_of(text) <= REPORT_WIDTH, what))
		printf("# %d\n", widest_of(text));
	snprintf(what, sizeof(what), "%s: lines", name);
	if (!ok(lines_of(text) <= most_lines, what))
		printf("# %d\n", lines_of(text));
	snprintf(what, sizeof(what), "%s: no nan, inf, \"-0.000\", \"1 steps\", \"(null)\", blanks at a line's end", name);
	ok(!has_word(text, "nan") && !has_word(text, "inf") && !has_word(text, "-0.000") && !has_word(text, "1 steps") &&
	   !has_word(text, "1 blocks") && !has_word(text, "1 iterations") && !has_word(text, "1 calls") &&
	   strstr(text, "(null)") == NULL && strstr(text, " \n") == NULL, what);
	free(text);
}

/* a run of one size only */
static Figures *
one_size(void)
{
	Figures    *figures = made_up(1, "c", "s", MADE_UP_BLOCKS);

	figures->parameters.nsizes = 1;
	figures->workflows[0].nsteps = 1;
	figures->approaches[0].nsteps = 1;
	for (int m = 0; m < METRIC_COUNT; m++)
		figures->models[0].fits[m].known = false;
	return figures;
}

/* as in a table's row: the parts that are printed, and the rest, make the mean */
static void
test_adds_up(void)
{
	Figures    *figures = made_up(1, "c", "s", MADE_UP_BLOCKS);
	char	   *text = printed(figures, report_answer);
	char	   *row = strstr(text, "\n     1 MB");
	double		value[16];
	int			n = 0;
	char	   *end;
	double		sum = 0.0;

	ok(row != NULL, "the largest size has a row");
	if (row == NULL)
		return;
	for (row += strlen("\n     1 MB"); n < 16 && *row != '\n'; row = end)
	{
		value[n] = strtod(row, &end);
		if (end == row)
		{
			/* the dots of the interval */
			end++;
			continue;
		}
		n++;
	}
	/* p50, low, high, p95, mean, parts, rest */
	for (int i = 5; i < n; i++)
		sum += value[i];
	ok(n > 6 && fabs(sum - value[4]) < 0.0005 * (n - 4), "the parts and the rest add up to the mean");
	free(text);
}

/* An interval that is none stands nowhere: 2208 and not 2208 (2208 .. 2208). */
static void
test_intervals(void)
{
	Estimate	counted = {2208.0, 2208.0, 2208.0, 10};
	Estimate	narrow = {0.2841, 0.2839, 0.2842, 10};

	ok(strcmp(words_interval(&counted, 0), "") == 0, "what was the same in every block has no interval");
	ok(strcmp(words_interval(&narrow, 3), "") == 0 && strcmp(words_interval(&narrow, 4), " (0.2839 .. 0.2842)") == 0,
	   "nor has what differs behind the last decimal");
}

int
main(void)
{
	Figures    *crowded = made_up(1, "c", "s", MADE_UP_BLOCKS);
	Figures    *interrupted = made_up(1, "c", "s", 1);
	Figures    *unknown = made_up(1, "c", "s", MADE_UP_BLOCKS);
	Figures    *empty = made_up(1, "c", "s", MADE_UP_BLOCKS);
	Figures    *nameless = made_up(1, "c", "s", MADE_UP_BLOCKS);
	Figures    *labels = made_up(2, "cpr", "sc", MADE_UP_BLOCKS);

	test_intervals();
	check(made_up(1, "c", "s", MADE_UP_BLOCKS), report_answer, SCREEN_LINES, "plain");
	check(made_up(1, "c", "c", MADE_UP_BLOCKS), report_answer, SCREEN_LINES, "origin client");
	check(made_up(1, "p", "s", MADE_UP_BLOCKS), report_answer, SCREEN_LINES, "pipeline");
	check(made_up(1, "cpr", "sc", MADE_UP_BLOCKS), report_answer, SCREEN_LINES + 10, "all drives");
	check(made_up(2, "c", "s", MADE_UP_BLOCKS), report_answer, SCREEN_LINES, "two sides");
	check(made_up(1, "c", "s", 1), report_answer, SCREEN_LINES, "one block");
	check(one_size(), report_answer, SCREEN_LINES, "one size");

	/* a busy host: as much to keep in mind as there usually is */
	crowded->workflows[0].steps[0].shape = (Shape) {0.12, 3.2, 0.0, NAN};
	crowded->workflows[0].steps[0].time[METRIC_ROUND_TRIP].mean = made_up_estimate(0.6, MADE_UP_BLOCKS);
	made_up_warning(&crowded->sides[0].environment, "busy host", "the 2 processors of this host are 80 % busy with other "
					"work: client and server wait for their turn in every part. Measure while nothing else runs.", false);
	check(crowded, report_answer, SCREEN_LINES, "a busy host");

	interrupted->niterations = 1;
	interrupted->parameters.iterations = 30;
	interrupted->stopped = STOPPED_BY_INTERRUPT;
	check(interrupted, report_answer, SCREEN_LINES, "interrupted at once");

	/* timing is off: nothing is known of the server */
	for (int s = 0; s < MADE_UP_SIZES; s++)
		for (int m = METRIC_NETWORK; m <= METRIC_SERVER_TOTAL; m++)
			if (m != METRIC_DECODE && m != METRIC_WAIT)
				unknown->workflows[0].steps[s].time[m] = made_up_summary(NAN, MADE_UP_BLOCKS, 0);
	check(unknown, report_answer, SCREEN_LINES, "without the server's times");
	check(unknown, report_full, 3000, "without the server's times, in full");

	/* everything failed */
	for (int s = 0; s < MADE_UP_SIZES; s++)
	{
		for (int m = 0; m < METRIC_COUNT; m++)
			empty->workflows[0].steps[s].time[m] = made_up_summary(NAN, 0, 0);
		empty->workflows[0].steps[s].first = (Estimate) {NAN, NAN, NAN, 0};
	}
	empty->approaches[0].ratio = (Estimate) {NAN, NAN, NAN, 0};
	empty->napproaches = 0;
	check(empty, report_answer, SCREEN_LINES, "no step was measured");
	check(empty, report_full, 3000, "no step was measured, in full");

	/* a file need not say what server and which way it was */
	nameless->sides[0].environment.server_version = NULL;
	nameless->sides[0].environment.transport = NULL;
	nameless->sides[0].tcp_retransmits = UNKNOWN;
	check(nameless, report_answer, SCREEN_LINES, "a server of no version");
	check(nameless, report_full, 3000, "a server of no version, in full");

	check(made_up(1, "c", "s", MADE_UP_BLOCKS), report_full, 3000, "plain, in full");
	check(made_up(1, "cpr", "sc", 1), report_full, 3000, "all drives, one block, in full");
	check(labels, report_answer, SCREEN_LINES + 35, "two sides, all drives");
	check(labels, report_full, 3000, "two sides, all drives, in full");
	test_adds_up();
	return done_testing();
}
