/*
 * tap.h
 *	  The Test Anything Protocol, for unit tests of the client.
 */
#ifndef TAP_H
#define TAP_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static int	tap_tests = 0;
static int	tap_failures = 0;

static inline bool
ok(bool passed, const char *name)
{
	tap_tests++;
	if (!passed)
		tap_failures++;
	printf("%sok %d - %s\n", passed ? "" : "not ", tap_tests, name);
	fflush(stdout);
	return passed;
}

/* within a relative 1e-9; two NANs are the same */
static inline bool
is_number(double found, double expected, const char *name)
{
	bool		same = isnan(expected) ? isnan(found) :
		fabs(found - expected) <= 1e-9 * fmax(1.0, fabs(expected));

	if (!ok(same, name))
		printf("# found %.12g, expected %.12g\n", found, expected);
	return same;
}

/* at the end of main */
static inline int
done_testing(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures == 0 ? 0 : 1;
}

#endif							/* TAP_H */
