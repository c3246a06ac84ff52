/*
 * compare.h
 *	  The command compare: which cells of two sets of result files differ.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "command/options.h"

/*
 * Print the differences.  The program's exit status: 0 also where there are
 * some, 1 where a file cannot be read or the conditions differ.
 */
extern int	compare_command(const Options *options);

#endif							/* COMPARE_H */
