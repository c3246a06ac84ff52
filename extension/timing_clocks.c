/*
 * timing_clocks.c
 *		What the system tells of this backend's processor.
 *
 * Unlike the wall clock each of these is a system call: steps read them only
 * where dbos_payload.track_cpu is on.
 */
#include "timing.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"
#include "storage/fd.h"

#define USAGE_COLS	4

PG_FUNCTION_INFO_V1(dbos_payload_backend_usage);

/*
 * Linux's own account of a thread: ns that it ran, ns that it could have run
 * and waited for a processor, and how often it ran.  Kept open, since opening
 * costs more than reading.  Returns -1 where there is no such file.
 */
static int64
ReadDelay(void)
{
	static int	fd = -1;
	static bool missing = false;
	char		line[80];
	ssize_t		length;
	long long	ran;
	long long	delay;

	if (fd < 0 && !missing)
	{
		fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			missing = true;
		else
			ReserveExternalFD();
	}
	if (missing)
		return -1;

	length = pread(fd, line, sizeof(line) - 1, 0);
	if (length <= 0)
		return -1;
	line[length] = '\0';
	if (sscanf(line, "%lld %lld", &ran, &delay) != 2)
		return -1;

	return delay;
}

/*
 * Returns what this backend has had of a processor so far.  Raises nothing.
 */
ProcessorTime
ReadProcessorTime(void)
{
	ProcessorTime result;
	struct timespec now;

	result.delay = ReadDelay();
	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0)
		result.cpu = (int64) now.tv_sec * 1000000000 + now.tv_nsec;
	else
		result.cpu = 0;

	return result;
}

/*
 * backend_usage() returns this backend's totals: processor time and delay in
 * ms, voluntary and involuntary context switches.
 */
Datum
dbos_payload_backend_usage(PG_FUNCTION_ARGS)
{
	int64		delay = ReadDelay();
	Datum		values[USAGE_COLS] = {0};
	bool		nulls[USAGE_COLS] = {false};
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) != 0)
		elog(ERROR, "getrusage failed: %m");
	values[0] = Float8GetDatum(1000.0 * (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
							   (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0);
	nulls[1] = delay < 0;
	if (delay >= 0)
		values[1] = Float8GetDatum((double) delay / 1e6);
	values[2] = Int64GetDatum((int64) usage.ru_nvcsw);
	values[3] = Int64GetDatum((int64) usage.ru_nivcsw);

	return MakeRow(fcinfo, values, nulls);
}
