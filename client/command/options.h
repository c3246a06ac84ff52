/*
 * options.h
 *	  The command line, and the commands that it can name.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "figures/experiment.h"
#include "figures/figures.h"
#include "pg/session.h"
#include "sample/parameters.h"

#define MAX_COMPARE_FILES 100

typedef enum Command
{
	COMMAND_INIT,
	COMMAND_CHECK,
	COMMAND_RUN,
	COMMAND_EXPERIMENT,
	COMMAND_REPORT,
	COMMAND_COMPARE,
	COMMAND_CLEAN,
	COMMAND_TRACE,
	COMMAND_INSPECT,
	COMMAND_COUNT
} Command;

typedef struct Options
{
	Command		command;
	int			argc;			/* the whole command line, for the result file; it */
	char	  **argv;			/* can hold a password: redact_password() */

	bool		portable;		/* init: without C */

	/* run, check */
	Parameters	run;
	SessionSettings sides[MAX_SIDES];	/* CONNINFO, and --against's */
	bool		allow_unsafe;

	/* run: what is printed and saved; report: --full, --csv, --plot and --prometheus alone */
	int			progress_s;		/* -P: a line every so many seconds; 0: automatic */
	bool		transcript;		/* the experiment's own lines */
	bool		full;			/* every table */
	double		assume_rtt_ms;	/* NAN: not given */
	const char *json_path;
	const char *csv_path;
	const char *samples_path;
	const char *plot_dir;
	const char *html_path;
	const char *prometheus_path;

	/* trace; its server is sides[0], its end run.time_limit_s */
	const char *listen;			/* [ADDR:]PORT */
	/* inspect; --full, --json and --timeout too */
	const char *schema;
	const char *model_path;		/* a result file of run */
	bool		exact;

	/* experiment; sizes, drives, origins, seed and time are run's */
	const char *experiment;		/* its name, or "all" */
	bool		quick;
	const char *payload_path;
	double		rate;			/* per second; 0: not given */
	int			clients;		/* 0: not given */
	int64_t		budget_ns;		/* 0: not given */
	int64_t		to;				/* 0: not given */
	bool		sizes_given;
	bool		drives_given;
	bool		origins_given;

	/* report, compare */
	int			nleft;
	const char *left[MAX_COMPARE_FILES];
	int			nright;			/* compare: after --against */
	const char *right[MAX_COMPARE_FILES];
	bool		ignore_conditions;	/* compare although the conditions differ */
	double		slower_percent; /* --fail-if-slower; NAN: not given */
} Options;

/*
 * Fill *options from the command line, or end the program: --help and
 * --version with status 0, a mistake with status 1, a message that says what
 * is allowed, and a hint at --help.
 */
extern void parse_options(int argc, char **argv, Options *options);

/* the commands; each returns the program's exit status */
extern int	init_command(const Options *options);
extern int	check_command(const Options *options);
extern int	run_command(const Options *options);
extern int	experiment_command(const Options *options);
extern int	report_command(const Options *options);
extern int	compare_command(const Options *options);
extern int	clean_command(const Options *options);
extern int	trace_command(const Options *options);
extern int	inspect_command(const Options *options);

/*
 * report.c, for run and trace too: can every result be written where it is wanted?  Write what
 * the options ask for but the samples; false, with messages, where some of it was not
 * written.
 */
extern bool check_outputs(const Options *options);
extern bool write_figures(const Figures *figures, const Options *options);

/* experiment.c, for report too: what the options ask for, likewise */
extern bool write_experiments(const Experiments *experiments, const Options *options);

#endif							/* OPTIONS_H */
