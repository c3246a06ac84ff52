/*
 * proxy.h
 *	  What the files of the test proxy share.
 */
#ifndef PROXY_H
#define PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LABEL_SIZE 256

typedef struct Chunk
{
	struct Chunk *next;
	int64_t		arrived;
	int64_t		crossed;		/* when the line has carried all of it */
	size_t		size;
	size_t		written;
	char		data[];
} Chunk;

/* one direction of a connection */
typedef struct Way
{
	int			from;
	int			to;
	Chunk	   *head;			/* what is held, oldest first */
	Chunk	  **tail;
	bool		blocked;		/* the receiver takes no more for now */
	bool		ended;			/* the sender has closed its end */
	bool		end_passed;
	int64_t		bytes;
	int64_t		line_free;		/* when the line has carried what was read so far */

	/* where in a message we are */
	bool		untyped;		/* a start-up packet has no type byte */
	int			nskip;			/* bytes outside of messages: answers to SSLRequest */
	unsigned char header[8];
	int			nheader;
	int64_t		body_left;
} Way;

/* what a client asked for and is not answered yet */
typedef struct Request
{
	struct Request *next;
	int64_t		sent;
	char		label[LABEL_SIZE];
} Request;

typedef struct Connection
{
	int			number;
	bool		open;
	bool		cut;			/* nothing more is read; close when all is written */
	Way			up;				/* client to server */
	Way			down;
	Request    *requests;		/* complete ones, oldest first */
	Request    *current;		/* the one being read */
	int			nlabel;
	int64_t		received;		/* bytes of the answer being read */
} Connection;

extern FILE *log_file;			/* NULL: none */
extern int	cut_after;			/* answers until the cut; 0: none */
extern bool cut_whole;			/* not only its ReadyForQuery */

extern void fail(const char *what);
extern void *allocate(size_t size);

/*
 * Follow the messages of what was read from one side.  Returns how much of it
 * is to be passed on: less than all of it where the connection is cut here.
 */
extern size_t follow_messages(Connection *connection, Way *way,
							  const unsigned char *data, size_t size);

#endif							/* PROXY_H */
