/*
 * upstream.h
 *	  The server that is forwarded to: where it listens and how it is to be talked to,
 *	  as CONNINFO and the environment say.
 */
#ifndef UPSTREAM_H
#define UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libpq-fe.h>

#include "trace/tls.h"

typedef struct UpstreamAddress
{
	struct sockaddr_storage address;
	socklen_t	length;
	char	   *host;			/* as it was given: a certificate must be of this */
	char	   *port;
	char	   *words;			/* for messages */
	bool		is_socket;		/* a Unix socket, on which there is never TLS */
} UpstreamAddress;

typedef struct Upstream
{
	UpstreamAddress *addresses;
	int			naddresses;
	int			first;			/* to be tried first: the one that worked last */
	TlsMode		tls;
	TlsSettings *tls_settings;	/* NULL where tls is TLS_NEVER */
	char	   *required_peer;	/* user name that a Unix socket's server must run as; NULL: any */
	int64_t		timeout_ns;		/* of an attempt to connect to one address */
} Upstream;

/*
 * What the session's connection uses, which need not have come about: its options are
 * read, its hosts' names looked up, certificates and keys loaded.  Where the session is
 * connected, its own host is first, and for sslmode allow and prefer there will be TLS
 * where it has it.  False, with a message on stderr, where that cannot be.
 */
extern bool upstream_prepare(Upstream *upstream, PGconn *conn);
extern void upstream_free(Upstream *upstream);

#endif							/* UPSTREAM_H */
