/*
 * full.c
 *	  The full report: the answer, and every table.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "report/report.h"
#include "util/memory.h"

/* with every warning as it is, which the answer has in short */
static void
print_environment(const Figures *figures, int side, FILE *out)
{
	const Environment *environment = &figures->sides[side].environment;

	print_heading(out, "Environment%s", words_of_side(figures, side));
	report_environment(environment, out);
	for (int i = 0; i < environment->nwarnings; i++)
	{
		const Warning *warning = &environment->warnings[i];
		char	   *text = xasprintf("%s: %s%s", warning->subject, warning->unsafe ? "UNSAFE: " : "", warning->text);

		print_item(out, i == 0 ? "warnings  - " : "          - ", text);
		free(text);
	}
}

/* what the side's backends used over the blocks */
static void
print_backend(const Figures *figures, int side, FILE *out)
{
	const BackendFigures *backend = &figures->sides[side].backend;
	char	   *text = NULL;

	if (!isfinite(backend->cpu_share.value))
		return;
	text_add(&text, "The backend over the measured time%s: computing %.3f of it%s", words_of_side(figures, side),
			 backend->cpu_share.value, words_interval(&backend->cpu_share, 3));
	if (isfinite(backend->delay_share.value))
		text_add(&text, ", waiting for a processor %.3f%s", backend->delay_share.value,
				 words_interval(&backend->delay_share, 3));
	if (isfinite(backend->involuntary_per_s.value))
		text_add(&text, ", %.1f involuntary switches a second%s", backend->involuntary_per_s.value,
				 words_interval(&backend->involuntary_per_s, 1));
	text_add(&text, ".");
	fputc('\n', out);
	print_item(out, "", text);
	free(text);
}

/* one drive and origin: what its figures say, unless the beginning did, and its tables */
static void
print_pair(const Pair *pair, bool first, FILE *out)
{
	const Figures *figures = pair->figures;

	if (has_many_pairs(figures) || figures->nsides > 1)
	{
		fprintf(out, "\n\n##  %s%s%s\n", figures->nsides > 1 ? pair->side->label : "", figures->nsides > 1 ? ": " : "",
				words_way(pair->multiple->drive, pair->multiple->origin));
		if (!first || figures->nsides > 1)
			report_pair_findings(pair, out);
	}
	full_steps(pair, out);
	full_split(pair, out);
	full_processors(pair, out);
	full_volumes(pair, out);
	full_approaches(pair, out);
	full_model(pair, out);
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
	{
		report_profiles(figures, s, out);
		full_profiles(figures, s, out);
		full_steps_side_by_side(figures, s, out);
	}
	for (int i = 0; pair_at(figures, i, &pair); i++)
		print_pair(&pair, i == 0, out);
	for (int s = 0; s < figures->nsides; s++)
		print_backend(figures, s, out);
	for (int s = 0; s < figures->nsides; s++)
		full_baselines(figures, s, out);
	for (int s = 0; s < figures->nsides; s++)
		print_environment(figures, s, out);
	fprintf(out, "\np50: mean of the blocks' medians; p95, p99: nearest rank over all iterations. 95 %%: Student's t over\n"
			"the blocks' values. Times are in milliseconds, 1 kB is 1,000 bytes, 1 MB 1,000,000.\n");
}
