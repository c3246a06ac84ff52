/*
 * listen.c
 *	  Where programs connect to.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trace/listen.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

/* as many may wait to be accepted as the kernel lets */
#define BACKLOG 4096
#define MAX_PORT 65535

/* "[::1]:5433" -> "::1" and 5433; no address: NULL.  *address is malloc'd. */
static bool
split(const char *where, char **address, int *port)
{
	const char *colon = strrchr(where, ':');
	const char *digits = colon ? colon + 1 : where;
	size_t		length = colon ? (size_t) (colon - where) : 0;
	ParseError	error = {""};
	int64_t		number = 0;

	*address = NULL;
	if (!parse_integer(digits, 0, MAX_PORT, &number, &error))
	{
		print_error("--listen: the port in \"%.80s\": %s", where, error.text);
		return false;
	}
	*port = (int) number;
	if (length == 0)
		return true;
	if (*where == '[' && where[length - 1] == ']')
		*address = xasprintf("%.*s", (int) length - 2, where + 1);
	else if (memchr(where, ':', length) != NULL)
	{
		print_error("--listen: \"%.80s\" is ambiguous; an address with colons is in brackets: [::1]:5433", where);
		return false;
	}
	else
		*address = xasprintf("%.*s", (int) length, where);
	return true;
}

static int
port_of(int fd)
{
	struct sockaddr_storage name;
	socklen_t	length = sizeof(name);

	if (getsockname(fd, (struct sockaddr *) &name, &length) != 0)
		return 0;
	return ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &name)->sin6_port :
				 ((struct sockaddr_in *) &name)->sin_port);
}

/* errno where it did not work */
static bool
open_one(Listeners *listeners, const struct addrinfo *one)
{
	struct sockaddr_storage name;
	int			on = 1;
	int			fd;
	int			saved;

	memcpy(&name, one->ai_addr, one->ai_addrlen);

	/* the same port in both families, also where the kernel chose it */
	if (listeners->port != 0 && name.ss_family == AF_INET)
		((struct sockaddr_in *) &name)->sin_port = htons((uint16_t) listeners->port);
	else if (listeners->port != 0)
		((struct sockaddr_in6 *) &name)->sin6_port = htons((uint16_t) listeners->port);
	fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (name.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *) &name, one->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
	{
		listeners->fds[listeners->n++] = fd;
		listeners->port = port_of(fd);
		return true;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return false;
}

/* Is it an address that leads nowhere but to this host? */
static bool
is_loopback(const struct addrinfo *one)
{
	if (one->ai_family == AF_INET)
		return ntohl(((struct sockaddr_in *) one->ai_addr)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *) one->ai_addr)->sin6_addr);
}

static void
explain(const char *where, int error)
{
	print_error("could not listen on \"%s\": %s", where, strerror(error));
	if (error == EADDRINUSE)
		print_hint("another program has this port, perhaps the server itself; take another one: the trace's port is its own, and the program's URL is pointed at it");
	else if (error == EACCES)
		print_hint("ports below 1024 are for root alone; take one above");
	else if (error == EADDRNOTAVAIL)
		print_hint("this host has no such address; * listens on all that it has");
}

bool
listeners_open(Listeners *listeners, const char *where)
{
	static const char *const here[] = {"127.0.0.1", "::1"};
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	char	   *address;
	char	   *service;
	bool		any_port;
	int			error = 0;

	memset(listeners, 0, sizeof(*listeners));
	if (!split(where, &address, &listeners->port))
		return false;
	any_port = listeners->port == 0;
	listeners->only_here = true;
	service = xasprintf("%d", listeners->port);
	for (int i = 0; i < (address == NULL ? 2 : 1) && error == 0; i++)
	{
		const char *name = address == NULL ? here[i] : strcmp(address, "*") == 0 ? NULL : address;
		struct addrinfo *found = NULL;
		int			lookup = getaddrinfo(name, service, &hints, &found);

		if (lookup != 0)
		{
			if (i > 0)
				continue;
			print_error("--listen: \"%.80s\": %s", where, gai_strerror(lookup));
			error = -1;
		}
		for (struct addrinfo *one = found; one != NULL && error == 0 && listeners->n < MAX_LISTENERS; one = one->ai_next)
		{
			listeners->only_here = listeners->only_here && is_loopback(one);
			if (open_one(listeners, one))
				continue;

			/* a host may be without one of the families; only a port that was asked for is missed */
			if (listeners->n == 0 || (errno == EADDRINUSE && !any_port))
				error = errno;
		}
		if (found != NULL)
			freeaddrinfo(found);
	}
	free(service);
	if (error > 0)
		explain(where, error);
	if (error != 0 || listeners->n == 0)
		listeners_close(listeners);
	else
		listeners->host = address == NULL || strcmp(address, "*") == 0 ? xstrdup("127.0.0.1") :
			strchr(address, ':') != NULL ? xasprintf("[%s]", address) : xstrdup(address);
	free(address);
	return listeners->n > 0;
}

void
listeners_close(Listeners *listeners)
{
	for (int i = 0; i < listeners->n; i++)
		close(listeners->fds[i]);
	listeners->n = 0;
	free(listeners->host);
	listeners->host = NULL;
}
