/*
 * samples.c
 *	  Every step that was kept, a line each, times in ns.
 */
#include <inttypes.h>
#include <math.h>

#include "report/report.h"
#include "trace/trace_internal.h"
#include "util/clock.h"
#include "util/output.h"

static const StepTime columns[] = {STEP_TOTAL, STEP_BEFORE, STEP_BETWEEN, STEP_WAITING, STEP_SENDING, STEP_TRACE,
	STEP_NETWORK, STEP_SERVER, STEP_CHECK, STEP_RECORD};

#define NCOLUMNS ((int) (sizeof(columns) / sizeof(columns[0])))

static void
print_name(FILE *file, const Trace *trace, int name)
{
	csv_text(file, name >= 0 ? trace->names[name] : "");
	putc(',', file);
}

static void
print_step(FILE *file, const Trace *trace, const StepSample *sample)
{
	double		ns[STEP_TIME_COUNT];

	step_times(trace, sample, ns);
	print_name(file, trace, sample->name);
	csv_text(file, sample->workflow_id);
	fprintf(file, ",%" PRId64 ",", sample->function_id);
	csv_text(file, sample->engine != NULL ? sample->engine : "");
	putc(',', file);
	print_name(file, trace, sample->workflow_name);
	csv_text(file, sample->serialization >= 0 ? trace->names[sample->serialization] : "");
	if (sample->text_bytes >= 0)
		fprintf(file, ",%" PRId64, sample->text_bytes);
	else
		putc(',', file);
	fprintf(file, ",%s,%d,%.3f", step_state_names[sample->state], sample->attempts,
			(double) (sample->end - trace->began) / NS_PER_MS);
	for (int i = 0; i < NCOLUMNS; i++)
		fprintf(file, ",%.0f", ns[columns[i]]);
	fprintf(file, ",%d,%d,%d,%" PRId64 ",%" PRId64 "\n", sample->turns, sample->statements, sample->transactions,
			sample->bytes_up, sample->bytes_down);
}

bool
trace_write_samples(const Trace *trace, const char *path)
{
	Output		output;

	if (!output_open(path, &output))
		return false;
	fputs("step,workflow_id,function_id,engine,workflow,serialization,text_bytes,state,attempts,ended_ms", output.file);
	for (int i = 0; i < NCOLUMNS; i++)
		fprintf(output.file, ",%s_ns", step_time_names[columns[i]]);
	fputs(",round_trips,statements,transactions,bytes_up,bytes_down\n", output.file);
	for (int i = 0; i < trace->nsteps; i++)
		print_step(output.file, trace, &trace->steps[i]);
	return output_close(path, &output, true);
}
