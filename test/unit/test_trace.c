/*
 * test_trace.c
 *	  A program's traffic becomes its steps and workflows: every SDK's, however it is
 *	  cut, on whatever connections, with what goes wrong.
 */
#include <inttypes.h>

#include "made_sdks.h"

/* --- a thousand steps --------------------------------------------------- */

static void
test_thousand(Sdk sdk)
{
	Trace	   *trace = begin();
	TraceFigures figures;
	Talk		talk;
	const StepGroup *group;
	const char *of = sdk_names[sdk];
	int64_t		stored = 0;

	talk_begin(&talk, trace, &now, 1);
	for (int w = 0; w < 144; w++)
	{
		char		id[64];

		snprintf(id, sizeof(id), "0b6f7e0a-0000-4000-8000-%012d", w);
		made_workflow(&talk, sdk, id, 7);
	}
	is_integer(trace->seen.roles[ROLE_RECORD].n, 7 * 144, "%s: every record is known", of);
	is_integer(trace->not_understood.statements, 0, "%s: every statement is known", of);
	is_integer(trace->not_understood.not_attributed, 0, "%s: each is attributed", of);
	is_integer(trace->not_understood.messages, 0, "%s: every answer is expected", of);
	talk_end(&talk);
	trace->ended = now;
	workflows_finish(trace);
	trace_figures_make(trace, &figures);
	is_integer(trace->nsteps, 7 * 144, "%s: every step is there", of);
	is_integer(trace->seen.steps[STEP_RECORDED], 7 * 144, "%s: and recorded", of);
	is_integer(trace->seen.steps[STEP_UNFINISHED], 0, "%s: none is left open", of);
	is_integer(trace->nended, 144, "%s: every workflow is there", of);
	is_integer(figures.nsteps, 7, "%s: seven groups", of);
	is_integer(figures.nworkflows, 1, "%s: one kind of workflow", of);
	group = find_group(&figures, "step_3");
	if (!ok(group != NULL, "step_3 is found"))
		return;
	is_integer(group->n, 144, "%s: with all its steps", of);
	is_integer(group->text_bytes, 1356, "%s: its size", of);
	is_integer(group->checked, 144, "%s: its checks", of);
	is_number(group->volume[TRACE_ROUND_TRIPS].median, step_trips[sdk], "round trips of a step");
	is_number(group->time[STEP_WAITING].median, step_trips[sdk] * 0.3, "waiting is the answers' time");

	/* the gap before each turn but the first, and what the function takes */
	is_number(group->time[STEP_BEFORE].median, 2.05, "before is the function and one gap");
	is_number(group->time[STEP_BETWEEN].median, (step_trips[sdk] - 2) * 0.05, "between are the other gaps");
	is_number(group->time[STEP_TOTAL].median, step_trips[sdk] * 0.3 + (step_trips[sdk] - 1) * 0.05 + 2, "the total");
	is_number(group->time[STEP_TOTAL].mean.value, group->time[STEP_BEFORE].mean.value + group->time[STEP_BETWEEN].mean.value +
			  group->time[STEP_NETWORK].mean.value + group->time[STEP_SERVER].mean.value + group->time[STEP_TRACE].mean.value,
			  "means of the parts add up");
	ok(estimate_has_interval(&group->time[STEP_TOTAL].mean), "with an interval");
	is_number(figures.workflows[0].volume[TRACE_ROUND_TRIPS].median, whole_trips[sdk], "round trips of a workflow");
	is_number(figures.workflows[0].time[WORKFLOW_WHOLE].mean.value,
			  figures.workflows[0].time[WORKFLOW_START].mean.value + figures.workflows[0].time[WORKFLOW_STEPS].mean.value +
			  figures.workflows[0].time[WORKFLOW_BETWEEN].mean.value + figures.workflows[0].time[WORKFLOW_END].mean.value,
			  "a workflow's parts add up");
	is_number(figures.workflows[0].time[WORKFLOW_BETWEEN].median, 8 * 0.05, "between its parts are eight gaps");
	for (int i = 0; i < trace->nsteps; i++)
		stored += trace->steps[i].text_bytes;
	is_integer(stored, 144 * (int64_t) (24 + 36 + 156 + 1356 + 13356 + 133356 + 1333356), "%s: bytes of all", of);
	ok(strcmp(group->serialization != NULL ? group->serialization : "none",
			  (const char *[]) {"py_pickle", "js_superjson", "DBOS_JSON", "none"}[sdk]) == 0, "its serialization");
	trace_figures_free(&figures);
	trace_free(trace);
}

/* --- cut anywhere ------------------------------------------------------- */

/* what must be the same however the bytes come */
static void
describe(const Trace *trace, char *words, size_t size)
{
	size_t		n = 0;

	n += (size_t) snprintf(words + n, size - n, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 ";", trace->seen.turns,
						   trace->seen.statements, trace->seen.transactions, trace->not_understood.messages);
	for (int i = 0; i < trace->nsteps; i++)
	{
		const StepSample *s = &trace->steps[i];

		n += (size_t) snprintf(words + n, size - n, " %s/%" PRId64 " %s %s %" PRId64 " %d turns %" PRId64 " %" PRId64 " %" PRId64
							   " up %" PRId64 " down %" PRId64 ";", s->workflow_id, s->function_id, trace->names[s->name],
							   step_state_names[s->state], s->text_bytes, s->turns, s->before, s->between, s->waiting,
							   s->bytes_up, s->bytes_down);
	}
}

static size_t longest;

static void
run_cut(Sdk sdk, size_t cut, size_t cut_at, char *words, size_t size)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	talk.cut = cut;
	talk.cut_at = cut_at;
	made_workflow(&talk, sdk, "cut", 2);
	longest = talk.up.size;
	talk_end(&talk);
	workflows_finish(trace);
	describe(trace, words, size);
	trace_free(trace);
}

static void
test_cuts(Sdk sdk)
{
	char		whole[2000];
	char		cut[2000];
	size_t		at;

	run_cut(sdk, 0, 0, whole, sizeof(whole));
	ok(strstr(whole, "cut/1 step_1 recorded 36") != NULL, "there are steps to cut");
	run_cut(sdk, 1, 0, cut, sizeof(cut));
	if (!ok(strcmp(cut, whole) == 0, "the same in single bytes"))
		printf("# whole %s\n# cut   %s\n", whole, cut);
	run_cut(sdk, 7, 0, cut, sizeof(cut));
	ok(strcmp(cut, whole) == 0, "the same in pieces of seven");
	for (at = 1; at < longest; at++)
	{
		run_cut(sdk, 0, at, cut, sizeof(cut));
		if (strcmp(cut, whole) != 0)
			break;
	}
	if (!ok(at == longest, "the same cut at every byte"))
		printf("# cut at %zu: %s\n", at, cut);
}

/* --- pools, parallel steps ---------------------------------------------- */

/* check and record on different connections, and a turn on each where there is no transaction */
static void
test_pool(Sdk sdk)
{
	Trace	   *trace = begin();
	Talk		talk;
	bool		good = true;

	talk_begin(&talk, trace, &now, 3);
	for (int c = 0; c < 3; c++)
	{
		talk.connection = c;
		talk.prepared = 0;
		made_workflow(&talk, sdk, "warm", 1);
	}
	for (int i = 0; i < 60; i++)
	{
		MadeStep	step = {.workflow = "pooled", .function_id = i, .name = "s", .bytes = 100 + i, .function_ns = 1000 * US};

		talk.connection = i % 3;
		made_check(&talk, sdk, &step);
		now += step.function_ns;
		talk.connection = (i + 1) % 3;
		made_record(&talk, sdk, &step);
	}
	talk_end(&talk);
	workflows_finish(trace);
	for (int i = 0; i < trace->nsteps; i++)
	{
		const StepSample *step = &trace->steps[i];

		if (strcmp(step->workflow_id, "pooled") == 0)
			good = good && step->state == STEP_RECORDED && step->checked && step->turns == step_trips[sdk] &&
				step->before == 1050 * US && step->text_bytes == 100 + step->function_id;
	}
	is_integer(trace->seen.steps[STEP_RECORDED], 63, "%s: steps over a pool", sdk_names[sdk]);
	ok(good, "each has its check and its record, whatever connection they were on");
	trace_free(trace);
}

/* ten steps of one workflow at the same time, on a connection each at first, then on any */
static void
test_parallel(Sdk sdk)
{
	Trace	   *trace = begin();
	TraceFigures figures;
	Talk		talk;
	int64_t		turns = 0;
	bool		good = true;

	talk_begin(&talk, trace, &now, 4);
	for (int c = 0; c < 4; c++)
	{
		talk.connection = c;
		talk.prepared = 0;
		made_workflow(&talk, sdk, "warm", 1);
	}
	talk.connection = 0;
	made_start(&talk, sdk, "parallel", "fan_out");
	for (int phase = 0; phase < 2; phase++)
	{
		for (int i = 0; i < 10; i++)
		{
			MadeStep	step = {.workflow = "parallel", .function_id = i, .name = "p", .bytes = 500};

			talk.connection = (i + 2 * phase) % 4;
			if (phase == 0)
				made_check(&talk, sdk, &step);
			else
				made_record(&talk, sdk, &step);
		}
	}
	made_end(&talk, sdk, "parallel");
	talk_end(&talk);
	trace->ended = now;
	workflows_finish(trace);
	trace_figures_make(trace, &figures);
	for (int i = 0; i < trace->nsteps; i++)
	{
		if (strcmp(trace->steps[i].workflow_id, "parallel") != 0)
			continue;
		turns += trace->steps[i].turns;
		good = good && trace->steps[i].state == STEP_RECORDED && trace->steps[i].turns == step_trips[sdk];
	}
	is_integer(turns, 10 * step_trips[sdk], "%s: all turns of parallel steps", sdk_names[sdk]);
	ok(good, "each step has its own");
	ok(figures.nworkflows == 2, "two kinds of workflows");
	for (int i = 0; i < figures.nworkflows; i++)
		if (strcmp(figures.workflows[i].name, "fan_out") == 0)
		{
			const WorkflowGroup *group = &figures.workflows[i];

			ok(group->overlapping == 1, "the workflow's steps are side by side");
			ok(isnan(group->time[WORKFLOW_APPLICATION].median), "waiting is then no part of it");
			ok(group->time[WORKFLOW_STEPS].median < group->time[WORKFLOW_WHOLE].median, "steps take less than the whole");
		}
	trace_figures_free(&figures);
	trace_free(trace);
}

/* --- what goes wrong ---------------------------------------------------- */

static void
test_replay(Sdk sdk)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	made_start(&talk, sdk, "again", "w");
	for (int i = 0; i < 5; i++)
		made_step(&talk, sdk, &(MadeStep) {.workflow = "again", .function_id = i, .name = "s", .bytes = 40, .replayed = i < 3});
	made_end(&talk, sdk, "again");
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_REPLAYED], 3, "%s: replayed steps", sdk_names[sdk]);
	is_integer(trace->seen.steps[STEP_RECORDED], 2, "%s: and those that were recorded", sdk_names[sdk]);
	trace_free(trace);
}

/* an error in the record's transaction, which is rolled back and done again */
static void
test_retry(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	MadeStep	step = {.workflow = "retried", .function_id = 4, .name = "s", .bytes = 77};
	const StepSample *sample;

	talk_begin(&talk, trace, &now, 1);
	made_check(&talk, SDK_GO, &step);
	simple(&talk, "begin read write", "BEGIN", true);
	extended(&talk, STYLE_PGX, 20, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES ($1, $2, $3)",
			 GIVEN(TEXT("retried"), NUMBER(4), FILLED(77)), (Answer) {.sqlstate = "40001"});
	simple(&talk, "rollback", "ROLLBACK", false);
	made_record(&talk, SDK_GO, &step);
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->nsteps, 1, "%s: one step", "retry");
	sample = &trace->steps[0];
	is_integer(sample->attempts, 2, "%s: recorded in two attempts", "retry");
	is_integer(sample->turns, 8 + 4 + 4, "%s: with the turns of both, and of preparing", "retry");
	is_integer(trace->seen.errors, 1, "%s: an error was seen", "retry");
	is_integer(sample->state, STEP_RECORDED, "%s: it is recorded", "retry");
	trace_free(trace);
}

/* the record's connection goes before it is answered; another one records it */
static void
test_crash(void)
{
	Trace	   *trace = begin();
	Talk		talk;
	MadeStep	step = {.workflow = "crashed", .function_id = 0, .name = "s", .bytes = 77};

	talk_begin(&talk, trace, &now, 2);
	made_check(&talk, SDK_TYPESCRIPT, &step);
	simple(&talk, "BEGIN", "BEGIN", true);
	put_parse(&talk.up, "", "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output) VALUES ($1, $2, $3)");
	put_bind(&talk.up, "", GIVEN(TEXT("crashed"), TEXT("0"), FILLED(77)));
	put_execute(&talk, &DONE("INSERT 0 1"));
	empty_message(&talk.up, 'S');
	talk.down.n = 0;
	turn(&talk);
	trace_closed(talk.connections[0]);
	talk.connections[0] = NULL;
	is_integer(trace->seen.lost, 1, "%s: a connection was lost", "crash");
	talk.connection = 1;
	talk.in_transaction = false;
	made_record(&talk, SDK_TYPESCRIPT, &step);
	made_check(&talk, SDK_TYPESCRIPT, &(MadeStep) {.workflow = "crashed", .function_id = 1});
	talk_end(&talk);
	is_integer(trace->seen.lost, 1, "%s: the other one was not", "crash");
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: the step is recorded once", "crash");
	is_integer(trace->steps[0].state == STEP_RECORDED ? trace->steps[0].attempts : trace->steps[1].attempts, 2, "%s: in two attempts", "crash");
	is_integer(trace->seen.steps[STEP_UNFINISHED], 1, "%s: what was only checked is unfinished", "crash");
	trace_free(trace);
}

/* an error that the step recorded, and one that fails before Sync */
static void
test_errors(void)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	extended(&talk, STYLE_NODE_PG, 1, "INSERT INTO dbos.operation_outputs (workflow_uuid, function_id, output, error, function_name)"
			 " VALUES ($1, $2, $3, $4, $5)", GIVEN(TEXT("w"), TEXT("3"), NULL_VALUE, FILLED(500), TEXT("broken")), DONE("INSERT 0 1"));

	/* Parse fails: Bind, Describe and Execute are passed over */
	put_parse(&talk.up, "", "SELECT nonsense FROM dbos.operation_outputs WHERE workflow_uuid = $1");
	put_bind(&talk.up, "", GIVEN(TEXT("w")));
	put_execute(&talk, &(Answer) {.sqlstate = "42703"});
	empty_message(&talk.up, 'S');
	ready(&talk);
	turn(&talk);

	/* what comes behind an error before its Sync is passed over too */
	put_parse(&talk.up, "", "SELECT nonsense");
	text_message(&talk.down, 'E', "SERROR");
	turn(&talk);
	put_bind(&talk.up, "", GIVEN(TEXT("w")));
	empty_message(&talk.up, 'S');
	ready(&talk);
	turn(&talk);

	made_step(&talk, SDK_TYPESCRIPT, &(MadeStep) {.workflow = "w", .function_id = 5, .name = "after", .bytes = 10});
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->seen.steps[STEP_FAILED], 1, "%s: a step that recorded an error", "errors");
	is_integer(trace->steps[0].text_bytes > 0 && trace->steps[0].state == STEP_FAILED ? trace->steps[0].text_bytes :
			   trace->steps[1].text_bytes, 500, "%s: and the error's length", "errors");
	is_integer(trace->seen.steps[STEP_RECORDED], 1, "%s: the next step is found", "errors");
	is_integer(trace->not_understood.messages, 0, "%s: nothing was unexpected", "errors");
	is_integer(trace->seen.errors, 2, "%s: both were seen", "errors");
	trace_free(trace);
}

/* a ping that nothing follows is of no step: neither the one on its connection before, nor the next */
static void
test_lone_ping(void)
{
	Trace	   *trace = begin();
	Talk		talk;

	talk_begin(&talk, trace, &now, 1);
	made_workflow(&talk, SDK_PYTHON, "warm", 1);
	simple(&talk, ";", NULL, false);
	now += 5000 * US;
	made_step(&talk, SDK_PYTHON, &(MadeStep) {.workflow = "w", .function_id = 1, .name = "s", .bytes = 10});
	simple(&talk, ";", NULL, false);
	talk_end(&talk);
	workflows_finish(trace);
	is_integer(trace->steps[1].turns, 10, "%s: the step has its own turns", "lone ping");
	is_integer(trace->steps[1].between, 8 * 50 * US, "%s: and its own gaps", "lone ping");
	trace_free(trace);
}

int
main(void)
{
	for (int sdk = 0; sdk < SDK_COUNT; sdk++)
	{
		test_thousand(sdk);
		test_cuts(sdk);
		test_pool(sdk);
		test_parallel(sdk);
		test_replay(sdk);
	}
	test_retry();
	test_crash();
	test_errors();
	test_lone_ping();
	return done_testing();
}
