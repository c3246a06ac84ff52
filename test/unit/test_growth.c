/*
 * test_growth.c
 *	  What the experiment growth says of a step's time: the same only where the interval
 *	  has 1 in it.
 */
#include <math.h>
#include <string.h>

#include "experiment/growth.h"
#include "made_result.h"
#include "tap.h"
#include "util/memory.h"

/*
 * Are these words in the first sentence ("" with none: is there none?) where a step of the
 * filled table takes so much more than one of the empty one, in blocks apart by so much?
 */
static bool
says(double more, double apart, const char *words)
{
	static Environment environment;
	static LabOptions options;
	Lab			lab = {.options = &options,.environment = &environment};
	Growth		g = {.nlevels = 2,.nready = 2,.levels = {{.steps = 0,.height = 1}, {.steps = 100000,.height = 1}},.shared_buffers = NAN};
	Plan		plan = {.ncells = 4,.nmetrics = GROWTH_METRICS,.nblocks = 8};
	ExperimentResult result;
	bool		found;

	plan.rows = xcalloc(32, sizeof(PlanRow));
	for (int i = 0; i < 32; i++)
	{
		PlanRow    *row = &plan.rows[plan.nvalues++];
		int			block = i / 4;

		*row = (PlanRow) {block, 0, i % 4, xcalloc(GROWTH_METRICS, sizeof(double))};
		row->values[M_TIME] = row->cell / PLACE_COUNT == 1 ? 1.0 + more + (block % 2 ? apart : -apart) : 1.0;
	}
	result_begin(&result, "growth", "What?");
	growth_result(&lab, &g, &plan, &result);
	plan_free(&plan);
	found = *words == '\0' ? result.nconclusions == 0 : result.nconclusions > 0 && strstr(result.conclusions[0], words) != NULL;
	free_result(&result);
	return found;
}

int
main(void)
{
	ok(says(0.08, 0.005, "costs 8 % more than in an empty table, within 10 %: 1.08"), "8 % that are shown are more, and within 10 %");
	ok(says(-0.05, 0.005, "costs 5 % less than in an empty table, within 10 %: 0.9"), "5 % less are less");
	ok(says(0.01, 0.03, "costs what it costs in an empty table, to within 10 %: 1.0"), "what is not shown to differ is the same");
	ok(says(0.5, 0.01, "as long as in an empty table"), "what is beyond is said to be");
	ok(says(NAN, 0.0, ""), "of what was not measured nothing is said");
	return done_testing();
}
