/*
 * hasten.c
 *	  To be preloaded into a client: time goes ten times as fast, so that a test need
 *	  not wait for the end of a long patience.
 *
 * The monotonic clock, and what poll() waits.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

#define TIMES 10
#define NS_PER_S INT64_C(1000000000)

int
clock_gettime(clockid_t clock, struct timespec *now)
{
	static int	(*real) (clockid_t, struct timespec *);
	int			result;

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, now);
	if (result == 0 && clock == CLOCK_MONOTONIC)
	{
		int64_t		ns = TIMES * (now->tv_sec * NS_PER_S + now->tv_nsec);

		now->tv_sec = (time_t) (ns / NS_PER_S);
		now->tv_nsec = (long) (ns % NS_PER_S);
	}
	return result;
}

int
poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	static int	(*real) (struct pollfd *, nfds_t, int);

	if (real == NULL)
		*(void **) &real = dlsym(RTLD_NEXT, "poll");
	return real(fds, nfds, timeout > 0 ? (timeout + TIMES - 1) / TIMES : timeout);
}
