/*
 * clock.h
 *	  The client's only clock: CLOCK_MONOTONIC, never compared with the
 *	  server's.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

static inline int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * NS_PER_S + now.tv_nsec;
}

#endif							/* CLOCK_H */
