/*
 * resume.h
 *	  --workflow-id: may that workflow go on with what was asked for?
 */
#ifndef RESUME_H
#define RESUME_H

#include <stdio.h>

#include "drive/workload.h"
#include "pg/session.h"

/*
 * Look, before anything is written: false, with a message on stderr, where the
 * workflow is another one, has ended, or has recorded steps that do not fit the
 * workload.  recorded_before[MAX_SIZES] gets which steps are there; out is told how
 * many will be replayed.
 */
extern bool resume_check(Session *session, const Workload *workload, bool *recorded_before, FILE *out);

#endif							/* RESUME_H */
