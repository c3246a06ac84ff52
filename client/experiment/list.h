/*
 * list.h
 *	  The experiments, each defined in the .c file of its name.
 */
#ifndef LIST_H
#define LIST_H

#include "experiment/experiment.h"

#endif							/* LIST_H */
