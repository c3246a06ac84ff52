/*
 * experiment.h
 *	  The experiments that there are, and how all of them are run.
 */
#ifndef EXPERIMENT_EXPERIMENT_H
#define EXPERIMENT_EXPERIMENT_H

#include <stdbool.h>

#include "experiment/lab.h"
#include "figures/experiment.h"

/* options that only some experiments take; the others are refused with them */
enum
{
	USES_SIZES = 1,
	USES_DRIVES = 2,
	USES_ORIGINS = 4,
	USES_PAYLOAD = 8,
	USES_RATE = 16,
	USES_BUDGET = 32,
	USES_TO = 64,
	USES_CLIENTS = 128
};

/* each has a file of its own, with one of these in it, and a line in registry.c */
typedef struct Experiment
{
	const char *name;			/* as it is typed */
	const char *summary;		/* a few words beside it in --help */
	const char *question;		/* what it answers, a sentence with a question mark */
	const char *needs;			/* privileges beyond CREATE on the database, and whatever else it
								 * takes: a sentence that is printed beforehand; NULL: nothing */
	void		(*announce) (const Lab *lab);	/* prints that instead, where it depends on the options; NULL: needs says it */
	double		seconds;		/* how long measuring takes by default, 110 at most; --quick: 15 at most */
	double		quick_seconds;
	int			uses;			/* bits of the above */
	bool		needs_extension;	/* it calls dbos_payload's own functions */

	/*
	 * Asked before anything is written, NULL: nothing to ask.  False, with a message on
	 * stderr that says what to do about it, where the experiment cannot be made here.
	 */
	bool		(*allowed) (Lab *lab);

	/*
	 * Measure, and fill the result: tables, plots, conclusions, caveats, parameters.
	 * Where lab_goes_on() turns false it fills in what it has.  False, with a message on
	 * stderr, where something failed; what is in the result then is shown all the same,
	 * as partial.  The result was begun, with its name and question.
	 */
	bool		(*run) (Lab *lab, ExperimentResult *result);
} Experiment;

/* registry.c: all, in the order in which "all" makes them, the last is NULL */
extern const Experiment *const experiment_list[];

/* NULL: there is none of that name */
extern const Experiment *experiment_by_name(const char *name);

typedef enum LabOutcome
{
	LAB_NOT_BEGUN,
	LAB_DONE,
	LAB_FAILED,					/* some did not succeed, or something of theirs was left behind */
	LAB_INTERRUPTED
} LabOutcome;

/*
 * Make the given experiments on a server, one after another, into *experiments, which
 * the caller frees.  What went wrong is on stderr.
 */
extern LabOutcome experiments_run(const Experiment *const *chosen, int n, const LabOptions *options,
								  Experiments *experiments);

#endif							/* EXPERIMENT_EXPERIMENT_H */
