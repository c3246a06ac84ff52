/*
 * host.c
 *	  The host that the client runs on, and the file system of the server's data
 *	  where they are there too.  What the kernel does not tell is left out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "environment/facts.h"
#include "util/clock.h"
#include "util/memory.h"

#define CLOCK_READS 20000
#define BUSY_NS 100000000		/* 10 ticks of 10 ms for each processor */
#define GOVERNOR_PATH "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
#define CLOCKSOURCE_PATH "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static void
add(Environment *environment, const char *name, char *value)
{
	if (value != NULL)
		setting_add(&environment->host, &environment->nhost, name, value);
}

/*
 * What stands behind key and a separator in a file of such lines; the first
 * line where key is empty.  Quotes around it are left out.  malloc'd, NULL
 * where there is none.
 */
static char *
line_value(const char *path, const char *key)
{
	FILE	   *file = fopen(path, "r");
	char		line[4096];
	char	   *value = NULL;

	if (file == NULL)
		return NULL;
	while (value == NULL && fgets(line, sizeof(line), file) != NULL)
	{
		const char *start = line + strlen(key);
		size_t		length;

		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		start += strspn(start, " \t:=\"");
		length = strcspn(start, "\"\n");
		value = xasprintf("%.*s", (int) length, start);
	}
	fclose(file);
	return value;
}

/* The mean of many readings of the clock, in ns. */
static double
clock_cost_ns(void)
{
	int64_t		start = now_ns();
	int64_t		end = start;

	for (int i = 0; i < CLOCK_READS; i++)
		end = now_ns();
	return (double) (end - start) / CLOCK_READS;
}

static char *
memory_size(void)
{
	char	   *kilobytes = line_value("/proc/meminfo", "MemTotal");
	char	   *result = NULL;

	if (kilobytes != NULL)
		result = xasprintf("%.1f GB", strtod(kilobytes, NULL) * 1024 / 1e9);
	free(kilobytes);
	return result;
}

/* Processor time so far, in ticks over all processors; false: not told. */
bool
environment_host_ticks(double *busy, double *total)
{
	char	   *line = line_value("/proc/stat", "cpu ");
	char	   *rest = line;

	*busy = *total = 0;
	if (line == NULL)
		return false;

	/* user nice system idle iowait irq softirq steal; the guests' are in user */
	for (int i = 0; i < 8; i++)
	{
		double		ticks = strtod(rest, &rest);

		*total += ticks;
		if (i != 3 && i != 4)
			*busy += ticks;
	}
	free(line);
	return *total > 0;
}

/*
 * How busy the processors are while this program sleeps, in percent; NAN where
 * it is not known.  The load average would still hold what has just ended, such
 * as the building of this program.
 */
static double
busy_percent(void)
{
	const struct timespec pause = {0, BUSY_NS};
	double		busy[2];
	double		total[2];

	if (!environment_host_ticks(&busy[0], &total[0]))
		return NAN;
	nanosleep(&pause, NULL);
	if (!environment_host_ticks(&busy[1], &total[1]) || total[1] <= total[0])
		return NAN;
	return 100 * (busy[1] - busy[0]) / (total[1] - total[0]);
}

/* Is this a guest of a hypervisor, as far as the processor tells? */
static bool
is_virtual(void)
{
	char	   *flags = line_value("/proc/cpuinfo", "flags");
	bool		result = flags != NULL && strstr(flags, " hypervisor") != NULL;

	free(flags);
	return result;
}

void
host_read(Facts *facts, Environment *environment)
{
	struct utsname kernel;
	char	   *cpu = line_value("/proc/cpuinfo", "model name");
	char	   *load = line_value("/proc/loadavg", "");

	facts->busy_percent = busy_percent();
	facts->cores = (int) sysconf(_SC_NPROCESSORS_ONLN);
	facts->clock_ns = clock_cost_ns();
	facts->governor = line_value(GOVERNOR_PATH, "");

	if (uname(&kernel) == 0)
	{
		if (cpu == NULL)
			cpu = xstrdup(kernel.machine);
		add(environment, "kernel", xasprintf("%s %s", kernel.sysname, kernel.release));
	}
	add(environment, "os", line_value("/etc/os-release", "PRETTY_NAME"));
	add(environment, "cpu", cpu);
	add(environment, "cores", xasprintf("%d", facts->cores));
	add(environment, "memory", memory_size());
	add(environment, "virtual", xstrdup(is_virtual() ? "yes" : "no"));
	add(environment, "governor", facts->governor ? xstrdup(facts->governor) : NULL);
	add(environment, "clocksource", line_value(CLOCKSOURCE_PATH, ""));
	add(environment, "clock_read", xasprintf("%.0f ns", facts->clock_ns));
	if (!isnan(facts->busy_percent))
		add(environment, "busy", xasprintf("%.0f %%", facts->busy_percent));
	if (load != NULL)
		load[strcspn(load, " ")] = '\0';
	add(environment, "load", load);
}

typedef struct FileSystem
{
	unsigned long magic;		/* statfs(2) */
	const char *name;
} FileSystem;

static const FileSystem file_systems[] = {
	{0x01021994, "tmpfs"},
	{0x858458f6, "ramfs"},
	{0xEF53, "ext"},
	{0x58465342, "xfs"},
	{0x9123683E, "btrfs"},
	{0x2FC12FC1, "zfs"},
	{0x794C7630, "overlay"},
	{0xF2F52010, "f2fs"},
	{0x6969, "nfs"},
	{0xFF534D42, "cifs"},
	{0x65735546, "fuse"},
};

/*
 * The file system that the server's data folder is on, where that is on this host:
 * what a flush means depends on it.  The transaction log decides it, which can be
 * somewhere else than the rest; but not everybody may look into the data folder.
 */
void
file_system_read(Facts *facts)
{
	const char *directory = fact(facts->server, SERVER_DATA_DIRECTORY);
	char	   *wal = xasprintf("%s/pg_wal/.", directory);
	struct statfs status;

	facts->free_bytes = NAN;
	if (*directory == '/' && strcmp(facts->environment->transport, "tcp") != 0 &&
		(statfs(wal, &status) == 0 || statfs(directory, &status) == 0))
	{
		const char *name = "other";

		for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
			if (file_systems[i].magic == ((unsigned long) status.f_type & 0xFFFFFFFF))
				name = file_systems[i].name;
		facts->file_system = xstrdup(name);
		facts->free_bytes = (double) status.f_bavail * (double) status.f_bsize;
	}
	free(wal);
}
