/*
 * registry.c
 *	  The experiments that there are.
 */
#include <string.h>

#include "experiment/experiment.h"
#include "experiment/list.h"

const Experiment *const experiment_list[] = {
	&experiment_compression,
	&experiment_serialization,
	&experiment_streaming,
	&experiment_concurrency,
	&experiment_storage,
	&experiment_growth,
	&experiment_budget,
	&experiment_memory,
	NULL
};

const Experiment *
experiment_by_name(const char *name)
{
	for (int i = 0; experiment_list[i] != NULL; i++)
		if (strcmp(experiment_list[i]->name, name) == 0)
			return experiment_list[i];
	return NULL;
}
