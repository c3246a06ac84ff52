/*
 * full.h
 *	  The parts of the full report.
 */
#ifndef FULL_H
#define FULL_H

#include "report/text.h"

/* answer.c: what the answer begins with, and a table that the full report has too */
extern void report_beginning(const Figures *figures, FILE *out);
extern void report_findings(const Figures *figures, FILE *out);
extern void report_pair_findings(const Pair *pair, FILE *out);
extern void report_side_by_side(const Figures *figures, FILE *out);

/*
 * profiles.c: what the SDKs' statements cost beyond ours: of whole workflows, and step
 * by step; nothing where the run has no profiles
 */
extern void report_profiles(const Figures *figures, int side, FILE *out);
extern void full_profiles(const Figures *figures, int side, FILE *out);

/* differences.c: two sides; in full each part has a line */
extern void report_differences(const Figures *figures, bool in_full, FILE *out);

/* full_tables.c: of one pair */
extern void full_steps(const Pair *pair, FILE *out);
extern void full_split(const Pair *pair, FILE *out);
extern void full_processors(const Pair *pair, FILE *out);
extern void full_volumes(const Pair *pair, FILE *out);
extern void full_approaches(const Pair *pair, FILE *out);
extern void full_model(const Pair *pair, FILE *out);

/* full_sides.c */
extern void full_baselines(const Figures *figures, int side, FILE *out);
extern void full_steps_side_by_side(const Figures *figures, int side, FILE *out);

#endif							/* FULL_H */
