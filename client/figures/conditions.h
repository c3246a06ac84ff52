/*
 * conditions.h
 *	  Under which conditions a side was measured, and which of them matter.
 */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include <jansson.h>

#include "figures/figures.h"

/*
 * Of one side: printable texts by the names that the result file has for them,
 * "transport", "parameters.sizes", "settings.fsync", "host.cpu".  json_decref
 */
extern json_t *conditions_of(const Figures *figures, int side);

/* else it may be just what is compared */
extern bool condition_matters(const char *name);

/* a copy in which what would break a line is a space; the caller's */
extern char *printable(const char *text);

#endif							/* CONDITIONS_H */
