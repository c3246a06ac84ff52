/*
 * full.c
 *	  The full report: the answer, and every table.
 */
#include <stdlib.h>

#include "report/full.h"
#include "report/report.h"
#include "util/memory.h"

/* with every warning as it is, which the answer has in short */
static void
print_environment(const Figures *figures, const Side *side, FILE *out)
{
	const Environment *environment = &side->environment;

	print_heading(out, "Environment%s%s", figures->nsides > 1 ? ": " : "", figures->nsides > 1 ? side->label : "");
	report_environment(environment, out);
	for (int i = 0; i < environment->nwarnings; i++)
	{
		const Warning *warning = &environment->warnings[i];
		char	   *text = xasprintf("%s: %s%s", warning->subject, warning->unsafe ? "UNSAFE: " : "", warning->text);

		print_item(out, i == 0 ? "warnings  - " : "          - ", text);
		free(text);
	}
}

/* of a pair's tables: which side's, and by which way */
static void
print_pair_heading(const Pair *pair, FILE *out)
{
	char	   *way = text_way(pair->multiple->drive, pair->multiple->origin);
	char	   *text;

	if (pair->figures->nsides > 1)
		text = xasprintf("%s: %s", pair->side->label, way);
	else
		text = xasprintf("%s", way);
	fprintf(out, "\n\n##  %s\n", text);
	free(text);
	free(way);
}

void
report_full(const Figures *figures, FILE *out)
{
	Pair		pair;

	report_beginning(figures, out);
	report_findings(figures, out);
	if (figures->nsides > 1)
		report_differences(figures, true, out);
	if (figures->napproaches > 1)
		report_side_by_side(figures, out);
	for (int s = 0; s < figures->nsides; s++)
		full_steps_side_by_side(figures, s, out);
	for (int i = 0; pair_at(figures, i, &pair); i++)
	{
		if (figures->nworkflows > 2)
			print_pair_heading(&pair, out);
		full_steps(&pair, out);
		full_split(&pair, out);
		full_processors(&pair, out);
		full_volumes(&pair, out);
		full_approaches(&pair, out);
		full_model(&pair, out);
	}
	for (int s = 0; s < figures->nsides; s++)
		full_baselines(figures, s, out);
	for (int s = 0; s < figures->nsides; s++)
		print_environment(figures, &figures->sides[s], out);
	fprintf(out, "\np50: mean of the blocks' medians; p95, p99: nearest rank over all iterations. 95 %%: Student's t over\n"
			"the blocks' values. Times are in milliseconds, 1 kB is 1,000 bytes, 1 MB 1,000,000.\n");
}
