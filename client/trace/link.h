/*
 * link.h
 *	  One end of a forwarded connection: a socket, with or without TLS on it.
 */
#ifndef LINK_H
#define LINK_H

#include <stddef.h>
#include <sys/types.h>

#include <openssl/ssl.h>

typedef struct Link
{
	int			fd;				/* not blocking; -1: none */
	SSL		   *ssl;			/* NULL: plain */
} Link;

/* what link_read and link_write say when no byte has moved */
#define LINK_WAIT (-1)			/* not now */
#define LINK_GONE (-2)			/* never again */

/*
 * Read what is there, size bytes at most (TLS: some multiple of a record, 16 kB at
 * least must fit); 0: the other end has said its last.
 */
extern ssize_t link_read(Link *link, void *bytes, size_t size);

/* Hand on what goes at once. */
extern ssize_t link_write(Link *link, const void *bytes, size_t size);

/* We have said our last. */
extern void link_end_writing(Link *link);

/* Close it; may be called twice. */
extern void link_close(Link *link);

/* a new socket: not blocking, nothing held back for fuller packets */
extern void link_prepare_socket(int fd);

#endif							/* LINK_H */
