/*
 * streaming_process.c
 *	  A process that writes or reads one stream, watched from outside and, where that is
 *	  asked for, killed.
 *
 * Peaks of memory only grow in the life of a process: so each work has one of its own,
 * with a connection, and so a backend, of its own.  What it tells stands in memory that
 * survives it.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "experiment/streaming.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* how often a backend's memory is looked at */
#define LOOK_NS NS_PER_MS

/* for a process that was asked to stop, and for a backend whose client is gone */
#define STOP_NS (10 * NS_PER_S)
#define GONE_NS (60 * NS_PER_S)

/* Lines of /proc/PID/status in bytes; pid 0: of this process.  NAN: not told. */
static double
status_bytes(pid_t pid, const char *const *names, int n, double *values)
{
	char		path[64];
	char		line[256];
	FILE	   *file;

	for (int i = 0; i < n; i++)
		values[i] = NAN;
	if (pid == 0)
		snprintf(path, sizeof(path), "/proc/self/status");
	else
		snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
	file = fopen(path, "r");
	if (file == NULL)
		return NAN;
	while (fgets(line, sizeof(line), file) != NULL)
		for (int i = 0; i < n; i++)
		{
			size_t		length = strlen(names[i]);

			if (strncmp(line, names[i], length) == 0 && line[length] == ':')
				values[i] = strtod(line + length + 1, NULL) * 1024.0;
		}
	fclose(file);
	return values[0];
}

static double
peak_of_self(void)
{
	double		value;

	return status_bytes(0, (const char *const[]) {"VmHWM"}, 1, &value);
}

/* what no other process shares */
static double
own_of(pid_t pid)
{
	double		value;

	return status_bytes(pid, (const char *const[]) {"RssAnon"}, 1, &value);
}

/*
 * The least that a backend's own memory was at its peak: shared buffers and files that it
 * has looked at only grow, so what is there of them now is as much as there ever was.
 */
static double
own_peak_of(pid_t pid)
{
	double		values[3];

	status_bytes(pid, (const char *const[]) {"VmHWM", "RssShmem", "RssFile"}, 3, values);
	return values[0] - values[1] - values[2];
}

/* ------------------------------------------------------------------------
 * Within the process
 * ------------------------------------------------------------------------
 */

static bool
do_work(Stream *stream, StreamWork what)
{
	switch (what)
	{
		case WORK_READ_WHOLE:
			return stream_read_whole(stream);
		case WORK_READ_PARTS:
			return stream_read_parts(stream);
		case WORK_WRITE:
			break;
	}
	return stream->way->write(stream);
}

bool
stream_work(Stream *stream, StreamWork what, bool server_is_here)
{
	StreamReport *report = stream->report;
	bool		good = session_open(&stream->session, stream->settings);

	if (good)
	{
		pid_t		backend = PQbackendPID(stream->session.conn);

		stream->recorded = xcalloc((size_t) stream->nchunks, sizeof(bool));
		report->start_bytes = peak_of_self();
		report->backend_start = server_is_here ? own_of(backend) : NAN;
		__atomic_store_n(&report->backend, backend, __ATOMIC_SEQ_CST);
		good = what != WORK_WRITE || stream_find_recorded(stream);
		__atomic_store_n(&report->began, now_ns(), __ATOMIC_SEQ_CST);
		good = good && do_work(stream, what);
		report->ended = now_ns();
		report->peak_bytes = peak_of_self();
		report->backend_peak = server_is_here ? own_peak_of(backend) : NAN;
		report->done = good;
	}
	if (!good)
		snprintf(report->error, sizeof(report->error), "%s", stream->session.error != NULL ? stream->session.error : "the connection was lost");
	session_close(&stream->session);
	free(stream->recorded);
	return good;
}

/* ------------------------------------------------------------------------
 * From outside
 * ------------------------------------------------------------------------
 */

/* Until nothing that the backend does can change what is recorded. */
static bool
wait_until_gone(Lab *lab, pid_t backend)
{
	int64_t		until = now_ns() + GONE_NS;

	while (backend != 0)
	{
		double		there = lab_number(lab, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE pid OPERATOR(pg_catalog.=) %d", (int) backend);

		if (isnan(there))
			return false;
		if (there == 0)
			return true;
		if (now_ns() > until)
		{
			lab_progress_end(lab);
			print_error("%s: a connection whose client is gone is still there after %d s", lab->name, (int) (GONE_NS / NS_PER_S));
			lab->failed = true;
			return false;
		}
		interruptible_sleep(5 * NS_PER_MS);
	}
	return true;
}

/* Do it: false where the server could not be asked. */
static bool
strike(Lab *lab, Kill way, pid_t child, pid_t backend)
{
	if (way == KILL_CLIENT)
		return kill(child, SIGKILL) == 0;
	return lab_do(lab, "SELECT pg_catalog.pg_terminate_backend(%d)", (int) backend);
}

/* Wait for the process, look at its backend meanwhile; its exit status. */
static int
watch(Lab *lab, pid_t child, const StreamReport *report, Kill kill_way, int64_t kill_after_ns, double *seen, bool *struck)
{
	int64_t		stop_by = 0;
	int			status = 0;
	pid_t		ended;

	while ((ended = waitpid(child, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR))
	{
		pid_t		backend = __atomic_load_n(&report->backend, __ATOMIC_SEQ_CST);
		int64_t		began = __atomic_load_n(&report->began, __ATOMIC_SEQ_CST);
		struct timespec look = {0, LOOK_NS};

		if (kill_way == KILL_NONE && began != 0 && !isnan(report->backend_start))
			*seen = fmax(*seen, own_of(backend));
		if (kill_way != KILL_NONE && !*struck && began != 0 && now_ns() >= began + kill_after_ns)
		{
			*struck = true;
			strike(lab, kill_way, child, backend);
		}
		if (!lab_is_alive(lab) && stop_by == 0)
		{
			stop_by = now_ns() + STOP_NS;
			kill(child, SIGTERM);
		}
		if (stop_by != 0 && now_ns() > stop_by)
			kill(child, SIGKILL);
		nanosleep(&look, NULL);
	}
	return status;
}

bool
stream_process(Lab *lab, const Stream *stream, StreamWork what, Kill kill_way, int64_t kill_after_ns,
			   StreamReport *report, bool *killed)
{
	StreamReport *shared = mmap(NULL, sizeof(StreamReport), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool		here = environment_server_is_here(lab->environment);
	bool		struck = false;
	double		seen = NAN;
	pid_t		parent = getpid();
	pid_t		child = -1;
	bool		good;

	*killed = false;
	memset(report, 0, sizeof(*report));
	if (shared != MAP_FAILED)
	{
		memset(shared, 0, sizeof(*shared));
		shared->backend_start = NAN;
		child = memory_fork();
	}
	if (child == 0)
	{
		Stream		own = *stream;

		/* nobody would take it away */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		own.report = shared;
		_exit(stream_work(&own, what, here) ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	if (child < 0)
	{
		lab_progress_end(lab);
		print_error("%s: no process could be made: %s", lab->name, strerror(errno));
		lab->failed = true;
		if (shared != MAP_FAILED)
			munmap(shared, sizeof(*shared));
		return false;
	}
	watch(lab, child, shared, kill_way, kill_after_ns, &seen, &struck);
	*report = *shared;
	munmap(shared, sizeof(*shared));
	if (here && report->done)
		report->backend_peak = fmax(0.0, fmax(seen, report->backend_peak) - report->backend_start);
	*killed = struck && !report->done;
	good = report->done || *killed;
	if (!good && lab_is_alive(lab))
	{
		lab_progress_end(lab);
		print_error("%s: %s: %s", lab->name, stream->way->name, *report->error != '\0' ? report->error : "its process has died");
		lab->failed = true;
	}
	return (report->done || wait_until_gone(lab, report->backend)) && good;
}
