/*
 * test_figures.c
 *	  From samples to figures: known answers of runs made by hand.
 */
#include "made_samples.h"
#include "tap.h"

#define BLOCKS 6
#define ITERATIONS 3

/*
 * Six blocks of three iterations.  In block b a step of size s takes
 * base[s] x (1 + b / 10), but for the middle one of the three iterations: the
 * first is a tenth faster, the last a tenth slower.
 */
static void
fill(Made *made, int side, double factor)
{
	static const double base[MADE_SIZES] = {1.0, 2.0, 11.0};
	static const double wobble[ITERATIONS] = {0.9, 1.0, 1.1};
	const int	multiple = 2 * side;

	for (int b = 0; b < BLOCKS; b++)
	{
		for (int i = 0; i < ITERATIONS; i++)
		{
			double		ms[MADE_SIZES];
			double		batched;
			double		pace = (1.0 + b / 10.0) * wobble[i] * factor;

			for (int s = 0; s < MADE_SIZES; s++)
				ms[s] = base[s] * pace;
			batched = 12.0 * pace;
			made->measured.niterations = b * ITERATIONS + i + 1;
			made_row(made, multiple, ms);
			made_row(made, multiple + 1, &batched);
		}
	}
}

static void
begin(Made *made)
{
	for (int b = 0; b < BLOCKS; b++)
	{
		measured_begin_block(&made->measured);
		for (int i = 0; i < ITERATIONS; i++)
			measured_begin_iteration(&made->measured);
	}
}

/* of the blocks' medians 1, 1.1 … 1.5, times this */
static void
is_pace_estimate(const Estimate *estimate, double times, const char *name)
{
	double		half = 2.57058184 * sqrt(0.035 / 6.0) * fabs(times);

	ok(estimate->nblocks == BLOCKS && fabs(estimate->value - 1.25 * times) < 1e-6 &&
	   fabs(estimate->low - (1.25 * times - half)) < 1e-6 &&
	   fabs(estimate->high - (1.25 * times + half)) < 1e-6, name);
}

static void
is_exact(const Estimate *estimate, double value, const char *name)
{
	ok(fabs(estimate->value - value) < 1e-6 && fabs(estimate->low - value) < 1e-6 &&
	   fabs(estimate->high - value) < 1e-6, name);
}

static void
test_cells(void)
{
	Made		made;
	Figures		figures;
	const WorkflowFigures *multiple;
	const Summary *time;
	Sample	   *row;

	made_init(&made, 1);
	begin(&made);
	fill(&made, 0, 1.0);

	/* what did not come out as a step is in no figure */
	made.measured.niterations = 1;
	row = series_row(&made.measured, &made.measured.series[0]);
	row[1].state = SAMPLE_FAILED;
	row[MADE_SIZES].state = SAMPLE_FAILED;
	made.measured.niterations = 4;
	series_row(&made.measured, &made.measured.series[0])[1].state = SAMPLE_REPLAYED;
	made.measured.niterations = BLOCKS * ITERATIONS;
	series_row(&made.measured, &made.measured.series[0])[1].state = SAMPLE_RETRIED;

	for (int b = 0; b < BLOCKS; b++)
	{
		made_sample(&made.measured.series[0].first[b * (MADE_SIZES + 1)], 5.0 + b, 1.0);
		made.measured.blocks[b].backend[0] = (BackendUse) {1000.0, 250.0, 100.0, 5, 20};
	}
	figures_make(&made.measured, &made.context, &figures);

	multiple = figures_workflow(&figures, 0, WORKFLOW_MULTIPLE, DRIVE_CALLS, ORIGIN_SERVER);
	ok(multiple != NULL && multiple->nsteps == MADE_SIZES && multiple->own_round_trips, "the workflow is there");
	ok(figures_workflow(&figures, 0, WORKFLOW_MULTIPLE, DRIVE_PIPELINE, ORIGIN_SERVER) == NULL, "another is not");
	time = cell_time(multiple, &multiple->steps[0]);
	ok(time->n == BLOCKS * ITERATIONS, "every iteration counts");
	is_pace_estimate(&time->median, 1.0, "median: of the blocks' medians");
	is_pace_estimate(&time->mean, 1.0, "mean: of the blocks' means");
	is_number(time->min, 0.9, "fastest");
	is_number(time->max, 1.65, "slowest");
	is_number(time->p95, 1.65, "p95 of 18: the last");
	ok(time->stddev > 0.1 && time->stddev < 0.3, "standard deviation");
	is_pace_estimate(&multiple->steps[0].time[METRIC_STORE].median, 0.5, "a part");
	ok(multiple->steps[0].time[METRIC_COMMIT].n == 0 &&
	   isnan(multiple->steps[0].time[METRIC_COMMIT].median.value), "a part that was not had");
	ok(multiple->steps[0].first.nblocks == BLOCKS && fabs(multiple->steps[0].first.value - 7.5) < 1e-9,
	   "first calls: one a block");
	ok(multiple->steps[1].first.nblocks == 0, "none of another step");
	ok(multiple->steps[0].stored_bytes == 1100 && multiple->steps[0].volume[VOLUME_WAL_BYTES] == UNKNOWN,
	   "volumes, known and not");

	ok(multiple->steps[1].failed == 1 && multiple->steps[1].replayed == 1 &&
	   multiple->steps[1].retried == 1 && cell_time(multiple, &multiple->steps[1])->n == 15,
	   "failed, replayed and retried samples are counted and left out");
	ok(multiple->failed == 1 && multiple->whole.failed == 1, "a failed step fails its iteration");
	is_exact(&figures.sides[0].backend.cpu_share, 0.25, "share of the blocks that backends computed");
	is_exact(&figures.sides[0].backend.delay_share, 0.1, "and waited for a processor");
	is_exact(&figures.sides[0].backend.involuntary_per_s, 20.0, "switches a second");
	ok(strcmp(figures.sides[0].conninfo, "dbname=made password=secret") != 0 &&
	   strstr(figures.sides[0].conninfo, "secret") == NULL, "the password is not in the figures");
	ok(fabs(figures.worst_precision_percent - 15.7) < 1.0, "the least well known median");
	ok(figures.ndifferences == 0 && strcmp(figures.sides[0].label, "A") == 0, "one side: nothing to compare");
	figures_free(&figures);

	for (int i = 0; i < made.measured.niterations; i++)
		made.measured.series[0].samples[i * (MADE_SIZES + 1)].state = SAMPLE_FAILED;
	figures_make(&made.measured, &made.context, &figures);
	ok(isnan(figures.worst_precision_percent), "a step that was never measured: nothing is said of each");
	figures_free(&figures);
	made_free(&made);
}

static void
test_approaches(void)
{
	Made		made;
	Figures		figures;
	const Approaches *a;

	made_init(&made, 1);
	begin(&made);
	fill(&made, 0, 1.0);
	figures_make(&made.measured, &made.context, &figures);
	ok(figures.napproaches == 1, "one pair of approaches");
	a = &figures.approaches[0];
	ok(a->nsteps == MADE_SIZES, "of so many steps");
	is_pace_estimate(&a->multiple_ms, 14.0, "one step per size");
	is_pace_estimate(&a->batched_ms, 12.0, "one for all");
	is_exact(&a->ratio, 14.0 / 12.0, "their ratio in the iteration, in which the pace does not show");
	is_pace_estimate(&a->saved_ms, 2.0, "saved");
	is_pace_estimate(&a->floor_ms, 1.0, "floor");
	is_pace_estimate(&a->expected_saving_ms, 2.0, "two floors");
	is_exact(&a->shortfall_ms, 0.0, "nothing is missing, whatever the pace");

	/* 12 + d = 0.9 (14 + 3 d) at d = -0.6 / 1.7, and the network is half of the smallest step's 1 ms */
	ok(fabs(a->break_even_rtt_ms.value - 1.25 * (0.5 - 0.6 / 1.7)) < 1e-6 &&
	   a->break_even_rtt_ms.low > 0.0, "break-even round-trip time");
	figures_free(&figures);
	made_free(&made);
}

static void
test_model(void)
{
	Made		made;
	Figures		figures;
	const Fit  *fit;

	made_init(&made, 1);
	begin(&made);
	fill(&made, 0, 1.0);
	/* now on a line: 1 + 10 ms per MB */
	for (int i = 0; i < BLOCKS * ITERATIONS; i++)
	{
		double		pace = 1.0 + (i / ITERATIONS) / 10.0;
		double		ms[MADE_SIZES] = {pace * 1.00001, pace * 1.01, pace * 11.0};

		made.measured.niterations = i + 1;
		made_row(&made, 0, ms);
	}
	made.context.assume_rtt_ms = 10.5;
	figures_make(&made.measured, &made.context, &figures);
	fit = &figures.models[0].fits[METRIC_ROUND_TRIP];
	ok(figures.nmodels == 1 && fit->known && !fit->poor, "a line through points on a line is good");
	is_pace_estimate(&fit->floor_ms, 1.0, "its floor");
	is_pace_estimate(&fit->slope_ms_per_mb, 10.0, "its slope");
	ok(fabs(fit->worst_percent) < 1e-6, "misses nothing");
	ok(!figures.models[0].fits[METRIC_COMMIT].known && isnan(figures.models[0].fits[METRIC_COMMIT].floor_ms.value),
	   "a part that was not had has no line");
	ok(!figures.models[0].fits[METRIC_WAIT].known, "what parts are made of has none");

	/* three round trips of 10.5 ms in place of half of the smallest step each */
	ok(fabs(figures.models[0].assumed_ms[DRIVE_CALLS].value - 1.25 * (13.01001 - 1.500015) - 31.5) < 1e-5,
	   "calls at another round-trip time");
	ok(fabs(figures.models[0].assumed_ms[DRIVE_PIPELINE].value - 1.25 * (13.01001 - 1.500015) - 10.5) < 1e-5,
	   "a pipeline, which was not measured: calls with one wait");
	ok(fabs(figures.models[0].assumed_batched_ms.value - 1.25 * (12.0 - 0.500005) - 10.5) < 1e-5, "the batch");
	figures_free(&figures);
	made_free(&made);

	made_init(&made, 1);
	begin(&made);
	for (int i = 0; i < BLOCKS * ITERATIONS; i++)
	{
		const double ms[MADE_SIZES] = {1.0, 3.0, 11.0};

		made.measured.niterations = i + 1;
		made_row(&made, 0, ms);
	}
	figures_make(&made.measured, &made.context, &figures);
	fit = &figures.models[0].fits[METRIC_ROUND_TRIP];
	ok(fit->known && fit->poor && fit->worst_bytes == 1000 && fit->worst_percent > MODEL_POOR_PERCENT,
	   "a line that misses a size is poor, and says which");
	figures_free(&figures);
	made_free(&made);
}

static void
test_shape(void)
{
	Made		made;
	Figures		figures;
	const Cell *cell;

	made_init(&made, 1);
	made.environments[0].rtt_ms = 5.0;
	for (int b = 0; b < BLOCKS; b++)
	{
		measured_begin_block(&made.measured);
		for (int i = 0; i < 10; i++)
		{
			/* one of ten waits for a delayed acknowledgement; one of twenty is slow without it */
			double		ms[MADE_SIZES] = {i == 3 ? 50.0 : b % 2 == 0 && i == 4 ? 30.0 : 6.0, 6.0, 6.0};
			Sample	   *row;

			measured_begin_iteration(&made.measured);
			made_row(&made, 0, ms);
			row = series_row(&made.measured, &made.measured.series[0]);
			row[0].ns[METRIC_NETWORK] = made_ns(i == 3 ? 47.0 : 5.0);
			row[1].ns[METRIC_NETWORK] = made_ns(39.0);
		}
	}
	figures_make(&made.measured, &made.context, &figures);
	cell = &figures.workflows[0].steps[0];
	is_number(cell->time[METRIC_ROUND_TRIP].median.value, 6.0, "the median shows nothing of it");
	is_number(cell->shape.slow_share, 0.15, "the share of slow ones");
	is_number(cell->shape.slow_ms, 50.0, "their median");
	is_number(cell->shape.delayed_ack_share, 0.1, "the share of delayed acknowledgements");
	is_number(cell->shape.delayed_ack_ms, 47.0, "their network");
	is_number(figures.workflows[0].steps[1].shape.delayed_ack_share, 0.0,
			  "39 ms where 5 are usual is no 40 ms more");
	figures_free(&figures);
	made_free(&made);
}

static void
test_cpu(void)
{
	Made		made;
	Figures		figures;
	const PhaseUse *use;

	made_init(&made, 1);
	begin(&made);
	fill(&made, 0, 1.0);
	for (int i = 0; i < 3; i++)
	{
		CpuSample  *row = series_add_cpu(&made.measured.series[0]);

		row[0].state = i < 2 ? SAMPLE_MEASURED : SAMPLE_FAILED;
		row[0].wall_ns[PHASE_STORE] = made_ns(2.0 + 2 * i);
		row[0].cpu_ns[PHASE_STORE] = made_ns(1.0 + i);
		row[0].delay_ns[PHASE_STORE] = i == 0 ? UNKNOWN : made_ns(0.5);
		row[0].wall_ns[PHASE_COMMIT] = made_ns(1.0);
		row[0].cpu_ns[PHASE_COMMIT] = made_ns(0.1);
		row[0].delay_ns[PHASE_COMMIT] = made_ns(0.2);
	}
	figures_make(&made.measured, &made.context, &figures);
	use = figures.workflows[0].steps[0].use;
	ok(use[PHASE_STORE].n == 2, "failed ones do not count");
	is_number(use[PHASE_STORE].wall_ms, 3.0, "wall time of the same iterations");
	is_number(use[PHASE_STORE].cpu_ms, 1.5, "and their processor time");
	ok(isnan(use[PHASE_STORE].delay_ms), "a delay that was not always known is not known");
	is_number(use[PHASE_COMMIT].delay_ms, 0.2, "one that was is");
	ok(use[PHASE_OUTPUT].n == 0 && isnan(use[PHASE_OUTPUT].cpu_ms), "a phase without samples");
	is_pace_estimate(&figures.workflows[0].steps[0].time[METRIC_STORE].median, 0.5,
					 "they are in no other figure");
	figures_free(&figures);
	made_free(&made);
}

static void
test_baselines(void)
{
	Made		made;
	Figures		figures;
	const BaselineFigures *baseline;

	made_init(&made, 1);
	measured_add_baseline(&made.measured, 0, BASELINE_NO_OP, 0);
	measured_add_baseline(&made.measured, 0, BASELINE_SEND, 1000);
	measured_add_baseline(&made.measured, 0, BASELINE_SEND_HEX, 1000);
	measured_add_baseline(&made.measured, 0, BASELINE_IDLE, 1);
	begin(&made);
	fill(&made, 0, 1.0);
	for (int i = 0; i < BLOCKS * ITERATIONS; i++)
	{
		double		pace = (1.0 + (i / ITERATIONS) / 10.0) * (i % ITERATIONS == 0 ? 0.9 : i % ITERATIONS == 1 ? 1.0 : 1.1);

		made_sample(&made.measured.baselines[0].samples[i], 0.25, 0.0);
		if (i % ITERATIONS == 1)
		{
			made_sample(&made.measured.baselines[1].samples[i], 1.5 * pace, 0.0);
			made_sample(&made.measured.baselines[2].samples[i], 1.5 * pace + 0.125, 0.0);
		}
		made_sample(&made.measured.baselines[3].samples[i], 2.0 * pace, 0.0);
	}
	figures_make(&made.measured, &made.context, &figures);
	baseline = figures_baseline(&figures, 0, BASELINE_NO_OP, 0);
	ok(baseline != NULL && baseline->difference_ms.nblocks == 0, "an empty call stands beside nothing");
	baseline = figures_baseline(&figures, 0, BASELINE_SEND, 1000);
	ok(baseline->time[METRIC_ROUND_TRIP].n == BLOCKS, "a baseline that took its turn one time in three");
	is_pace_estimate(&baseline->difference_ms, -0.5, "is held against the step of its iteration");
	is_exact(&baseline->ratio, 0.75, "as a ratio too");
	is_exact(&figures_baseline(&figures, 0, BASELINE_SEND_HEX, 1000)->difference_ms, 0.125,
			 "hex against binary");
	is_exact(&figures_baseline(&figures, 0, BASELINE_IDLE, 1)->ratio, 2.0, "after a pause against without");
	figures_free(&figures);
	made_free(&made);
}

static const Difference *
find_difference(const Figures *figures, int step, Metric metric)
{
	for (int i = 0; i < figures->ndifferences; i++)
	{
		const Difference *d = &figures->differences[i];

		if (d->kind == WORKFLOW_MULTIPLE && d->step == step && d->metric == metric)
			return d;
	}
	return NULL;
}

static void
test_sides(void)
{
	Made		made;
	Figures		figures;
	const Difference *d;
	int			differing = 0;

	made_init(&made, 2);
	free(made.environments[1].settings[0].value);
	made.environments[1].settings[0].value = xstrdup("off");
	free(made.environments[1].settings[2].value);
	made.environments[1].settings[2].value = xstrdup("16384");
	begin(&made);
	fill(&made, 0, 1.0);
	fill(&made, 1, 1.0);
	/* side 1: the middle size is dearer by 8 %, give or take one from block to block */
	for (int i = 0; i < BLOCKS * ITERATIONS; i++)
	{
		Sample	   *step = &made.measured.series[2].samples[i * (MADE_SIZES + 1) + 1];
		double		factor = 1.08 + (i / ITERATIONS % 2 == 0 ? 0.01 : -0.01);

		step->ns[METRIC_ROUND_TRIP] = llround((double) step->ns[METRIC_ROUND_TRIP] * factor);
		made.measured.series[0].samples[i * (MADE_SIZES + 1)].ns[METRIC_ENCODE] = made_ns(0.001);
		made.measured.series[2].samples[i * (MADE_SIZES + 1)].ns[METRIC_ENCODE] = made_ns(0.001);
	}
	figures_make(&made.measured, &made.context, &figures);
	ok(strcmp(figures.sides[0].label, "fsync=on") == 0 && strcmp(figures.sides[1].label, "fsync=off") == 0,
	   "what differs names the sides; the table's size does not");
	d = find_difference(&figures, 1, METRIC_ROUND_TRIP);
	ok(d != NULL && d->differs && d->p < 0.001 && fabs(d->ratio.value - 1.08) < 0.001 && d->ratio.low > 1.06,
	   "a step that is dearer on side 1");
	ok(d->detectable_percent > 1.0 && d->detectable_percent < 8.0, "how small a difference would have been found");
	for (int i = 0; i < figures.ndifferences; i++)
		differing += figures.differences[i].differs;
	ok(differing == 1, "and nothing else differs");
	ok(find_difference(&figures, 0, METRIC_STORE) != NULL && find_difference(&figures, 0, METRIC_ENCODE) == NULL,
	   "parts count from 1 % of the round trip on");
	ok(find_difference(&figures, -1, METRIC_ROUND_TRIP) != NULL && find_difference(&figures, -1, METRIC_STORE) == NULL,
	   "of a workflow as one: its round trip");
	for (int i = 0; i < figures.ndifferences; i++)
	{
		d = &figures.differences[i];
		if (d->kind == WORKFLOW_BATCHED && d->step == -1)
			differing = -1;
	}
	ok(differing == 1, "a workflow of one step is not there twice");
	figures_free(&figures);
	made_free(&made);

	made_init(&made, 2);
	made.parameters.labels[1] = "given";
	begin(&made);
	fill(&made, 0, 1.0);
	fill(&made, 1, 1.0);
	figures_make(&made.measured, &made.context, &figures);
	ok(strcmp(figures.sides[0].label, "A") == 0 && strcmp(figures.sides[1].label, "given") == 0,
	   "nothing differs: A; a label that was given stays");
	figures_free(&figures);
	made_free(&made);
}

static void
test_few_blocks(void)
{
	Made		made;
	Figures		figures;

	made_init(&made, 2);
	made.measured.niterations = 0;
	for (int b = 0; b < 5; b++)
	{
		measured_begin_block(&made.measured);
		for (int i = 0; i < ITERATIONS; i++)
		{
			const double ms[MADE_SIZES] = {1.0 + i, 2.0, 3.0};
			const double other[MADE_SIZES] = {2.0 + i, 4.0, 6.0};

			measured_begin_iteration(&made.measured);
			made_row(&made, 0, ms);
			made_row(&made, 1, ms);
			made_row(&made, 2, other);
			made_row(&made, 3, other);
		}
	}
	figures_make(&made.measured, &made.context, &figures);
	ok(!estimate_has_interval(&figures.workflows[0].steps[0].time[METRIC_ROUND_TRIP].median) &&
	   isnan(figures.worst_precision_percent), "five blocks: no interval");
	ok(figures.ndifferences > 0 && !figures.differences[0].differs &&
	   isnan(figures.differences[0].detectable_percent), "and no verdict");
	figures_free(&figures);
	made_free(&made);

	made_init(&made, 1);
	figures_make(&made.measured, &made.context, &figures);
	ok(figures.nworkflows == 2 && figures.workflows[0].steps[0].time[METRIC_ROUND_TRIP].n == 0 &&
	   !figures.models[0].fits[METRIC_ROUND_TRIP].known && isnan(figures.approaches[0].ratio.value),
	   "a run that was stopped before its first iteration has no figures");
	figures_free(&figures);
	made_free(&made);
}

int
main(void)
{
	test_cells();
	test_approaches();
	test_model();
	test_shape();
	test_cpu();
	test_baselines();
	test_sides();
	test_few_blocks();
	return done_testing();
}
