/*
 * profiles.c
 *	  What the statements of DBOS's SDKs cost beyond ours, and why.
 */
#include <math.h>
#include <stdlib.h>

#include "report/full.h"
#include "util/memory.h"

static const char explained[] =
	"more: against one call of ours with the client's payload, in the same iteration. It is the sum of: "
	"round trips (beyond ours, each as long as an empty query), format (against the same statements with a plain text "
	"of the payload's length) and database (what is left: statements, transactions, indexes).";
static const char alone[] =
	"There is nothing of ours beside them: the extension is not there. network: round trips, each as long as an empty "
	"query. format: against the same statements with a plain text of the payload's length.";

/* has the run ours beside its profiles, on that side? */
static bool
has_ours(const Figures *figures, int side)
{
	return figures_workflow(figures, side, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_CLIENT) != NULL;
}

static void
add_columns(Table *table, bool ours)
{
	table_columns(table, "turns", COLUMN_INTEGER, "p50", COLUMN_MS, "95 % interval", COLUMN_INTERVAL, NULL);
	if (ours)
		table_columns(table, "ours", COLUMN_MS, "more", COLUMN_MS, "round trips", COLUMN_MS,
					  "format", COLUMN_MS, "database", COLUMN_MS, NULL);
	else
		table_columns(table, "network", COLUMN_MS, "format", COLUMN_MS, NULL);
}

static void
add_figures(Table *table, const ProfileFigures *profile, bool ours)
{
	table_integer(table, profile->turns);
	table_estimate(table, &profile->profile_ms);
	if (ours)
	{
		table_number(table, profile->own_ms.value);
		table_number(table, profile->difference_ms.value);
		table_number(table, profile->round_trips_ms.value);
	}
	else
		table_number(table, profile->network_ms.value);
	table_number(table, profile->format_ms.value);
	if (ours)
		table_number(table, profile->database_ms.value);
}

void
report_profiles(const Figures *figures, int side, FILE *out)
{
	bool		ours = has_ours(figures, side);
	Table	   *table = table_create();
	int			n = 0;

	table_column(table, "profile", COLUMN_TEXT);
	add_columns(table, ours);
	for (WorkflowKind kind = 0; kind < WORKFLOW_COUNT; kind++)
	{
		for (int i = 0; i < figures->nprofiles; i++)
		{
			const ProfileFigures *profile = &figures->profiles[i];

			if (profile->side != side || profile->kind != kind || profile->step >= 0)
				continue;
			if (n++ > 0 && kind == WORKFLOW_BATCHED && figures->profiles[i].drive == FIRST_PROFILE)
				table_rule(table);
			table_text(table, drive_names[profile->drive]);
			add_figures(table, profile, ours);
		}
	}
	if (n == 0)
	{
		table_free(table);
		return;
	}
	fprintf(out, "\nThe statements of DBOS's SDKs, sent from C: a workflow with its start and end, ms%s\n",
			words_of_side(figures, side));
	finish_table(table, out);
	print_item(out, "", ours ? explained : alone);
	print_item(out, "", "First a step for each size, then one for all. Real SDKs take longer by their interpreter and serialization.");
}

/* the steps of one profile, and its batch */
static void
print_profile(const Figures *figures, int side, Drive drive, FILE *out)
{
	bool		ours = has_ours(figures, side);
	Table	   *table = table_create();
	int			n = 0;

	table_columns(table, "payload", COLUMN_LABEL, "text", COLUMN_INTEGER, NULL);
	add_columns(table, ours);
	for (int i = 0; i < figures->nprofiles; i++)
	{
		const ProfileFigures *profile = &figures->profiles[i];

		if (profile->side != side || profile->drive != drive ||
			(profile->kind == WORKFLOW_BATCHED && profile->step < 0))
			continue;
		if (n++ > 0 && (profile->step < 0 || profile->kind == WORKFLOW_BATCHED))
			table_rule(table);
		table_text(table, profile->step < 0 ? "workflow" : words_bytes(profile->payload_bytes));
		table_integer(table, profile->text_bytes);
		add_figures(table, profile, ours);
	}
	if (n == 0)
	{
		table_free(table);
		return;
	}
	print_heading(out, "%s: a step, ms%s", drive_names[drive], words_of_side(figures, side));
	finish_table(table, out);
}

void
full_profiles(const Figures *figures, int side, FILE *out)
{
	for (Drive drive = FIRST_PROFILE; drive < FIRST_PROFILE + PROFILES; drive++)
		print_profile(figures, side, drive, out);
}
