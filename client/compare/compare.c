/*
 * compare.c
 *	  The command compare: reads both sides' files, refuses what cannot be
 *	  compared, and prints which cells differ.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cells.h"
#include "compare/compare.h"
#include "compare/conditions.h"
#include "compare/contrast.h"
#include "compare/result_file.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/table.h"

#define CONFIDENCE 0.95

#define US_PER_MS 1000.0

/* from so many runs a side on a difference of 5 % is found in most comparisons */
#define ENOUGH_RUNS 6

typedef struct Comparing
{
	int			nleft;
	int			nright;
	ResultFile *files;			/* the left ones, then the right ones */
	Cells		cells;
	Design		design;
	bool		alternating;
	double	   *reference;		/* logarithms, by file; NULL: not all files have it */
	Contrast	pace;			/* the reference, left against right */
	int			ncontrasts;
	Contrast   *contrasts;		/* of the cells that are looked at, in order */
	int			ndiffer;
} Comparing;

/* all files of both sides; false, with a message for each that cannot be read */
static bool
read_files(const Options *options, Comparing *comparing)
{
	int			nfiles = options->nleft + options->nright;
	bool		good = true;

	comparing->nleft = options->nleft;
	comparing->nright = options->nright;
	comparing->files = xcalloc((size_t) nfiles + 1, sizeof(ResultFile));
	for (int f = 0; f < nfiles; f++)
	{
		bool		is_left = f < options->nleft;
		const char *path = is_left ? options->left[f] : options->right[f - options->nleft];
		char	   *error;

		for (int g = is_left ? 0 : options->nleft; g < f; g++)
		{
			if (strcmp(path, is_left ? options->left[g] : options->right[g - options->nleft]) == 0)
			{
				print_error("\"%s\" is given twice on one side; a run counts once", path);
				good = false;
			}
		}
		if (result_file_read(path, &comparing->files[f], &error))
			continue;
		print_error("result file %s", error ? error : "unreadable: out of memory");
		free(error);
		good = false;
	}
	return good;
}

/* what in a file makes its figures less than they look */
static void
warn_of_file(const ResultFile *file)
{
	for (int w = 0; w < file->nworkflows; w++)
	{
		const FileWorkflow *workflow = &file->workflows[w];
		const char *name = workflow_names[workflow->kind];

		if (workflow->partial)
			print_warning("\"%s\" was interrupted: %s has %lld iterations", file->path, name,
						  (long long) workflow->iterations);
		if (workflow->failed > 0)
			print_warning("\"%s\": %lld runs of %s failed; they are not in its figures", file->path,
						  (long long) workflow->failed, name);
	}
}

static void
print_side(const char *name, const ResultFile *files, int n)
{
	for (int f = 0; f < n; f++)
		printf("%-6s %s  %s%s%s\n", f == 0 ? name : "", files[f].started_at, files[f].path,
			   files[f].label ? "  " : "", files[f].label ? files[f].label : "");
}

/* The design for repeated runs, and its contrasts. */
static void
choose_of_many(Comparing *comparing)
{
	Contrast   *contrasts = comparing->contrasts;
	int			n = comparing->ncontrasts;
	ReferenceRuns runs;
	const ReferenceRuns *reference = NULL;

	comparing->reference = files_reference(comparing->files, comparing->nleft + comparing->nright);
	if (comparing->reference != NULL)
	{
		runs.left = comparing->reference;
		runs.right = comparing->reference + comparing->nleft;
		comparing->pace.nleft = comparing->nleft;
		comparing->pace.nright = comparing->nright;
		if (!contrasts_reference_differs(&runs, comparing->alternating, &comparing->pace) &&
			comparing->nleft >= REFERENCE_RUNS && comparing->nright >= REFERENCE_RUNS)
			reference = &runs;
	}
	comparing->design = contrasts_choose(contrasts, n, comparing->alternating, reference, CONFIDENCE);
	contrasts_solve(contrasts, n, comparing->design, reference, CONFIDENCE);
}

static void
choose_design(Comparing *comparing)
{
	comparing->alternating = runs_alternate(comparing->files, comparing->nleft,
											comparing->files + comparing->nleft, comparing->nright);
	cells_collect(comparing->files, comparing->nleft, comparing->files + comparing->nleft,
				  comparing->nright, &comparing->cells);
	comparing->ncontrasts = cells_contrasts(&comparing->cells, comparing->nleft, comparing->nright,
											&comparing->contrasts);
	if (comparing->nleft + comparing->nright < 3)
	{
		comparing->design = DESIGN_SINGLE;
		contrasts_solve(comparing->contrasts, comparing->ncontrasts, DESIGN_SINGLE, NULL, CONFIDENCE);
	}
	else
		choose_of_many(comparing);
	for (int i = 0; i < comparing->ncontrasts; i++)
		comparing->ndiffer += comparing->contrasts[i].differs;
}

/* do all cells come from one drive and origin? */
static bool
one_way(const Cells *cells)
{
	for (int i = 1; i < cells->n; i++)
	{
		if (cells->cells[i].drive != cells->cells[0].drive ||
			cells->cells[i].origin != cells->cells[0].origin)
			return false;
	}
	return true;
}

/* "step 1 kB", "steps, whole", "batch 1111111 B", with the drive and origin unless all have the same */
static void
cell_name(const Cell *cell, bool way, char *buffer, size_t size)
{
	char		bytes[FORMAT_BYTES_SIZE] = "whole";

	if (cell->function_id != NO_STEP)
		format_bytes(cell->payload_bytes, bytes, sizeof(bytes));
	snprintf(buffer, size, "%s%s%s%s%s %s", way ? drive_names[cell->drive] : "", way ? " " : "",
			 way ? origin_names[cell->origin] : "", way ? " " : "",
			 cell->kind == WORKFLOW_BATCHED ? "batch" : "step", bytes);
	if (cell->function_id == NO_STEP && cell->kind == WORKFLOW_MULTIPLE)
		snprintf(buffer, size, "%s%s%s%sall steps", way ? drive_names[cell->drive] : "", way ? " " : "",
				 way ? origin_names[cell->origin] : "", way ? " " : "");
}

static const char *
part_name(Metric metric)
{
	return metric == METRIC_ROUND_TRIP ? "round trip" : metric_names[metric];
}

/* the cells that are looked at: those that differ, or all */
static void
print_cells(const Comparing *comparing, bool all)
{
	Table	   *table = table_create();
	bool		way = !one_way(&comparing->cells);
	int			place = 0;

	table_column(table, "cell", COLUMN_TEXT);
	table_column(table, "part", COLUMN_TEXT);
	table_column(table, "left ms", COLUMN_MS);
	table_column(table, "right ms", COLUMN_MS);
	table_column(table, "l - r, us", COLUMN_LABEL);
	table_column(table, "95 %", COLUMN_LABEL);
	table_column(table, "ratio", COLUMN_RATIO);
	table_column(table, "95 %", COLUMN_INTERVAL);
	if (all)
		table_column(table, "", COLUMN_TEXT);
	for (int i = 0; i < comparing->cells.n; i++)
	{
		const Cell *cell = &comparing->cells.cells[i];
		const Contrast *contrast;
		char		name[100];
		char		text[80];

		if (cell->state != CELL_LOOKED_AT)
			continue;
		contrast = &comparing->contrasts[place++];
		if (!all && !contrast->differs)
			continue;
		cell_name(cell, way, name, sizeof(name));
		table_text(table, name);
		table_text(table, part_name(cell->metric));
		table_number(table, cell->left_ms);
		table_number(table, cell->right_ms);
		snprintf(text, sizeof(text), "%+.1f", US_PER_MS * cell->right_ms * expm1(contrast->estimate));
		table_text(table, text);
		snprintf(text, sizeof(text), "%+.1f .. %+.1f", US_PER_MS * cell->right_ms * expm1(contrast->low),
				 US_PER_MS * cell->right_ms * expm1(contrast->high));
		table_text(table, text);
		table_number(table, exp(contrast->estimate));
		table_interval(table, exp(contrast->low), exp(contrast->high));
		if (all)
			table_text(table, contrast->differs ? "differs" : "no difference shown");
	}
	table_print(table, stdout);
	table_free(table);
}

static void
print_differences(const Comparing *comparing)
{
	report_heading("Differences: left against right");
	if (comparing->ndiffer > 0)
		print_cells(comparing, false);
	else if (comparing->ncontrasts > 0)
		printf("No difference shown.\n");
	else
		printf("There is nothing to compare.\n");
}

static int
count_state(const Cells *cells, CellState state)
{
	int			n = 0;

	for (int i = 0; i < cells->n; i++)
		n += cells->cells[i].state == state;
	return n;
}

static void
list_cells(const Comparing *comparing, CellState state, const char *heading)
{
	bool		way = !one_way(&comparing->cells);

	if (count_state(&comparing->cells, state) == 0)
		return;
	printf("%s\n", heading);
	for (int i = 0; i < comparing->cells.n; i++)
	{
		const Cell *cell = &comparing->cells.cells[i];
		char		name[100];

		if (cell->state != state)
			continue;
		cell_name(cell, way, name, sizeof(name));
		printf("  %s, %s", name, part_name(cell->metric));
		if (state == CELL_MISSING)
			printf(": not in %d of %d files", cell->nmissing, comparing->nleft + comparing->nright);
		putchar('\n');
	}
}

static int
compare_doubles(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return (a > b) - (a < b);
}

static void
print_counts(const Comparing *comparing)
{
	int			small = count_state(&comparing->cells, CELL_TOO_SMALL);
	double	   *halves = xcalloc((size_t) comparing->ncontrasts + 1, sizeof(double));

	printf("\n%d cell%s looked at, %d differ%s.", comparing->ncontrasts,
		   comparing->ncontrasts == 1 ? "" : "s", comparing->ndiffer, comparing->ndiffer == 1 ? "s" : "");
	if (small > 0)
		printf(" %d more are too small to matter (below %.0f %% of\ntheir round trip or below %.0f us on both sides).",
			   small, CELL_LEAST_PERCENT, 1000.0 * CELL_LEAST_MS);
	putchar('\n');
	for (int i = 0; i < comparing->ncontrasts; i++)
		halves[i] = (comparing->contrasts[i].high - comparing->contrasts[i].low) / 2.0;
	qsort(halves, (size_t) comparing->ncontrasts, sizeof(double), compare_doubles);
	if (comparing->ncontrasts > 0)
		printf("The intervals reach %.1f %% from their ratio (median; %.1f %% to %.1f %%): smaller\n"
			   "differences can be there and not be shown.\n",
			   100.0 * expm1(halves[(comparing->ncontrasts - 1) / 2]), 100.0 * expm1(halves[0]),
			   100.0 * expm1(halves[comparing->ncontrasts - 1]));
	free(halves);
	list_cells(comparing, CELL_MISSING, "Not in every file, and not compared:");
	list_cells(comparing, CELL_NOT_COMPARABLE,
			   comparing->design == DESIGN_SINGLE ?
			   "Not compared, for a median is not above zero or has no interval (fewer than 6 samples):" :
			   "Not compared, for a median is not above zero:");
}

/* What the reference work says of the machine's pace, and what came of it. */
static void
print_pace(const Comparing *comparing)
{
	const Contrast *pace = &comparing->pace;

	if (comparing->reference == NULL)
		return;
	printf("Reference work, the same in every run: left / right %.3f (99 %%: %.3f .. %.3f).\n",
		   exp(pace->estimate), exp(pace->low), exp(pace->high));
	if (pace->differs)
		printf("It DIFFERS between the sides: the machine does, or something that every statement pays.\n"
			   "That is in the differences of all cells, and no allowance was made for it.\n");
	else if (comparing->design == DESIGN_PAIRED_BY_REFERENCE || comparing->design == DESIGN_POOLED_BY_REFERENCE)
		printf("It does not differ between the sides, but from run to run, as the machine changes its\n"
			   "pace. Cells that change along are compared as at one pace (analysis of covariance),\n"
			   "which gave narrower intervals.\n");
	else
		printf("It does not differ between the sides; allowing for its changes from run to run %s.\n",
			   comparing->nleft < REFERENCE_RUNS || comparing->nright < REFERENCE_RUNS ?
			   "takes\nfive runs a side" : "gave\nno narrower intervals");
}

static void
print_method(const Comparing *comparing)
{
	int			n = comparing->ncontrasts > 0 ? comparing->ncontrasts : 1;

	report_heading("How");
	switch (comparing->design)
	{
		case DESIGN_SINGLE:
			printf("One run a side: the intervals are those of the medians within each run, widened by an\n"
				   "ASSUMED drift of %.0f %% between runs, which one run cannot show. Give several runs of\n"
				   "each side, taken in turn (%d or more), to have the drift measured instead.\n",
				   100.0 * ASSUMED_DRIFT, ENOUGH_RUNS);
			break;
		case DESIGN_PAIRED:
		case DESIGN_PAIRED_BY_REFERENCE:
			printf("Paired: the two sides' runs alternate in time, so each run is set against its neighbour\n"
				   "(%d pairs) and slow drift cancels; over all cells this gave narrower intervals than not\n"
				   "pairing.\n", comparing->nleft);
			break;
		case DESIGN_POOLED:
		case DESIGN_POOLED_BY_REFERENCE:
			printf("Not paired: a run's median is one figure, and the runs' scatter on each side (%d and %d\n"
				   "runs) is the noise, drift between runs included.%s\n",
				   comparing->nleft, comparing->nright,
				   comparing->alternating ? " The runs alternate in time, but pairing\nthem gave wider intervals." :
				   " Runs that alternate in time could be\npaired, which removes slow drift.");
			break;
	}
	print_pace(comparing);
	if (comparing->design != DESIGN_SINGLE)
		printf("t test on the logarithms of the runs' medians. Cells of the same part lend each other\n"
			   "degrees of freedom where their noise is alike (moderated t).\n");
	printf("All intervals hold together with 95 %% (Bonferroni over %d cells: each alone with %.3f %%).\n",
		   n, 100.0 - 5.0 / n);
	if (comparing->design != DESIGN_SINGLE &&
		(comparing->nleft < ENOUGH_RUNS || comparing->nright < ENOUGH_RUNS))
		printf("With fewer than %d runs a side differences of a few percent are easily missed.\n", ENOUGH_RUNS);
	printf("Left is before --against, right after it. Figures are geometric means over the runs, and\n"
		   "the interval of a difference is that of the ratio, times right.\n");
}

static void
compare_and_print(Comparing *comparing)
{
	choose_design(comparing);
	if (comparing->design == DESIGN_SINGLE)
	{
		print_warning("one run a side: how far runs drift is not known, %.0f %% are assumed; only large "
					  "differences can be shown", 100.0 * ASSUMED_DRIFT);
		print_hint("take several runs of each side in turn, and give them all: compare A1.json A2.json … "
				   "--against B1.json B2.json …");
	}
	print_differences(comparing);
	print_counts(comparing);
	print_method(comparing);
	report_heading("Runs");
	print_side("left", comparing->files, comparing->nleft);
	print_side("right", comparing->files + comparing->nleft, comparing->nright);
	if (comparing->ncontrasts > 0)
	{
		report_heading("All cells looked at");
		print_cells(comparing, true);
	}
	cells_free(&comparing->cells);
	free(comparing->contrasts);
	free(comparing->reference);
}

int
compare_command(const Options *options)
{
	Comparing	comparing;
	int			nfiles = options->nleft + options->nright;
	int			status = EXIT_FAILURE;

	memset(&comparing, 0, sizeof(comparing));
	if (options->nleft < 1 || options->nright < 1)
	{
		print_error("compare needs at least one result file on each side of --against");
		return EXIT_FAILURE;
	}
	if (read_files(options, &comparing))
	{
		int			matter = conditions_report(comparing.files, nfiles);

		if (matter > 0 && !options->ignore_conditions)
		{
			print_error("the files were not measured under the same conditions (%d differ%s)",
						matter, matter == 1 ? "s" : "");
			print_hint("if this is what you compare, say --ignore-conditions");
		}
		else
		{
			for (int f = 0; f < nfiles; f++)
				warn_of_file(&comparing.files[f]);
			compare_and_print(&comparing);
			status = EXIT_SUCCESS;
		}
	}
	for (int f = 0; f < nfiles; f++)
		result_file_free(&comparing.files[f]);
	free(comparing.files);
	return status;
}
