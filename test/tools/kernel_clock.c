/*
 * kernel_clock.c
 *	  To be preloaded into a client and a server: notes when each of their calls
 *	  of send, recv, pwrite, fdatasync and epoll_wait began and ended, by the
 *	  monotonic clock, which all processes of a machine share; and when they read that
 *	  clock or, by gettimeofday, the wall clock.
 *
 * When a process ends, what it noted is left in the folder that KERNEL_CLOCK_DIR
 * names, in a file named by its number, a line for each call: name, begin and end
 * in ns, file descriptor, result.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_CALLS 1000000

typedef struct
{
	const char *name;
	int64_t		begin;
	int64_t		end;
	int64_t		result;
	int			fd;
} Call;

static Call calls[MAX_CALLS];
static int	ncalls = 0;

static ssize_t (*real_send) (int, const void *, size_t, int);
static ssize_t (*real_recv) (int, void *, size_t, int);
static ssize_t (*real_pwrite) (int, const void *, size_t, off_t);
static int	(*real_fdatasync) (int);
static int	(*real_epoll_wait) (int, struct epoll_event *, int, int);
static int	(*real_clock_gettime) (clockid_t, struct timespec *);
static int	(*real_gettimeofday) (struct timeval *restrict, void *restrict);

/* Other libraries may read clocks before our constructor has run. */
static int
read_clock(clockid_t clock, struct timespec *now)
{
	if (real_clock_gettime == NULL)
		*(void **) &real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	return real_clock_gettime(clock, now);
}

static int64_t
ns_of(const struct timespec *time)
{
	return time->tv_sec * INT64_C(1000000000) + time->tv_nsec;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	read_clock(CLOCK_MONOTONIC, &now);
	return ns_of(&now);
}

static void
note(const char *name, int64_t begin, int64_t end, int fd, int64_t result)
{
	if (ncalls < MAX_CALLS)
		calls[ncalls++] = (Call) {name, begin, end, result, fd};
}

/* A forked process's calls are its own. */
static void
forget(void)
{
	ncalls = 0;
}

__attribute__((constructor))
static void
begin(void)
{
	*(void **) &real_send = dlsym(RTLD_NEXT, "send");
	*(void **) &real_recv = dlsym(RTLD_NEXT, "recv");
	*(void **) &real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	*(void **) &real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	*(void **) &real_epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
	pthread_atfork(NULL, NULL, forget);
}

ssize_t
send(int fd, const void *data, size_t size, int flags)
{
	int64_t		begin = now_ns();
	ssize_t		result = real_send(fd, data, size, flags);

	note("send", begin, now_ns(), fd, result);
	return result;
}

ssize_t
recv(int fd, void *data, size_t size, int flags)
{
	int64_t		begin = now_ns();
	ssize_t		result = real_recv(fd, data, size, flags);

	note("recv", begin, now_ns(), fd, result);
	return result;
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	int64_t		begin = now_ns();
	ssize_t		result = real_pwrite(fd, data, size, offset);

	note("pwrite", begin, now_ns(), fd, result);
	return result;
}

int
fdatasync(int fd)
{
	int64_t		begin = now_ns();
	int			result = real_fdatasync(fd);

	note("fdatasync", begin, now_ns(), fd, result);
	return result;
}

int
epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
	int64_t		begin = now_ns();
	int			result = real_epoll_wait(fd, events, most, timeout);

	note("epoll_wait", begin, now_ns(), fd, result);
	return result;
}

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	int			result = read_clock(clock, now);

	if (clock == CLOCK_MONOTONIC)
		note("clock_gettime", ns_of(now), ns_of(now), -1, result);
	return result;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	int64_t		begin = now_ns();
	int			result;

	if (real_gettimeofday == NULL)
		*(void **) &real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
	result = real_gettimeofday(now, zone);
	note("gettimeofday", begin, now_ns(), -1, result);
	return result;
}

__attribute__((destructor))
static void
leave_log(void)
{
	const char *dir = getenv("KERNEL_CLOCK_DIR");
	char		path[1024];
	FILE	   *file;

	if (dir == NULL || ncalls == 0)
		return;
	snprintf(path, sizeof(path), "%s/%d.part", dir, (int) getpid());
	file = fopen(path, "w");
	if (file == NULL)
		return;
	for (int i = 0; i < ncalls; i++)
		fprintf(file, "%s %lld %lld %d %lld\n", calls[i].name, (long long) calls[i].begin,
				(long long) calls[i].end, calls[i].fd, (long long) calls[i].result);
	if (fclose(file) == 0)
	{
		char		final[1024];

		snprintf(final, sizeof(final), "%s/%d", dir, (int) getpid());
		(void) rename(path, final);
	}
}
