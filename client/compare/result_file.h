/*
 * result_file.h
 *	  Reads a result file (--json) back, trusting nothing in it.
 */
#ifndef RESULT_FILE_H
#define RESULT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/sample.h"
#include "statistics/stats.h"

/* something under which the file was measured, as text */
typedef struct Condition
{
	char	   *name;			/* "settings.fsync", "host.cpu", "transport" … */
	char	   *value;			/* a string as it is, anything else as JSON */
} Condition;

typedef struct FileStep
{
	char	   *name;
	int64_t		function_id;
	int64_t		payload_bytes;
	int64_t		failed;
	Summary		times[METRIC_COUNT];	/* round trip and parts; n = 0 where there is nothing */
} FileStep;

typedef struct FileWorkflow
{
	WorkflowKind kind;
	Drive		drive;
	Origin		origin;
	int64_t		iterations;
	int64_t		failed;
	bool		partial;
	Summary		times[METRIC_COUNT];	/* round trip: the total; parts where the file has them */
	int			nsteps;
	FileStep   *steps;
} FileWorkflow;

typedef struct ResultFile
{
	char	   *path;
	char	   *label;			/* NULL: none */
	char	   *tool_version;
	char	   *started_at;
	int64_t		started_at_us;	/* microseconds since 1970 */
	double		reference_ms;	/* median of the server's reference work; NAN: not measured */
	int			nconditions;
	Condition  *conditions;
	int			nworkflows;
	FileWorkflow *workflows;
} ResultFile;

/*
 * Read a file.  False: *error is a message that names the file, and the key
 * where one is to blame; it is the caller's, NULL only where memory is out.
 * True: *file is to be given to result_file_free.  Never ends the program.
 */
extern bool result_file_read(const char *path, ResultFile *file, char **error);

/* the same from text, which need not end in a zero; path is for messages */
extern bool result_file_parse(const char *text, size_t length, const char *path,
							  ResultFile *file, char **error);

extern void result_file_free(ResultFile *file);

#endif							/* RESULT_FILE_H */
