/*
 * observe.c
 *	  A trace's beginning and end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trace/trace_internal.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/numbers.h"

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

Trace *
trace_begin(const TraceSettings *settings)
{
	Trace	   *trace = xcalloc(1, sizeof(Trace));
	struct timespec now;
	struct tm	utc;
	char		seconds[32];

	trace->conninfo = copy(settings->conninfo);
	trace->server = copy(settings->server);
	trace->json_path = copy(settings->json_path);
	trace->samples_path = copy(settings->samples_path);
	trace->also = settings->also;
	trace->context = settings->context;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	trace->started_at = xasprintf("%s.%03dZ", seconds, (int) (now.tv_nsec / NS_PER_MS) % 1000);
	if (trace->conninfo != NULL)
		trace->server_time = server_time_begin(trace->conninfo);
	trace->began = now_ns();
	return trace;
}

void
trace_calibration(Trace *trace, const TraceCalibration *new)
{
	TraceCalibration *mean = &trace->calibration;
	double		share;

	if (new->rounds <= 0)
		return;
	share = (double) new->rounds / (mean->rounds + new->rounds);
	mean->direct_ns += (int64_t) (share * (double) (new->direct_ns - mean->direct_ns));
	mean->through_ns += (int64_t) (share * (double) (new->through_ns - mean->through_ns));
	mean->program_side_ns += (int64_t) (share * (double) (new->program_side_ns - mean->program_side_ns));
	mean->up_ns_per_byte += share * (new->up_ns_per_byte - mean->up_ns_per_byte);
	mean->down_ns_per_byte += share * (new->down_ns_per_byte - mean->down_ns_per_byte);
	mean->rounds += new->rounds;
}

void
not_understood_text(Trace *trace, const Text *text)
{
	NotUnderstood *not_understood = &trace->not_understood;

	not_understood->statements++;
	if (text == NULL)
		return;
	for (int i = 0; i < not_understood->ntexts; i++)
	{
		if (strcmp(not_understood->texts[i].shown, text->shown) == 0)
		{
			not_understood->texts[i].n++;
			return;
		}
	}
	if (not_understood->ntexts < MOST_SHOWN_TEXTS)
	{
		ShownText  *shown = &not_understood->texts[not_understood->ntexts++];

		shown->n = 1;
		memcpy(shown->shown, text->shown, sizeof(shown->shown));
	}
}

void
trace_progress_line(const Trace *trace, char *buffer, size_t size)
{
	const Seen *seen = &trace->seen;
	int64_t		recorded = seen->steps[STEP_RECORDED] + seen->steps[STEP_FAILED];

	snprintf(buffer, size, "%" PRId64 " step%s, %" PRId64 " workflow%s, %" PRId64
			 " round trip%s, %.1f MB up, %.1f MB down%s", recorded, plural(recorded), seen->workflows,
			 plural(seen->workflows), seen->turns, plural(seen->turns), (double) seen->bytes_up / 1e6,
			 (double) seen->bytes_down / 1e6,
			 trace->not_understood.connections > 0 ? "; some is not understood" : "");
}

bool
trace_end(Trace *trace, FILE *out)
{
	TraceFigures figures;
	bool		good = true;

	trace->ended = now_ns();
	workflows_finish(trace);
	trace_figures_make(trace, &figures);
	if (out != NULL)
		trace_report(&figures, out);
	if (trace->json_path != NULL)
		good = trace_write_json(&figures, trace->json_path);
	if (trace->samples_path != NULL)
		good = trace_write_samples(trace, trace->samples_path) && good;
	if (trace->also != NULL)
		good = trace->also(trace->context, &figures) && good;
	trace_figures_free(&figures);
	return good;
}

void
trace_free(Trace *trace)
{
	workflows_finish(trace);
	server_time_free(trace->server_time);
	texts_free(trace);
	for (int i = 0; i < trace->nnames; i++)
		free(trace->names[i]);
	free(trace->names);
	free(trace->steps);
	free(trace->ended_workflows);
	free(trace->conninfo);
	free(trace->server);
	free(trace->json_path);
	free(trace->samples_path);
	free(trace->started_at);
	free(trace);
}
