/*
 * experiment_lines.c
 *	  One pair of workflows in the words of the experiment.
 */
#include <inttypes.h>
#include <stdio.h>

#include "report/experiment_lines.h"

/* What a step took: its round trip, or in a drive without one the server's total. */
static void
print_took(const Sample *sample)
{
	if (sample->ns[METRIC_ROUND_TRIP] != UNKNOWN)
		printf(", took %.2f ms\n", (double) sample->ns[METRIC_ROUND_TRIP] / (double) NS_PER_MS);
	else if (sample->ns[METRIC_SERVER_TOTAL] != UNKNOWN)
		printf(", took %.2f ms in the server\n",
			   (double) sample->ns[METRIC_SERVER_TOTAL] / (double) NS_PER_MS);
	else
		printf("\n");
}

void
print_experiment_lines(const WorkflowRun *run)
{
	printf("Workflow: Starting\n");
	for (int s = 0; s < run->nsteps; s++)
	{
		const Step *step = &run->steps[s];

		if (run->kind == WORKFLOW_MULTIPLE)
		{
			printf("Workflow: Iteration %d/%d\n", s + 1, run->nsteps);
			printf("Step: Size step with payload size %" PRId64 " bytes\n", step->payload_bytes);
		}
		else
		{
			for (int i = 1; i <= step->iterations; i++)
				printf("Step: Batch size step iteration %d/%d\n", i, step->iterations);
		}
		printf("Workflow: Payload size is %" PRId64 " bytes", step->payload_bytes);
		print_took(&run->samples[s]);
	}
	if (run->kind == WORKFLOW_MULTIPLE)
		printf("Workflow: Completed successfully in %.2f ms\n",
			   (double) run->whole.ns[METRIC_ROUND_TRIP] / (double) NS_PER_MS);
}

void
print_experiment_rule(void)
{
	printf("----------------------------------------------------\n");
}

void
print_experiment_end(void)
{
	printf("Main: Workflow output: True\n\n");
}
