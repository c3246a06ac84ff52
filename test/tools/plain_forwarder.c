/*
 * plain_forwarder.c
 *	  Hands bytes on and does nothing else, as plainly as it can be done: what any
 *	  program costs that stands between two others.  For "make measure".
 *
 *	  plain_forwarder HOST PORT
 *
 * Listens on a free port of 127.0.0.1 and prints "port N".  A process a connection,
 * which waits for both ends by poll, reads, and writes to the end.  HOST is an IPv4
 * address or a Unix socket's directory.  Ends with its standard input.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
connect_to(const char *host, const char *port)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((unsigned short) atoi(port))};
	int			one = 1;
	int			fd;

	if (*host == '/')
	{
		snprintf(un.sun_path, sizeof(un.sun_path), "%s/.s.PGSQL.%s", host, port);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		return connect(fd, (struct sockaddr *) &un, sizeof(un)) == 0 ? fd : -1;
	}
	inet_pton(AF_INET, host, &in.sin_addr);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return connect(fd, (struct sockaddr *) &in, sizeof(in)) == 0 ? fd : -1;
}

static void
forward(int program, int server)
{
	static char buffer[64 * 1024];
	struct pollfd fds[2] = {{program, POLLIN, 0}, {server, POLLIN, 0}};

	while (poll(fds, 2, -1) > 0)
	{
		for (int i = 0; i < 2; i++)
		{
			ssize_t		size;

			if (fds[i].revents == 0)
				continue;
			size = recv(fds[i].fd, buffer, sizeof(buffer), 0);
			if (size <= 0)
				return;
			for (ssize_t sent = 0; sent < size;)
			{
				ssize_t		part = send(fds[1 - i].fd, buffer + sent, (size_t) (size - sent), MSG_NOSIGNAL);

				if (part < 0)
					return;
				sent += part;
			}
		}
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t	length = sizeof(here);
	struct pollfd fds[2];
	int			one = 1;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = (struct pollfd) {socket(AF_INET, SOCK_STREAM, 0), POLLIN, 0};
	fds[1] = (struct pollfd) {STDIN_FILENO, POLLIN, 0};
	if (argc != 3 || bind(fds[0].fd, (struct sockaddr *) &here, length) != 0 || listen(fds[0].fd, 64) != 0 ||
		getsockname(fds[0].fd, (struct sockaddr *) &here, &length) != 0)
	{
		fprintf(stderr, "usage: plain_forwarder HOST PORT\n");
		return 1;
	}
	signal(SIGCHLD, SIG_IGN);
	printf("port %d\n", ntohs(here.sin_port));
	fflush(stdout);
	while (poll(fds, 2, -1) > 0 && fds[1].revents == 0)
	{
		int			program = accept(fds[0].fd, NULL, NULL);

		if (program >= 0 && fork() == 0)
		{
			int			server = connect_to(argv[1], argv[2]);

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			setsockopt(program, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			if (server >= 0)
				forward(program, server);
			_exit(0);
		}
		close(program);
	}
	return 0;
}
