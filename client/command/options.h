/*
 * options.h
 *	  The command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sample.h"

#define MAX_SIZES 100
#define MAX_PAYLOAD_BYTES INT64_C(536870000)	/* what the extension's own limit can be set to */
#define MAX_COMPARE_FILES 100
#define MAX_ITERATIONS 1000000
#define MAX_WORKFLOW_ID_BYTES 1024

typedef enum Command
{
	COMMAND_RUN,
	COMMAND_INIT,
	COMMAND_CHECK,
	COMMAND_COMPARE
} Command;

typedef enum Protocol
{
	PROTOCOL_SIMPLE,
	PROTOCOL_EXTENDED,
	PROTOCOL_PREPARED,
	PROTOCOL_COUNT
} Protocol;

extern const char *const protocol_names[PROTOCOL_COUNT];

typedef struct Options
{
	Command		command;
	const char *conninfo;		/* handed to libpq untouched; NULL: none given */
	int			argc;			/* the whole command line, for the result file; it */
	char	  **argv;			/* can hold a password: redact_password() */

	/* run: what is driven */
	int			iterations;		/* MAX_ITERATIONS where only -T ends the run */
	int			warmup;
	int			nsizes;
	int64_t		sizes[MAX_SIZES];
	bool		drives[DRIVE_COUNT];	/* --drive takes a list or "all" */
	bool		origins[ORIGIN_COUNT];	/* --origin likewise */
	bool		binary;			/* payloads cross the wire as binary, else as hex text */
	Protocol	protocol;
	bool		has_seed;
	int64_t		seed;
	int			compressible;	/* percent */
	bool		arms;			/* differential arms (default; --no-arms) */
	const char *workflow_id;	/* resume this one, once (iterations 1, warmup 0,
								 * one drive and origin); NULL: new ones */
	int			time_limit_s;	/* -T: stop after this long, or at iterations if
								 * they are done before; 0: by iterations alone */
	int			max_tries;		/* per step on 40001/40P01; 1: none */
	bool		reconnect;
	bool		keep;			/* leave the rows that the run wrote */
	bool		allow_unsafe;
	int			timeout_s;		/* a call without an answer for this long is lost; 0: never */

	/* run: what is printed and saved */
	int			progress_s;		/* -P: a line every so many seconds; 0: automatic */
	const char *label;
	const char *json_path;
	const char *csv_path;
	const char *samples_path;
	const char *plot_dir;
	double		assume_rtt_ms;	/* NAN: not given */

	/* compare */
	int			nleft;
	const char *left[MAX_COMPARE_FILES];
	int			nright;
	const char *right[MAX_COMPARE_FILES];
	bool		ignore_conditions;	/* compare although the conditions differ */
} Options;

/*
 * Fill *options from the command line, or end the program: --help and
 * --version with status 0, a mistake with status 1, a message that says what
 * is allowed, and a hint at --help.
 */
extern void parse_options(int argc, char **argv, Options *options);

#endif							/* OPTIONS_H */
