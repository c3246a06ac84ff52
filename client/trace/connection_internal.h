/*
 * connection_internal.h
 *	  What connection.c and connection_forward.c share.
 */
#ifndef CONNECTION_INTERNAL_H
#define CONNECTION_INTERNAL_H

#include "trace/connection.h"
#include "trace/link.h"

#define BUFFER_SIZE (64 * 1024)

typedef enum State
{
	STATE_STARTUP,				/* the program says what it wants */
	STATE_CONNECTING,			/* so we connect to the server */
	STATE_FORWARDING,
	STATE_PARTING				/* all is said to the program: it is to hang up */
} State;

/* one direction */
typedef struct Way
{
	Link	   *from;
	Link	   *to;
	unsigned char *held;		/* BUFFER_SIZE bytes, once they are needed */
	size_t		held_from;		/* those from here ... */
	size_t		held_to;		/* to here are still to be written */
	int64_t		arrived;		/* when they were read */
	bool		ended;			/* nothing comes any more */
	bool		end_passed;
} Way;

struct Connection
{
	Connections *all;
	Connection *next;
	Connection *previous;
	State		state;
	bool		own;
	bool		refused;
	bool		cancel;
	int			encryption_requests;
	int64_t		until;			/* start-up, parting: when it is given up */
	Link		program;
	Link		server;
	Watch		program_watch;
	Watch		server_watch;
	Way			up;
	Way			down;
	unsigned char *packet;		/* the start-up packet, and what came with it */
	size_t		npacket;
	size_t		packet_length;
	unsigned char *first_answers;	/* while a way to prove a password may have to be withheld */
	size_t		nfirst_answers;
	Attempt    *attempt;
	TracedConnection *traced;
	size_t		exchanged;		/* own: bytes of the last request and its answer */
	int64_t		request_arrived;	/* own: when the first of them was read */
	int64_t		answer_passed;	/* own: when the last of its answer was handed on */
};

/* connection.c: end it at once; or when the program hangs up, or until is over */
extern void connection_close(Connection *c);
extern void connection_part(Connection *c, int64_t until);

/*
 * connection_forward.c.  What returns a bool returns false where the connection is
 * closed, or parting: it is not to be touched then.
 */

/* wait for both ends by what is held */
extern void connection_watch(Connection *c);

/* hand on n bytes, BUFFER_SIZE at most, and hold what does not go */
extern bool connection_pass_on(Connection *c, Way *way, const unsigned char *bytes, size_t n, int64_t arrived);

/* either end can do something: a Watch's ready(), while bytes are forwarded */
extern void connection_program_ready(Connection *c, int can);
extern void connection_server_ready(Watch *watch, int can);

#endif							/* CONNECTION_INTERNAL_H */
