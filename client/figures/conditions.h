/*
 * conditions.h
 *	  Under which conditions a side was measured, and which of them matter.
 */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include "figures/figures.h"

typedef enum Weight
{
	WEIGHT_NONE,				/* says nothing about times */
	WEIGHT_NOTED,				/* may be just what is compared */
	WEIGHT_MATTERS
} Weight;

typedef struct Condition
{
	char	   *name;			/* "transport", "parameters.sizes", "settings.fsync", "host.cpu" */
	char	   *value;			/* printable */
	Weight		weight;
} Condition;

/* of one side; conditions_free */
extern Condition *conditions_of(const Figures *figures, int side, int *n);
extern void conditions_free(Condition *conditions, int n);

/* NULL where there is none of that name */
extern const Condition *condition_find(const Condition *conditions, int n, const char *name);

/* a copy in which what would break a line is a space; the caller's */
extern char *printable(const char *text);

#endif							/* CONDITIONS_H */
