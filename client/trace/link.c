/*
 * link.c
 *	  One end of a forwarded connection: a socket, with or without TLS on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "trace/link.h"

/* What TLS says of a call that moved nothing. */
static ssize_t
tls_outcome(Link *link, int result)
{
	switch (SSL_get_error(link->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
		case SSL_ERROR_WANT_WRITE:
			return LINK_WAIT;
		case SSL_ERROR_ZERO_RETURN:
			return 0;
		default:
			return LINK_GONE;
	}
}

/* Record by record until the room or what is there ends. */
static ssize_t
tls_read(Link *link, char *bytes, size_t size)
{
	size_t		got = 0;

	while (size - got >= SSL3_RT_MAX_PLAIN_LENGTH)
	{
		int			result;

		ERR_clear_error();
		result = SSL_read(link->ssl, bytes + got, (int) (size - got));
		if (result <= 0)
			return got > 0 ? (ssize_t) got : tls_outcome(link, result);
		got += (size_t) result;

		/* not a full record: more of it would have come along, most likely */
		if (result < SSL3_RT_MAX_PLAIN_LENGTH)
			break;
	}
	return (ssize_t) got;
}

static ssize_t
tls_write(Link *link, const char *bytes, size_t size)
{
	size_t		put = 0;

	while (put < size)
	{
		size_t		left = size - put;
		int			result;

		ERR_clear_error();
		result = SSL_write(link->ssl, bytes + put, left > INT_MAX ? INT_MAX : (int) left);
		if (result <= 0)
			return put > 0 ? (ssize_t) put : tls_outcome(link, result) == LINK_WAIT ? LINK_WAIT : LINK_GONE;
		put += (size_t) result;
	}
	return (ssize_t) put;
}

ssize_t
link_read(Link *link, void *bytes, size_t size)
{
	ssize_t		got;

	if (link->ssl != NULL)
		return tls_read(link, bytes, size);
	got = recv(link->fd, bytes, size, 0);
	if (got >= 0)
		return got;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? LINK_WAIT : LINK_GONE;
}

ssize_t
link_write(Link *link, const void *bytes, size_t size)
{
	ssize_t		put;

	if (link->ssl != NULL)
		return tls_write(link, bytes, size);
	put = send(link->fd, bytes, size, MSG_NOSIGNAL);
	if (put >= 0)
		return put;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? LINK_WAIT : LINK_GONE;
}

void
link_end_writing(Link *link)
{
	if (link->ssl != NULL)
	{
		ERR_clear_error();
		SSL_shutdown(link->ssl);
	}
	shutdown(link->fd, SHUT_WR);
}

void
link_close(Link *link)
{
	if (link->ssl != NULL)
		SSL_free(link->ssl);
	link->ssl = NULL;
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
}

void
link_prepare_socket(int fd)
{
	int			one = 1;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);

	/* of a Unix socket these fail, and are not needed */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
}
