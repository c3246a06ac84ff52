/*
 * transcript.c
 *	  One pair of workflows in the words of the experiment.
 */
#include <inttypes.h>

#include "report/report.h"
#include "util/clock.h"

/* what a step took: its round trip, or in a drive without one the server's total */
static void
print_took(const Sample *sample, FILE *out)
{
	if (sample->ns[METRIC_ROUND_TRIP] != UNKNOWN)
		fprintf(out, ", took %.2f ms\n", (double) sample->ns[METRIC_ROUND_TRIP] / (double) NS_PER_MS);
	else if (sample->ns[METRIC_SERVER_TOTAL] != UNKNOWN)
		fprintf(out, ", took %.2f ms in the server\n",
				(double) sample->ns[METRIC_SERVER_TOTAL] / (double) NS_PER_MS);
	else
		fputc('\n', out);
}

static void
print_workflow(const Series *series, const Sample *row, FILE *out)
{
	fprintf(out, "Workflow: Starting\n");
	for (int s = 0; s < series->nsteps; s++)
	{
		const Step *step = &series->steps[s];

		if (series->kind == WORKFLOW_MULTIPLE)
		{
			fprintf(out, "Workflow: Iteration %d/%d\n", s + 1, series->nsteps);
			fprintf(out, "Step: Size step with payload size %" PRId64 " bytes\n", step->payload_bytes);
		}
		else
		{
			for (int i = 1; i <= step->iterations; i++)
				fprintf(out, "Step: Batch size step iteration %d/%d\n", i, step->iterations);
		}
		fprintf(out, "Workflow: Payload size is %" PRId64 " bytes", step->payload_bytes);
		print_took(&row[s], out);
	}
	if (series->kind == WORKFLOW_MULTIPLE)
		fprintf(out, "Workflow: Completed successfully in %.2f ms\n",
				(double) row[series->nsteps].ns[METRIC_ROUND_TRIP] / (double) NS_PER_MS);
}

/* the iteration's samples; NULL where a step was not done or failed */
static const Sample *
complete_row(const Series *series, int iteration)
{
	const Sample *row = &series->samples[(size_t) iteration * ((size_t) series->nsteps + 1)];

	for (int s = 0; s <= series->nsteps; s++)
		if (row[s].state == SAMPLE_ABSENT || row[s].state == SAMPLE_FAILED)
			return NULL;
	return row[series->nsteps].ns[METRIC_ROUND_TRIP] != UNKNOWN ? row : NULL;
}

void
transcript_print(const Series *multiple, const Series *batched, int iteration, FILE *out)
{
	const Sample *row = complete_row(multiple, iteration);

	if (row != NULL)
		print_workflow(multiple, row, out);
	if (batched != NULL)
	{
		fprintf(out, "----------------------------------------------------\n");
		row = complete_row(batched, iteration);
		if (row != NULL)
			print_workflow(batched, row, out);
	}
	fprintf(out, "Main: Workflow output: True\n\n");
}
