/*
 * conditions.h
 *	  Were result files measured under the same conditions?
 */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include "compare/result_file.h"

/*
 * Print on standard error each condition that is not the same in all files,
 * with the files that have each value; return how many matter.  Those that do
 * not make times incomparable (extension_version …) are only noted.
 */
extern int	conditions_report(const ResultFile *files, int nfiles);

#endif							/* CONDITIONS_H */
