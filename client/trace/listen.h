/*
 * listen.h
 *	  Where programs connect to.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>

#define MAX_LISTENERS 8

typedef struct Listeners
{
	int			fds[MAX_LISTENERS]; /* not blocking */
	int			n;
	int			port;
	char	   *host;			/* for the program's URL: a name or an address, in brackets where
								 * it has colons */
	bool		only_here;		/* nobody can reach it from another host */
} Listeners;

/*
 * [ADDR:]PORT: of loopback alone, in both families, where there is no address; an
 * address with colons is in brackets; *: all there are; port 0: one that is free.
 * False, with a message on stderr, where that cannot be listened on.
 */
extern bool listeners_open(Listeners *listeners, const char *where);
extern void listeners_close(Listeners *listeners);

#endif							/* LISTEN_H */
