/*
 * forward.h
 *	  Standing between programs and their server.
 */
#ifndef FORWARD_H
#define FORWARD_H

#include <stdbool.h>

#include "pg/session.h"
#include "trace/observe.h"

typedef struct ForwardSettings
{
	const char *listen;			/* [ADDR:]PORT */
	SessionSettings session;	/* the server, and our own sessions */
	int			time_limit_s;	/* 0: until a signal */
	int			progress_s;		/* a line every so many seconds; 0: automatic */
	const char *json_path;		/* NULL: no such file */
	const char *samples_path;
	bool		(*also) (void *context, const struct TraceFigures *figures);	/* as in TraceSettings */
	void	   *context;
} ForwardSettings;

typedef enum ForwardOutcome
{
	FORWARD_REPORTED,
	FORWARD_NOT_STARTED,		/* with a message on stderr; likewise */
	FORWARD_NOT_WRITTEN			/* the report was printed, a file could not be written */
} ForwardOutcome;

/* Forward and observe until a signal or the time's end, then report on standard output. */
extern ForwardOutcome forward(const ForwardSettings *settings);

#endif							/* FORWARD_H */
