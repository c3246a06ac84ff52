/*
 * findings_internal.h
 *	  What the findings' two files share.
 */
#ifndef FINDINGS_INTERNAL_H
#define FINDINGS_INTERNAL_H

#include "sample/result.h"
#include "statistics/summary.h"

/* print one sentence as an item of a list, and count it */
extern void finding(int *count, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* the step's payload in words; buffer of FORMAT_BYTES_SIZE */
extern const char *step_size(const Series *series, int step, char *buffer);

/* the two approaches, what no part claims, the network twice, hex, drives and origins */
extern void say_batching(int *count, const Series *multiple, const Series *batched);
extern void say_unattributed(int *count, const Series *series);
extern void say_network(int *count, const Result *result, const Series *series);
extern void say_hex(int *count, const Result *result);
extern void say_between_series(int *count, const Result *result);

#endif							/* FINDINGS_INTERNAL_H */
