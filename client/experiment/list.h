/*
 * list.h
 *	  The experiments, each defined in the .c file of its name.
 */
#ifndef LIST_H
#define LIST_H

#include "experiment/experiment.h"

extern const Experiment experiment_compression;

extern const Experiment experiment_serialization;

extern const Experiment experiment_storage;

extern const Experiment experiment_growth;

extern const Experiment experiment_concurrency;

extern const Experiment experiment_streaming;

extern const Experiment experiment_budget;

extern const Experiment experiment_memory;

#endif							/* LIST_H */
