/*
 * made_result.h
 *	  Experiments' results that a test has made.
 */
#ifndef MADE_RESULT_H
#define MADE_RESULT_H

#include "figures/experiment.h"
#include "util/memory.h"

/* what it holds; the structure itself is the caller's */
static inline void
free_result(const ExperimentResult *result)
{
	Experiments one = {.nresults = 1,.results = xcalloc(1, sizeof(ExperimentResult))};

	*one.results = *result;
	experiments_free(&one);
}

#endif							/* MADE_RESULT_H */
