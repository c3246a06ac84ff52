/*
 * upstream.c
 *	  The server that is forwarded to: where it listens and how it is to be talked to,
 *	  as CONNINFO and the environment say.
 */
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "trace/upstream.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"

#define DEFAULT_PORT "5432"

/* an attempt to connect to one address, where connect_timeout does not say */
#define CONNECT_TIMEOUT_S 10

/* A parameter of the connection that is not empty, or NULL; a TlsParameter. */
static const char *
parameter_of(const void *context, const char *keyword)
{
	for (const PQconninfoOption *option = context; option->keyword != NULL; option++)
		if (strcmp(option->keyword, keyword) == 0)
			return option->val != NULL && *option->val != '\0' ? option->val : NULL;
	return NULL;
}

/* The n-th item of a comma-separated list, malloc'd: empty where it is; NULL where there are less. */
static char *
item(const char *list, int n)
{
	for (; n > 0; n--)
	{
		list = strchr(list, ',');
		if (list == NULL)
			return NULL;
		list++;
	}
	return xasprintf("%.*s", (int) strcspn(list, ","), list);
}

static UpstreamAddress *
add_address(Upstream *upstream, const char *host, const char *port)
{
	UpstreamAddress *address;

	upstream->addresses = xrealloc(upstream->addresses,
								   (size_t) (upstream->naddresses + 1) * sizeof(UpstreamAddress));
	address = &upstream->addresses[upstream->naddresses++];
	memset(address, 0, sizeof(*address));
	address->host = xstrdup(host);
	address->port = xstrdup(port);
	address->is_socket = *host == '/' || *host == '@';
	address->words = address->is_socket ? xasprintf("socket \"%s/.s.PGSQL.%s\"", host, port) :
		xasprintf("host \"%s\", port %s", host, port);
	return address;
}

static bool
add_socket(Upstream *upstream, const char *directory, const char *port)
{
	UpstreamAddress *address = add_address(upstream, directory, port);
	struct sockaddr_un *name = (struct sockaddr_un *) &address->address;
	int			length = snprintf(name->sun_path, sizeof(name->sun_path), "%s/.s.PGSQL.%s", directory, port);

	if (length >= (int) sizeof(name->sun_path))
	{
		print_error("the name of the Unix socket in \"%s\" is too long", directory);
		return false;
	}
	name->sun_family = AF_UNIX;
	address->length = sizeof(*name);
	if (*directory == '@')
	{
		/* a name in the kernel, not in a file system */
		name->sun_path[0] = '\0';
		address->length = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + (size_t) length);
	}
	return true;
}

/* Look a name up, once: an answer that takes its time would hold everybody up later. */
static bool
add_host(Upstream *upstream, const char *host, const char *numeric, const char *port)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int			error;

	if (numeric != NULL)
		hints.ai_flags = AI_NUMERICHOST;
	error = getaddrinfo(numeric ? numeric : host, port, &hints, &found);
	if (error != 0)
	{
		print_error("could not find the address of host \"%s\": %s", numeric ? numeric : host,
					gai_strerror(error));
		return false;
	}
	for (struct addrinfo *one = found; one != NULL; one = one->ai_next)
	{
		UpstreamAddress *address = add_address(upstream, host, port);

		memcpy(&address->address, one->ai_addr, one->ai_addrlen);
		address->length = one->ai_addrlen;
	}
	freeaddrinfo(found);
	return true;
}

/* All of the lists host, hostaddr and port; a name that is not known is left out. */
static void
add_all(Upstream *upstream, PGconn *conn, const PQconninfoOption *options)
{
	const char *hosts = parameter_of(options, "host");
	const char *numbers = parameter_of(options, "hostaddr");
	const char *ports = parameter_of(options, "port");
	bool		one_port = ports == NULL || strchr(ports, ',') == NULL;

	/* without either libpq has a default of its own */
	if (hosts == NULL && numbers == NULL)
		hosts = PQhost(conn) && *PQhost(conn) ? PQhost(conn) : "localhost";
	for (int i = 0;; i++)
	{
		char	   *host = hosts ? item(hosts, i) : NULL;
		char	   *number = numbers ? item(numbers, i) : NULL;
		char	   *port = ports ? item(ports, one_port ? 0 : i) : NULL;

		if (host == NULL && number == NULL)
		{
			free(port);
			return;
		}
		if (port == NULL || *port == '\0')
		{
			free(port);
			port = xstrdup(DEFAULT_PORT);
		}
		if (number != NULL && *number != '\0')
			add_host(upstream, host && *host ? host : number, number, port);
		else if (host != NULL && (*host == '/' || *host == '@'))
			add_socket(upstream, host, port);
		else
			add_host(upstream, host && *host ? host : "localhost", NULL, port);
		free(host);
		free(number);
		free(port);
	}
}

/* Begin where the session got to: it has chosen by target_session_attrs too. */
static void
choose_first(Upstream *upstream, PGconn *conn)
{
	for (int i = upstream->naddresses - 1; i >= 0; i--)
	{
		const UpstreamAddress *address = &upstream->addresses[i];

		if (PQhost(conn) != NULL && strcmp(address->host, PQhost(conn)) == 0 &&
			strcmp(address->port, PQport(conn) && *PQport(conn) ? PQport(conn) : DEFAULT_PORT) == 0)
			upstream->first = i;
	}
}

static bool
prepare_tls(Upstream *upstream, PGconn *conn, const PQconninfoOption *options)
{
	const char *mode = parameter_of(options, "sslmode");
	bool		connected = PQstatus(conn) == CONNECTION_OK;

	if (mode == NULL)
		mode = "prefer";
	if (strcmp(mode, "disable") == 0)
		upstream->tls = TLS_NEVER;
	else if (strcmp(mode, "allow") == 0 || strcmp(mode, "prefer") == 0)
	{
		if (connected)
			upstream->tls = PQsslInUse(conn) ? TLS_ALWAYS : TLS_NEVER;
		else
			upstream->tls = *mode == 'p' ? TLS_PREFERRED : TLS_NEVER;
	}
	else
		upstream->tls = TLS_ALWAYS;
	if (upstream->tls == TLS_NEVER)
		return true;
	upstream->tls_settings = tls_prepare(parameter_of, options);
	return upstream->tls_settings != NULL;
}

bool
upstream_prepare(Upstream *upstream, PGconn *conn)
{
	PQconninfoOption *options = PQconninfo(conn);
	const char *gss;
	const char *peer;
	const char *timeout;
	bool		prepared = false;

	memset(upstream, 0, sizeof(*upstream));
	if (options == NULL)
	{
		print_error("out of memory");
		return false;
	}
	gss = parameter_of(options, "gssencmode");
	peer = parameter_of(options, "requirepeer");
	timeout = parameter_of(options, "connect_timeout");
	upstream->required_peer = peer ? xstrdup(peer) : NULL;
	upstream->timeout_ns = (timeout && atoi(timeout) > 0 ? atoi(timeout) : CONNECT_TIMEOUT_S) * NS_PER_S;
	if (gss != NULL && strcmp(gss, "require") == 0)
		print_error("gssencmode=require: a connection that GSSAPI encrypts cannot be traced; TLS can");
	else
	{
		add_all(upstream, conn, options);
		prepared = upstream->naddresses > 0 && prepare_tls(upstream, conn, options);
		if (prepared && PQstatus(conn) == CONNECTION_OK)
			choose_first(upstream, conn);
	}
	PQconninfoFree(options);
	return prepared;
}

void
upstream_free(Upstream *upstream)
{
	for (int i = 0; i < upstream->naddresses; i++)
	{
		free(upstream->addresses[i].host);
		free(upstream->addresses[i].port);
		free(upstream->addresses[i].words);
	}
	free(upstream->addresses);
	free(upstream->required_peer);
	tls_free(upstream->tls_settings);
}
