/*
 * storage_result.c
 *	  What the experiment storage came to.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/storage.h"
#include "report/experiment.h"
#include "report/text.h"
#include "util/memory.h"

#define SECONDS_A_DAY 86400.0

/* a median above the least by more than this is not of the inserts alone */
#define OTHERS_ADD 1.1

static double
disk_a_step(const SizeBytes *v)
{
	return v->volume.total / v->steps;
}

/* bytes that are written for one of payload: WAL, and each page of the files once */
static double
amplification(const SizeBytes *v, double wal)
{
	return v->size > 0 ? (disk_a_step(v) + wal) / (double) v->size : NAN;
}

static void
volume_columns(ExperimentTable *table, bool each)
{
	result_column(table, "heap", "heap", UNIT_BYTES, SHOW_BRIEF, "pg_relation_size() of the table.");
	result_column(table, "toast", "TOAST", UNIT_BYTES, SHOW_BRIEF, "pg_relation_size() of its TOAST table.");
	result_column(table, "index", "index", UNIT_BYTES, SHOW_BRIEF, "pg_relation_size() of the primary key's index.");
	result_column(table, "toast_index", "TOAST index", UNIT_BYTES, each ? SHOW_BRIEF : SHOW_FULL, "pg_relation_size() of the TOAST table's index.");
	result_column(table, "maps", "maps", UNIT_BYTES, SHOW_FULL, "Free space and visibility maps of all four.");
	result_column(table, "total", "total", UNIT_BYTES, SHOW_BRIEF, "pg_total_relation_size(): the sum of those before it.");
}

static void
put_volume(ExperimentTable *table, const TableBytes *v, double steps)
{
	result_exact(table, v->heap / steps);
	result_exact(table, v->toast / steps);
	result_exact(table, v->index / steps);
	result_exact(table, v->toast_index / steps);
	result_exact(table, v->maps / steps);
	result_exact(table, v->total / steps);
}

static void
add_sizes(const Storage *s, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "sizes", "A step's bytes, by the size of its payload", true);

	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_BRIEF, "Logical bytes: of the output alone, random.");
	volume_columns(table, true);
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_BRIEF, "WAL of one insert with its commit, the least of those one by one: what others write meanwhile can only add to it, and so can full-page images, a new page or a split of one.");
	result_column(table, "wal_after", "after ckpt", UNIT_BYTES, SHOW_BRIEF, "The same right after a CHECKPOINT: what it wrote itself by EXPLAIN (ANALYZE, WAL), the median of three, and the least that its commit added.");
	result_column(table, "amplification", "written", UNIT_RATIO, SHOW_BRIEF, "Write amplification: WAL and files for each byte of payload, every page written once.");
	for (int i = 0; i < s->nsizes; i++)
	{
		const SizeBytes *v = &s->volumes[i];

		if (v->steps == 0)
			continue;
		result_exact(table, (double) v->size);
		put_volume(table, &v->volume, v->steps);
		result_exact(table, v->wal_step);
		result_exact(table, v->wal_after);
		result_exact(table, amplification(v, v->wal_step));
	}
	result_plot_log(result_plot(result, PLOT_LINES, "bytes", "A step's bytes on disk and in WAL",
								"Points: bytes of one step; total is all files of the table, WAL one insert with its commit.", "sizes", "payload", "total,wal,wal_after", NULL), true, true);
}

/* whole files and ends of WAL, so that anybody can ask the server for the same */
static void
add_measured(const Storage *s, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "measured", "The files and WAL that were measured, as a whole", false);

	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_FULL, "Logical bytes of a step.");
	result_column(table, "steps", "steps", UNIT_COUNT, SHOW_FULL, "In the table when its files were measured.");
	volume_columns(table, false);
	result_column(table, "inserts", "inserts", UNIT_COUNT, SHOW_FULL, "Of them one by one, which WAL is of.");
	result_column(table, "from", "from", UNIT_LABEL, SHOW_FULL, "pg_current_wal_insert_lsn() before the first.");
	result_column(table, "to", "to", UNIT_LABEL, SHOW_FULL, "And after the last.");
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "pg_wal_lsn_diff() of these: whatever else the server wrote then is in it.");
	result_column(table, "wal_median", "median", UNIT_BYTES, SHOW_FULL, "WAL of one of them, the median: where others wrote at most of them, it is above the least.");
	result_column(table, "after_from", "checkpoint from", UNIT_LABEL, SHOW_FULL, "Right after the last CHECKPOINT, before one insert.");
	result_column(table, "after_to", "to", UNIT_LABEL, SHOW_FULL, "And after it.");
	result_column(table, "after_images", "images", UNIT_COUNT, SHOW_FULL, "Full-page images of that insert, by EXPLAIN (ANALYZE, WAL).");
	result_column(table, "after_wal", "its WAL", UNIT_BYTES, SHOW_FULL, "Its WAL without the commit, likewise.");
	result_column(table, "later_images", "images later", UNIT_COUNT, SHOW_FULL, "The same of the insert after that.");
	result_column(table, "later_wal", "its WAL", UNIT_BYTES, SHOW_FULL, "Its WAL, without the commit.");
	result_column(table, "images_bytes", "images add", UNIT_BYTES, SHOW_FULL, "The difference: an image stands in place of the change to its page, so that it adds less than its own bytes.");
	for (int i = 0; i < s->nsizes; i++)
	{
		const SizeBytes *v = &s->volumes[i];

		if (v->steps == 0)
			continue;
		result_exact(table, (double) v->size);
		result_exact(table, v->steps);
		put_volume(table, &v->volume, 1.0);
		result_exact(table, v->inserts);
		result_label(table, "%s", v->from);
		result_label(table, "%s", v->to);
		result_exact(table, v->wal);
		result_exact(table, v->wal_median);
		result_label(table, "%s", v->after_from);
		result_label(table, "%s", v->after_to);
		result_exact(table, v->after.images);
		result_exact(table, v->after.wal);
		result_exact(table, v->later.images);
		result_exact(table, v->later.wal);
		result_exact(table, v->after.wal - v->later.wal);
	}
}

static void
add_cliff(const Storage *s, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "cliff", "Around 2 kB", false);

	result_column(table, "kind", "payload", UNIT_LABEL, SHOW_FULL, "What it is made of: random bytes, random letters, bytes of which half are zeros.");
	result_column(table, "size", "size", UNIT_BYTES, SHOW_FULL, "Of the payload.");
	result_column(table, "stored", "stored", UNIT_BYTES, SHOW_FULL, "pg_column_size() of it.");
	volume_columns(table, true);
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "Of one insert with its commit, the least of five.");
	for (CliffKind kind = 0; kind < CLIFF_COUNT; kind++)
	{
		const Cliff *cliff = &s->cliffs[kind];

		for (int i = 0; i < cliff->npoints; i++)
		{
			result_label(table, "%s", cliff_names[kind]);
			result_exact(table, cliff->points[i].size);
			result_exact(table, cliff->points[i].stored);
			put_volume(table, &cliff->points[i].volume, CLIFF_STEPS);
			result_exact(table, cliff->points[i].wal);
		}
	}
	result_plot(result, PLOT_LINES, "cliff_disk", "Bytes on disk around 2 kB", "Points: all files of the table for each of 48 steps.", "cliff", "size", "total", "kind");
	result_plot(result, PLOT_LINES, "cliff_wal", "WAL around 2 kB", "Points: WAL of one insert with its commit.", "cliff", "size", "wal", "kind");
}

static void
add_churn(const Storage *s, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "churn", "The same 100 steps, recorded, replayed, in conflict, purged", false);

	result_column(table, "payload", "payload", UNIT_LABEL, SHOW_FULL, "Of a step.");
	result_column(table, "phase", "after", UNIT_LABEL, SHOW_FULL, "What was done, one after another on one table that autovacuum leaves alone.");
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "Of all of this phase.");
	result_column(table, "wal_call", "WAL a call", UNIT_BYTES, SHOW_FULL, "For each of its statements: 100, 50 where half is recorded again, one where half is purged or the table is vacuumed.");
	result_column(table, "live", "live", UNIT_COUNT, SHOW_FULL, "Rows.");
	result_column(table, "dead", "dead", UNIT_COUNT, SHOW_FULL, "Dead rows, as the server counts them (pg_stat_get_dead_tuples).");
	result_column(table, "dead_chunks", "dead in TOAST", UNIT_COUNT, SHOW_FULL, "The same of its TOAST table.");
	volume_columns(table, false);
	for (int i = 0; i < CHURN_SIZES; i++)
	{
		for (int phase = 0; phase < s->nchurned[i]; phase++)
		{
			const Churn *churn = &s->churns[i][phase];

			result_label(table, "%s", words_bytes(churn_sizes[i]));
			result_label(table, "%s", churn_names[phase]);
			result_exact(table, churn->wal);
			result_exact(table, churn->wal / churn->calls);
			result_exact(table, churn->live);
			result_exact(table, churn->dead);
			result_exact(table, churn->dead_chunks);
			put_volume(table, &churn->volume, 1.0);
		}
	}
	result_plot_where(result_plot(result, PLOT_STACKED, "churn_files", "Files under replay, conflict and purge, 10 kB",
								  "Bars: bytes of the files after each phase, on one another.", "churn", "phase", "heap,toast,index", NULL),
					  "payload", words_bytes(churn_sizes[1]));
}

/* WAL of a cell's step: others can only add to it; NAN: it was not measured */
static double
least_wal(const Plan *plan, int cell)
{
	double		least = NAN;

	for (int i = 0; i < plan->nvalues; i++)
		if (plan->rows[i].cell == cell)
			least = fmin(least, plan->rows[i].values[M_STEP_WAL]);
	return least;
}

static void
add_calls(const Storage *s, const Plan *plan, ExperimentResult *result)
{
	static const char *const names[] = {"row by row", "20 in one call"};
	ExperimentTable *table = result_table(result, "calls", "Row by row against many in one call, and on both sides of the cliff", false);

	result_column(table, "what", "what", UNIT_LABEL, SHOW_FULL, "Calls of one step each, or of twenty; or a payload of the last size that stays as it is, and of the next.");
	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_FULL, "Of a step.");
	result_column(table, "time", "time", UNIT_MS, SHOW_FULL, "Of a step: from handing it over until it is durable, the blocks' medians.");
	result_column(table, "ratio", "against the first", UNIT_RATIO, SHOW_FULL, "That time against the one in the line before it, in the same turn; empty for the first of a pair.");
	result_column(table, "wal", "WAL", UNIT_BYTES, SHOW_FULL, "Of a step, with its share of the commit: the least of all turns.");
	for (int cell = 0; cell < CELL_COUNT; cell++)
	{
		int			kind = (cell - CELL_CLIFF) / 2;
		int64_t		n = plan_n(plan, cell, M_STEP);

		if (n == 0)
			continue;
		if (cell < CELL_CLIFF)
			result_label(table, "%s", names[cell % 2]);
		else
			result_label(table, "%s, %s", cliff_names[kind], cell % 2 ? "the next" : "as it is");
		result_exact(table, cell < CELL_CLIFF ? (double) call_sizes[cell / 2] : s->cliffs[kind].edge - 1 + cell % 2);
		result_estimate(table, plan_median(plan, cell, M_STEP), n);
		result_estimate(table, cell % 2 ? plan_ratio(plan, cell, M_STEP, cell - 1, M_STEP, NULL) : estimate_unknown(), cell % 2 ? n : 0);
		result_exact(table, least_wal(plan, cell));
	}
}

static void
add_days(Lab *lab, const Storage *s, ExperimentResult *result)
{
	ExperimentTable *table = result_table(result, "days", "What a rate takes", true);
	double		free_bytes = lab->environment->free_bytes;

	result_column(table, "payload", "payload", UNIT_BYTES, SHOW_BRIEF, "Of a step.");
	result_column(table, "rate", "steps", UNIT_PER_S, SHOW_BRIEF, "Steps a second, --rate.");
	result_column(table, "disk_mb", "disk a day, MB", UNIT_COUNT, SHOW_BRIEF, "The table's files, for the steps of a day, in MB of 1,000,000 bytes.");
	result_column(table, "wal_mb", "WAL a day, MB", UNIT_COUNT, SHOW_BRIEF, "WAL without full-page images, in MB; it is recycled unless it is archived or a replication slot keeps it.");
	result_column(table, "week_mb", "7 days kept, MB", UNIT_COUNT, SHOW_BRIEF, "Files where steps are purged after 7 days, in MB.");
	result_column(table, "month_mb", "30 days, MB", UNIT_COUNT, SHOW_BRIEF, "After 30 days.");
	result_column(table, "full_days", "disk full in days", UNIT_COUNT, SHOW_BRIEF, "If nothing is purged, of the bytes that are free on the data folder's disk now; n/a where that cannot be seen.");
	for (int i = 0; i < s->nsizes; i++)
	{
		const SizeBytes *v = &s->volumes[i];
		double		day = v->steps > 0 ? disk_a_step(v) * s->rate * SECONDS_A_DAY : NAN;

		if (v->steps == 0)
			continue;
		result_exact(table, (double) v->size);
		result_exact(table, s->rate);
		result_exact(table, day / 1e6);
		result_exact(table, v->wal_step * s->rate * SECONDS_A_DAY / 1e6);
		result_exact(table, 7.0 * day / 1e6);
		result_exact(table, 30.0 * day / 1e6);
		result_exact(table, free_bytes / day);
	}
}

/* ------------------------------------------------------------------------
 * Sentences
 * ------------------------------------------------------------------------
 */

static void
conclude_sizes(const Storage *s, ExperimentResult *result)
{
	for (int i = 0; i < s->nsizes; i++)
	{
		const SizeBytes *v = &s->volumes[i];

		if (v->steps == 0 || (i > 0 && i < s->nsizes - 1 && v->size != 1000))
			continue;
		if (isnan(v->wal_after))
			result_conclude(result, "A step of %s takes %.0f B on disk and %.0f B of WAL.", words_bytes(v->size), disk_a_step(v), v->wal_step);
		else
			result_conclude(result, "A step of %s takes %.0f B on disk and %.0f B of WAL; right after a checkpoint %.0f B of WAL, of which %.0f full-page image%s.",
							words_bytes(v->size), disk_a_step(v), v->wal_step, v->wal_after, v->after.images, v->after.images > 1 ? "s are part" : " is part");
	}
}

static void
conclude_cliff(const Storage *s, const Plan *plan, ExperimentResult *result)
{
	for (CliffKind kind = 0; kind < CLIFF_COUNT; kind++)
	{
		const Cliff *cliff = &s->cliffs[kind];
		int			below = CELL_CLIFF + 2 * (int) kind;
		double		wal[2] = {least_wal(plan, below), least_wal(plan, below + 1)};

		if (!cliff->looked_for)
			continue;
		if (cliff->edge == 0)
			result_conclude(result, "%s: no cliff between %d and %d B.", cliff_names[kind], CLIFF_FROM, CLIFF_TO);
		else if (isnan(wal[0]) || isnan(wal[1]))
			result_conclude(result, "%s: from %d B on it %s.", cliff_names[kind], cliff->edge,
							cliff->compressed ? "is compressed in its row" : "leaves its row for the TOAST table");
		else
			result_conclude(result, "%s: from %d B on it %s; WAL of a step goes from %.0f B to %.0f B.", cliff_names[kind], cliff->edge,
							cliff->compressed ? "is compressed in its row" : "leaves its row for the TOAST table",
							wal[0], wal[1]);
	}
}

static void
conclude_calls(const Plan *plan, ExperimentResult *result)
{
	for (int i = 0; i < 2; i++)
	{
		Estimate	time = plan_ratio(plan, 2 * i + 1, M_STEP, 2 * i, M_STEP, NULL);
		Estimate	wal = estimate_exact(least_wal(plan, 2 * i + 1) / least_wal(plan, 2 * i));

		if (isnan(time.value))
			continue;
		if (!estimate_has_interval(&time))
			result_conclude(result, "20 steps of %s in one call take %s of the time that they take one by one, and %s of the WAL; there were too few blocks for an interval.",
							words_bytes(call_sizes[i]), words_figure(&time, UNIT_RATIO), words_figure(&wal, UNIT_RATIO));
		else if (time.low <= 1.0 && time.high >= 1.0)
			result_conclude(result, "20 steps of %s in one call: no difference in time shown, %s; WAL %s.", words_bytes(call_sizes[i]),
							words_figure(&time, UNIT_RATIO), words_figure(&wal, UNIT_RATIO));
		else
			result_conclude(result, "20 steps of %s in one call take %s of the time that they take one by one, and %s of the WAL.",
							words_bytes(call_sizes[i]), words_figure(&time, UNIT_RATIO), words_figure(&wal, UNIT_RATIO));
	}
}

static void
conclude_churn(const Storage *s, ExperimentResult *result)
{
	const Churn *churn = s->churns[1];

	if (s->nchurned[1] < CHURN_COUNT)
		return;
	result_conclude(result, "Replaying a step of 10 kB that is asked for first writes %.0f B of WAL, with ON CONFLICT DO NOTHING %.0f B; an INSERT that is refused writes %.0f B and leaves it dead, DO UPDATE %.0f B.",
					churn[CHURN_ASKED].wal / CHURN_STEPS, churn[CHURN_NOTHING].wal / CHURN_STEPS,
					churn[CHURN_REFUSED].wal / CHURN_STEPS, churn[CHURN_UPDATED].wal / CHURN_STEPS);
	result_conclude(result, "Purging half takes nothing off the disk (%.0f kB before, %.0f kB after); once vacuumed, recording as many again makes it %.0f kB.",
					churn[CHURN_UPDATED].volume.total / 1000.0, churn[CHURN_PURGED].volume.total / 1000.0, churn[CHURN_AGAIN].volume.total / 1000.0);
}

/* Where the median is far above the least, somebody else was writing. */
static void
caveat_others(const Storage *s, ExperimentResult *result)
{
	for (int i = 0; i < s->nsizes; i++)
	{
		const SizeBytes *v = &s->volumes[i];

		if (v->wal_median > OTHERS_ADD * v->wal_step)
		{
			result_caveat(result, "Others wrote WAL meanwhile: in the median an insert of %s moved its end by %.0f B, and by %.0f B at least, which is what is shown.",
						  words_bytes(v->size), v->wal_median, v->wal_step);
			return;
		}
	}
}

/* Which parts it was stopped before, as long as there are any others. */
static void
caveat_unmeasured(const Storage *s, const Plan *plan, ExperimentResult *result)
{
	char	   *parts = NULL;
	int			sizes = 0;
	bool		cliffs = true;

	for (int i = 0; i < s->nsizes; i++)
		sizes += s->volumes[i].steps > 0;
	for (CliffKind kind = 0; kind < CLIFF_COUNT; kind++)
		cliffs = cliffs && s->cliffs[kind].looked_for;
	if (sizes == 0)
		return;
	if (sizes < s->nsizes)
		text_add(&parts, "%d of %d sizes", s->nsizes - sizes, s->nsizes);
	if (s->nchurned[CHURN_SIZES - 1] < CHURN_COUNT)
		text_add(&parts, "%sreplay, conflict and purge", parts ? ", " : "");
	if (!cliffs)
		text_add(&parts, "%sthe cliff", parts ? ", " : "");
	if (plan->nvalues == 0)
		text_add(&parts, "%smany steps in one call", parts ? ", " : "");
	if (parts != NULL)
		result_caveat(result, "Not measured, since it was stopped before: %s.", parts);
	free(parts);
}

void
storage_result(Lab *lab, const Storage *s, const Plan *plan, ExperimentResult *result)
{
	add_sizes(s, result);
	add_days(lab, s, result);
	add_measured(s, result);
	add_cliff(s, result);
	add_churn(s, result);
	add_calls(s, plan, result);
	conclude_sizes(s, result);
	conclude_cliff(s, plan, result);
	conclude_calls(plan, result);
	conclude_churn(s, result);
	caveat_unmeasured(s, plan, result);
	result_parameter(result, "rate", "%.10g steps/s", s->rate);
	result_condition(result, "checkpoint", "%s", s->checkpoints ? "yes" : "not allowed");
	result_caveat(result, "One workflow's steps in a row: keys of many workflows at random places leave index pages about a third emptier.");
	result_caveat(result, "WAL is the whole server's: what others write meanwhile (autovacuum, other sessions) is in sums, as those of replay and purge, and not in the least of single inserts, unless it is at every one of them.");
	caveat_others(s, result);
	if (!s->checkpoints)
		result_caveat(result, "Full-page images were not measured: this role may not run CHECKPOINT (superusers may, and pg_checkpoint from PostgreSQL 15 on).");
	if (isnan(lab->environment->free_bytes))
		result_caveat(result, "When the disk is full is not known: the server's disk cannot be seen from here.");
}
