/*
 * test_compare.c
 *	  Result files against result files: order, pairs, copies, conditions.
 */
#include <unistd.h>

#include "figures/compare.h"
#include "figures/conditions.h"
#include "made_samples.h"
#include "tap.h"

#define MOST_FILES 32

static char folder[] = "/tmp/dbos_payload.unit.XXXXXX";

typedef struct Run
{
	char		side;			/* 'A' or 'B' */
	int			minute;			/* when it began */
	double		pace;			/* all times are multiplied by it */
	double		middle;			/* and the middle size's by this too */
	const char *run_id;			/* NULL: one of its own */
	const char *fsync;			/* NULL: on */
	int			nsides;
	const char *label;
	bool		keep;
	double		spread;			/* the blocks are by turns this much, as a share, faster and slower */
} Run;

typedef struct Files
{
	char	   *left[MOST_FILES];
	char	   *right[MOST_FILES];
	int			nleft;
	int			nright;
} Files;

static void
write_run(const Run *run, const char *path)
{
	static int	next_id = 0;
	Made		made;
	Figures		figures;
	char		started_at[40];
	char		id[40];

	made_init(&made, run->nsides > 0 ? run->nsides : 1);
	snprintf(started_at, sizeof(started_at), "2026-11-25T12:%02d:00.000Z", run->minute);
	snprintf(id, sizeof(id), "run %d", next_id++);
	made.context.started_at = started_at;
	made.context.run_id = run->run_id != NULL ? run->run_id : id;
	made.parameters.labels[0] = run->label;
	made.parameters.keep = run->keep;
	if (run->fsync != NULL)
	{
		free(made.environments[0].settings[0].value);
		made.environments[0].settings[0].value = xstrdup(run->fsync);
	}
	for (int b = 0; b < 6; b++)
	{
		measured_begin_block(&made.measured);
		for (int i = 0; i < 2; i++)
		{
			const double pace = run->pace * (1.0 + (b % 2 == 0 ? run->spread : -run->spread));
			const double ms[MADE_SIZES] = {pace, 2.0 * pace * run->middle, 10.0 * pace};
			const double batched = 11.0 * pace;

			measured_begin_iteration(&made.measured);
			for (int side = 0; side < made.parameters.nsides; side++)
			{
				made_row(&made, 2 * side, ms);
				made_row(&made, 2 * side + 1, &batched);
			}
		}
	}
	figures_make(&made.measured, &made.context, &figures);
	if (!figures_write(&figures, path))
		abort();
	figures_free(&figures);
	made_free(&made);
}

static void
write_runs(const Run *runs, int n, Files *files)
{
	files->nleft = files->nright = 0;
	for (int i = 0; i < n; i++)
	{
		char	   *path = xasprintf("%s/%d.json", folder, i);

		write_run(&runs[i], path);
		if (runs[i].side == 'A')
			files->left[files->nleft++] = path;
		else
			files->right[files->nright++] = path;
	}
}

static void
remove_runs(Files *files)
{
	for (int i = 0; i < files->nleft; i++)
	{
		unlink(files->left[i]);
		free(files->left[i]);
	}
	for (int i = 0; i < files->nright; i++)
	{
		unlink(files->right[i]);
		free(files->right[i]);
	}
}

static bool
read_all(Files *files, bool ignore_conditions, Comparison *comparison)
{
	return comparison_read((const char *const *) files->left, files->nleft,
						   (const char *const *) files->right, files->nright, ignore_conditions, comparison);
}

/* Runs of equal figures but for a pace that wanders, in this order. */
static void
make_order(const char *order, double drift, double middle_of_b, Comparison *comparison, Files *files)
{
	Run			runs[MOST_FILES];
	int			n = (int) strlen(order);

	memset(runs, 0, sizeof(runs));
	for (int i = 0; i < n; i++)
	{
		runs[i].side = order[i];
		runs[i].minute = i;
		runs[i].pace = 1.0 + drift * i + (i % 3) * 0.001;
		runs[i].middle = order[i] == 'B' ? middle_of_b : 1.0;
	}
	write_runs(runs, n, files);
	if (!read_all(files, false, comparison))
		abort();
	comparison_make(comparison);
}

static const Difference *
find_cell(const Comparison *comparison, int step, Metric metric)
{
	for (int i = 0; i < comparison->ncells; i++)
	{
		const Difference *d = &comparison->cells[i];

		if (d->kind == WORKFLOW_MULTIPLE && d->step == step && d->metric == metric)
			return &comparison->cells[i];
	}
	return NULL;
}

static void
test_orders(void)
{
	static const struct
	{
		const char *order;
		RunOrder	expected;
		int			npairs;
	}			orders[] = {
		{"AB", ORDER_SINGLE, 1},
		{"BA", ORDER_SINGLE, 1},
		{"AABB", ORDER_SEPARATE, 1},
		{"AAABBB", ORDER_SEPARATE, 1},
		{"AAAAABBBBBA", ORDER_SEPARATE, 2},
		{"ABAB", ORDER_ALTERNATING, 2},
		{"BABABA", ORDER_ALTERNATING, 3},
		{"ABBA", ORDER_MIXED, 2},
		{"ABBAABBAABBA", ORDER_MIXED, 6},
		{"BAABABAB", ORDER_MIXED, 4},
		{"AABAB", ORDER_MIXED, 2},
		{"ABABABABABABABABBA", ORDER_ALTERNATING, 9},
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
	{
		Comparison	comparison;
		Files		files;

		make_order(orders[i].order, 0.0, 1.0, &comparison, &files);
		if (!ok(comparison.order == orders[i].expected && comparison.npairs == orders[i].npairs &&
				strcmp(comparison.sequence, orders[i].order) == 0, orders[i].order))
			printf("# order %d, %d pairs, sequence %s\n", comparison.order, comparison.npairs, comparison.sequence);
		comparison_free(&comparison);
		remove_runs(&files);
	}
}

static void
test_ratios(void)
{
	Comparison	comparison;
	Files		files;
	const Difference *cell;
	int			differing = 0;

	make_order("ABBAABBAABBAABBA", 0.0, 1.05, &comparison, &files);
	cell = find_cell(&comparison, 1, METRIC_ROUND_TRIP);
	ok(cell != NULL && cell->differs && fabs(cell->ratio.value - 1.05) < 0.001,
	   "5 % in one size are found");
	ok(fabs(comparison_ms(&comparison, cell, false) - 2.0) < 0.01 &&
	   fabs(comparison_ms(&comparison, cell, true) - 2.1) < 0.01, "with both sides' medians");
	cell = find_cell(&comparison, 0, METRIC_ROUND_TRIP);
	ok(cell != NULL && !cell->differs && cell->detectable_percent < 1.0, "another size does not differ");
	cell = find_cell(&comparison, -1, METRIC_ROUND_TRIP);
	ok(cell != NULL && cell->differs && fabs(cell->ratio.value - 13.1 / 13.0) < 0.001,
	   "all steps together differ by as little");
	comparison_free(&comparison);
	remove_runs(&files);

	/* the machine becomes slower by 1 % from run to run */
	make_order("ABBAABBAABBAABBA", 0.01, 1.0, &comparison, &files);
	for (int i = 0; i < comparison.ncells; i++)
		differing += comparison.cells[i].differs;
	ok(differing == 0 && comparison.ncells > 8, "drift is no difference where the order turns round");
	comparison_free(&comparison);
	remove_runs(&files);

	make_order("ABBAABBAAB", 0.0, 1.05, &comparison, &files);
	cell = find_cell(&comparison, 1, METRIC_ROUND_TRIP);
	ok(comparison.npairs == 5 && !cell->differs && !estimate_has_interval(&cell->ratio) &&
	   fabs(cell->ratio.value - 1.05) < 0.001, "five pairs: a ratio, no interval, no verdict");
	comparison_free(&comparison);
	remove_runs(&files);

	make_order("AB", 0.0, 1.5, &comparison, &files);
	cell = find_cell(&comparison, 1, METRIC_ROUND_TRIP);
	ok(!cell->differs && fabs(cell->ratio.value - 1.5) < 0.01,
	   "one run a side: a ratio, and no verdict");
	comparison_free(&comparison);
	remove_runs(&files);
}

/* Which step's round trips are slower by more than percent: "010", a bit each; "-": they have no interval. */
static const char *
slower_steps(const Comparison *comparison, double percent)
{
	static char bits[MADE_SIZES + 1];
	Slowdown   *slowdowns = xcalloc((size_t) comparison->ncells, sizeof(Slowdown));

	comparison_slower(comparison, percent, slowdowns);
	for (int step = 0; step < MADE_SIZES; step++)
	{
		const Slowdown *here = &slowdowns[find_cell(comparison, step, METRIC_ROUND_TRIP) - comparison->cells];

		bits[step] = here->slower ? '1' : estimate_has_interval(&here->ratio) ? '0' : '-';
	}
	free(slowdowns);
	return bits;
}

/* One run a side, whose blocks spread, B's times those of A times pace. */
static const char *
slower_of_two(double pace, double spread, double percent)
{
	Run			runs[2] = {
		{'A', 0, 1.0, 1.0, NULL, NULL, 1, NULL, false, spread},
		{'B', 1, pace, 1.0, NULL, NULL, 1, NULL, false, spread}
	};
	Comparison	comparison;
	Files		files;
	const char *bits;

	write_runs(runs, 2, &files);
	if (!read_all(&files, false, &comparison))
		abort();
	comparison_make(&comparison);
	bits = slower_steps(&comparison, percent);
	comparison_free(&comparison);
	remove_runs(&files);
	return bits;
}

static void
test_slower(void)
{
	Comparison	comparison;
	Files		files;

	make_order("ABBAABBAABBAABBA", 0.0, 1.05, &comparison, &files);
	ok(strcmp(slower_steps(&comparison, 4.5), "010") == 0, "pairs: 5 % in one size are more than 4.5");
	ok(strcmp(slower_steps(&comparison, 5.5), "000") == 0, "and not more than 5.5");
	ok(strcmp(slower_steps(&comparison, 0.0), "010") == 0, "at 0 it is what differs");
	comparison_free(&comparison);
	remove_runs(&files);

	make_order("ABBAABBAABBAABBA", 0.0, 0.90, &comparison, &files);
	ok(strcmp(slower_steps(&comparison, 0.0), "000") == 0, "what is faster is not slower");
	comparison_free(&comparison);
	remove_runs(&files);

	make_order("ABBAABBAAB", 0.0, 1.5, &comparison, &files);
	ok(strcmp(slower_steps(&comparison, 0.0), "---") == 0, "five pairs: nothing can be said");
	comparison_free(&comparison);
	remove_runs(&files);

	/* the ratio's standard error is 3.2 %, with 10 degrees of freedom */
	ok(strcmp(slower_of_two(1.5, 0.05, 10.0), "111") == 0, "one run a side: 50 % are more than 10, by the blocks");
	ok(strcmp(slower_of_two(1.5, 0.05, 42.0), "000") == 0, "50 % measured are not shown to be more than 42");
	ok(strcmp(slower_of_two(1.05, 0.05, 0.0), "000") == 0, "5 % measured are not shown to be more than 0");
	ok(strcmp(slower_of_two(1.05, 0.0, 4.0), "111") == 0, "without any spread they are");
	ok(strcmp(slower_of_two(1.05, 0.0, 6.0), "000") == 0, "but not more than 6");
	ok(strcmp(slower_of_two(0.5, 0.05, 0.0), "000") == 0, "half the time is not slower");
}

/* Can the two runs be compared? */
static bool
accepted(const Run *left, const Run *right, bool ignore_conditions)
{
	Run			runs[2] = {*left, *right};
	Comparison	comparison;
	Files		files;
	bool		good;

	write_runs(runs, 2, &files);
	good = read_all(&files, ignore_conditions, &comparison);
	comparison_free(&comparison);
	remove_runs(&files);
	return good;
}

static void
test_refusals(void)
{
	Run			a = {'A', 0, 1.0, 1.0, NULL, NULL, 1, NULL, false, 0.0};
	Run			b = {'B', 1, 1.0, 1.0, NULL, NULL, 1, NULL, false, 0.0};

	ok(accepted(&a, &b, false), "two runs");
	b.label = "a label\nof \"two\" lines";
	ok(accepted(&a, &b, false), "a label may hold anything");
	b.keep = true;
	ok(accepted(&a, &b, false), "--keep is no condition");
	b.fsync = "off";
	ok(!accepted(&a, &b, false), "a setting is one");
	ok(accepted(&a, &b, true), "that can be ignored");
	b.fsync = NULL;
	b.nsides = 2;
	ok(!accepted(&a, &b, true), "a run of two sides is no side");
	b.nsides = 1;
	a.run_id = b.run_id = "the same";
	ok(!accepted(&a, &b, true), "a run does not stand against itself");
}

/* of a file everything that can change times is a condition, by the file's own names */
static void
test_conditions(void)
{
	static const char *const expected[][2] = {
		{"protocol", "extended"}, {"transport", "loopback"}, {"ssl", "off"}, {"settings.fsync", "on"},
		{"host.cpu", "made up"}, {"parameters.sizes", "1, 1000, 1000000"}, {"parameters.drives", "calls"},
		{"parameters.think_ms", "2.5"}, {"parameters.seed", "''"}, {"parameters.warmup", "3"}
	};
	static const char *const left_out[] = {"parameters.keep", "settings.table.bytes", "rtt_ms", "warnings", "conninfo"};
	Made		made;
	Figures		figures;
	json_t	   *conditions;

	made_init(&made, 1);
	made.parameters.think_ns = 2500000;
	figures_make(&made.measured, &made.context, &figures);
	conditions = conditions_of(&figures, 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		const char *value = json_string_value(json_object_get(conditions, expected[i][0]));

		if (!ok(value != NULL && strcmp(value, expected[i][1]) == 0, expected[i][0]))
			printf("# %s\n", value != NULL ? value : "is missing");
	}
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		ok(json_object_get(conditions, left_out[i]) == NULL, left_out[i]);
	ok(condition_matters("ssl") && !condition_matters("parameters.warmup"), "some are only noted");
	json_decref(conditions);
	figures_free(&figures);
	made_free(&made);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_orders();
	test_ratios();
	test_slower();
	test_refusals();
	test_conditions();
	rmdir(folder);
	return done_testing();
}
