/*
 * timestamp.c
 *	  When something was, for result files.
 */
#include <stdio.h>
#include <time.h>

#include "util/clock.h"
#include "util/timestamp.h"

void
timestamp_now(char text[TIMESTAMP_SIZE])
{
	char		seconds[32];
	struct timespec now;
	struct tm	utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, TIMESTAMP_SIZE, "%s.%03dZ", seconds, (int) (now.tv_nsec / NS_PER_MS) % 1000);
}
