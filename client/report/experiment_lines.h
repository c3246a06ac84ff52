/*
 * experiment_lines.h
 *	  One pair of workflows in the words of the experiment.
 */
#ifndef EXPERIMENT_LINES_H
#define EXPERIMENT_LINES_H

#include "drive/drive.h"

/* on standard output, after the workflow: nothing is printed while it is timed */
extern void print_experiment_lines(const WorkflowRun *run);
extern void print_experiment_rule(void);
extern void print_experiment_end(void);

#endif							/* EXPERIMENT_LINES_H */
