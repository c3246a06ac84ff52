/*
 * findings.h
 *	  What the figures say, one plain sentence each, and nothing that they do
 *	  not.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "sample/result.h"

/* on standard output */
extern void report_findings(const Result *result);

#endif							/* FINDINGS_H */
