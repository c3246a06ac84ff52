/*
 * parameters.c
 *	  What a run is to do.
 */
#include <stddef.h>

#include "sample/parameters.h"

static bool
has_drive(const Parameters *parameters, Drive first, Drive after)
{
	for (Drive drive = first; drive < after; drive++)
		if (parameters->drives[drive])
			return true;
	return false;
}

bool
has_timed_blocks(const Parameters *parameters)
{
	return parameters->workflow_id == NULL && parameters->blocks == 0 &&
		parameters->iterations == DEFAULT_BLOCK_ITERATIONS;
}

bool
has_profiles(const Parameters *parameters)
{
	return has_drive(parameters, FIRST_PROFILE, DRIVE_COUNT);
}

bool
has_own_drives(const Parameters *parameters)
{
	return has_drive(parameters, 0, OWN_DRIVES);
}

void
parameters_without_extension(Parameters *parameters)
{
	parameters->portable = true;
	if (!parameters->origins_by_default)
		return;
	parameters->origins[ORIGIN_SERVER] = false;
	parameters->origins[ORIGIN_CLIENT] = true;
}
