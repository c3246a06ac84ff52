/*
 * connection.h
 *	  A program's connection and the server's connection that it is forwarded to.
 */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/connect.h"
#include "trace/loop.h"
#include "trace/observe.h"
#include "trace/upstream.h"

typedef struct Connection Connection;

/* what goes wrong with programs; each is said a few times, then counted */
typedef enum Complaint
{
	COMPLAINT_NOT_POSTGRESQL,
	COMPLAINT_TLS,
	COMPLAINT_VERSION,
	COMPLAINT_NO_SERVER,
	COMPLAINT_TOO_MANY,
	COMPLAINT_DESCRIPTORS,
	COMPLAINT_COUNT
} Complaint;

/* of our own requests without a text: from their arrival to their answer handed on */
#define MAX_INSIDE 4096

/* all connections, and what they share */
typedef struct Connections
{
	Loop	   *loop;
	Upstream   *upstream;
	Trace	   *trace;
	Trace	   *own_trace;		/* for our own sessions: seen at the same cost, and thrown away */
	Connection *first;
	int			n;				/* of programs, refused ones too */
	int			nrefused;		/* of them */
	int			max;
	int64_t		forwarded;		/* program's connections so far */
	int64_t		cancels;
	int64_t		bytes_up;
	int64_t		bytes_down;
	int			complaints[COMPLAINT_COUNT];
	bool		line_shown;		/* a line of progress stands on the terminal */
	int64_t		inside_ns[MAX_INSIDE];
	int			ninside;
} Connections;

/* A program has connected; own: it is a session of ours. */
extern void connection_accept(Connections *all, int fd, bool own);

/* every 100 ms or less often: what has taken too long is given up */
extern void connections_tick(Connections *all);

/* Close all of them. */
extern void connections_end(Connections *all);

/* Say it on stderr, unless it was said often. */
extern void complain(Connections *all, Complaint complaint, const char *format,...)
			__attribute__((format(printf, 3, 4)));

#endif							/* CONNECTION_H */
