/*
 * proxy.c
 *	  A proxy between a client and a PostgreSQL server, for tests: it holds
 *	  traffic back, counts it, and cuts connections at a given point.
 *
 *	  proxy [-l LOG] UPSTREAM
 *
 * UPSTREAM is a Unix socket's path or a TCP port of 127.0.0.1.  Listens on a
 * free port of 127.0.0.1 and prints "port N".  Ends with its standard input,
 * from which it takes commands, one a line, each answered by one line:
 *
 *	  delay MS		hold each chunk for MS milliseconds from its arrival on
 *	  rate N		N bytes a second each way, as a line has it: chunks are held until
 *					they have crossed it, one after the other; 0: no limit
 *	  count			"sent S received R held H chunks C connections N": bytes from
 *					clients and from the server, read since the last reset, and how
 *					long the chunks passed on since then were really held, their
 *					median in ms
 *	  reset			begin to count anew
 *	  cut N whole	drop the N-th answer from now, as soon as it is complete at the
 *					proxy, and the connection with it: what was asked is done, and
 *					the client does not hear of it
 *	  cut N ready	the same, but only the answer's last message, ReadyForQuery, is
 *					dropped
 *	  cut-bytes N	cut after N more bytes from the server
 *	  drop			pass nothing on any more, as a firewall does
 *	  quit			end (other processes may have inherited the input's other end)
 *
 * LOG gets a line for each exchange: connection, bytes sent and received, and
 * the beginning of its first message.  An exchange ends with the client's Sync
 * or Query and with the server's ReadyForQuery to it; the first one is the
 * start-up.  A connection's last line holds all bytes of it.
 *
 * What is held is buffered without bounds, so that a sender never waits for us.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

#define MAX_CONNECTIONS 64
#define READ_SIZE (256 * 1024)
#define SLOW_READ_SIZE (16 * 1024)	/* on a line with a rate: bytes come bit by bit */
#define MAX_HELD 100000
#define NS_PER_MS INT64_C(1000000)

static Connection connections[MAX_CONNECTIONS];
static const char *upstream;
FILE	   *log_file = NULL;
static int64_t delay_ns = 0;
static int64_t rate = 0;		/* bytes a second; 0: no limit */
int			cut_after = 0;
bool		cut_whole = false;
static int64_t cut_bytes = -1;	/* bytes until the cut; -1: none */
static bool drop = false;

/* since the last reset */
static int64_t sent;
static int64_t received;
static int64_t held_ns[MAX_HELD];
static int	nheld;
static int	nconnections = 0;

void
fail(const char *what)
{
	fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
	exit(1);
}

void *
allocate(size_t size)
{
	void	   *memory = calloc(1, size);

	if (memory == NULL)
		fail("out of memory");
	return memory;
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/*
 * Traffic
 */

static void
close_connection(Connection *connection)
{
	Way		   *ways[2] = {&connection->up, &connection->down};

	if (log_file != NULL)
	{
		fprintf(log_file, "%d %" PRId64 " %" PRId64 " end\n", connection->number,
				connection->up.bytes, connection->down.bytes);
		fflush(log_file);
	}
	for (int i = 0; i < 2; i++)
	{
		while (ways[i]->head != NULL)
		{
			Chunk	   *chunk = ways[i]->head;

			ways[i]->head = chunk->next;
			free(chunk);
		}
	}
	while (connection->requests != NULL)
	{
		Request    *request = connection->requests;

		connection->requests = request->next;
		free(request);
	}
	free(connection->current);
	close(connection->up.from);
	close(connection->up.to);
	connection->open = false;
}

/* Take what has come. */
static void
read_way(Connection *connection, Way *way)
{
	static unsigned char buffer[READ_SIZE];
	int64_t		arrived = now_ns();
	ssize_t		size = recv(way->from, buffer, rate > 0 ? SLOW_READ_SIZE : READ_SIZE, MSG_DONTWAIT);
	size_t		passed;
	Chunk	   *chunk;

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0)
	{
		way->ended = true;
		return;
	}

	way->bytes += size;
	*(way == &connection->up ? &sent : &received) += size;
	passed = follow_messages(connection, way, buffer, (size_t) size);
	if (way == &connection->down && cut_bytes >= 0)
	{
		if ((int64_t) passed >= cut_bytes)
		{
			passed = (size_t) cut_bytes;
			cut_bytes = -1;
			connection->cut = true;
		}
		else
			cut_bytes -= (int64_t) passed;
	}
	if (passed == 0 || drop)
		return;
	chunk = allocate(sizeof(Chunk) + passed);
	chunk->arrived = arrived;
	if (way->line_free < arrived)
		way->line_free = arrived;
	if (rate > 0)
		way->line_free += (int64_t) passed * INT64_C(1000000000) / rate;
	chunk->crossed = way->line_free;
	chunk->size = passed;
	memcpy(chunk->data, buffer, passed);
	*way->tail = chunk;
	way->tail = &chunk->next;
}

/* Pass on what has been held for long enough; false where the receiver is gone. */
static bool
write_way(Way *way)
{
	way->blocked = false;
	while (way->head != NULL)
	{
		Chunk	   *chunk = way->head;
		int64_t		now = now_ns();
		ssize_t		size;

		if (chunk->crossed + delay_ns > now)
			return true;
		if (chunk->written == 0 && nheld < MAX_HELD)
			held_ns[nheld++] = now - chunk->arrived;
		size = send(way->to, chunk->data + chunk->written, chunk->size - chunk->written,
					MSG_DONTWAIT | MSG_NOSIGNAL);
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0 && errno == EAGAIN)
		{
			way->blocked = true;
			return true;
		}
		if (size < 0)
			return false;
		chunk->written += (size_t) size;
		if (chunk->written == chunk->size)
		{
			way->head = chunk->next;
			if (way->head == NULL)
				way->tail = &way->head;
			free(chunk);
		}
	}
	if (way->ended && !way->end_passed)
	{
		shutdown(way->to, SHUT_WR);
		way->end_passed = true;
	}
	return true;
}

static int
connect_upstream(void)
{
	bool		unix_socket = (strchr(upstream, '/') != NULL);
	int			fd = socket(unix_socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr_in in = {.sin_family = AF_INET};
	int			one = 1;
	int			status;

	if (fd < 0)
		fail("socket");
	if (unix_socket)
	{
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", upstream);
		status = connect(fd, (struct sockaddr *) &un, sizeof(un));
	}
	else
	{
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in.sin_port = htons((uint16_t) atoi(upstream));
		status = connect(fd, (struct sockaddr *) &in, sizeof(in));
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	}
	if (status < 0)
	{
		close(fd);				/* the server is down: so is its proxy, for this client */
		return -1;
	}
	return fd;
}

static void
accept_connection(int listener)
{
	Connection *connection = connections;
	int			client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int			server;
	int			one = 1;

	if (client < 0)
		return;
	while (connection < connections + MAX_CONNECTIONS && connection->open)
		connection++;
	if (connection == connections + MAX_CONNECTIONS || (server = connect_upstream()) < 0)
	{
		close(client);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	memset(connection, 0, sizeof(*connection));
	connection->open = true;
	connection->number = ++nconnections;
	connection->current = allocate(sizeof(Request));
	connection->up.from = connection->down.to = client;
	connection->up.to = connection->down.from = server;
	connection->up.tail = &connection->up.head;
	connection->down.tail = &connection->down.head;
	connection->up.untyped = true;
}

/* One round of a connection, after poll. */
static void
serve(Connection *connection, short client_events, short server_events)
{
	if (client_events & (POLLIN | POLLHUP | POLLERR))
		read_way(connection, &connection->up);
	if (!connection->cut && (server_events & (POLLIN | POLLHUP | POLLERR)))
		read_way(connection, &connection->down);
	if (!write_way(&connection->up) || !write_way(&connection->down) ||
		(connection->up.end_passed && connection->down.end_passed) ||
		(connection->down.end_passed && !drop) ||
		(connection->cut && connection->down.head == NULL))
		close_connection(connection);
}

/*
 * Commands
 */

static int
compare_times(const void *a, const void *b)
{
	int64_t		x = *(const int64_t *) a;
	int64_t		y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

static void
obey(char *line)
{
	double		ms;
	char		what[16];

	if (sscanf(line, "delay %lf", &ms) == 1)
		delay_ns = (int64_t) (ms * (double) NS_PER_MS);
	else if (sscanf(line, "rate %" SCNd64, &rate) == 1)
	{
		/* taken */
	}
	else if (strcmp(line, "reset") == 0)
		sent = received = nheld = 0;
	else if (strcmp(line, "count") == 0)
	{
		qsort(held_ns, (size_t) nheld, sizeof(held_ns[0]), compare_times);
		printf("sent %" PRId64 " received %" PRId64 " held %.6f chunks %d connections %d\n",
			   sent, received,
			   nheld > 0 ? (double) held_ns[nheld / 2] / (double) NS_PER_MS : 0.0,
			   nheld, nconnections);
		return;
	}
	else if (sscanf(line, "cut %d %15s", &cut_after, what) == 2)
		cut_whole = (strcmp(what, "whole") == 0);
	else if (sscanf(line, "cut-bytes %" SCNd64, &cut_bytes) == 1)
	{
		/* taken */
	}
	else if (strcmp(line, "quit") == 0)
		exit(0);
	else if (strcmp(line, "drop") == 0)
		drop = true;
	else
	{
		printf("no such command: %s\n", line);
		return;
	}
	printf("ok\n");
}

static void
take_commands(void)
{
	static char buffer[1024];
	static size_t used = 0;
	ssize_t		size = read(STDIN_FILENO, buffer + used, sizeof(buffer) - 1 - used);
	char	   *end;

	if (size <= 0)
		exit(0);
	used += (size_t) size;
	buffer[used] = '\0';
	while ((end = strchr(buffer, '\n')) != NULL)
	{
		*end = '\0';
		obey(buffer);
		fflush(stdout);
		used -= (size_t) (end + 1 - buffer);
		memmove(buffer, end + 1, used + 1);
	}
}

static int
listen_somewhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t	length = sizeof(address);
	int			listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *) &address, length) < 0 ||
		listen(listener, MAX_CONNECTIONS) < 0 ||
		getsockname(listener, (struct sockaddr *) &address, &length) < 0)
		fail("cannot listen");
	printf("port %d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[2 + 2 * MAX_CONNECTIONS];
	int			listener;
	int			option;

	while ((option = getopt(argc, argv, "l:")) == 'l')
	{
		log_file = fopen(optarg, "w");
		if (log_file == NULL)
			fail(optarg);
	}
	if (option != -1 || optind + 1 != argc)
	{
		fprintf(stderr, "usage: proxy [-l LOG] UPSTREAM\n");
		return 1;
	}
	upstream = argv[optind];
	prctl(PR_SET_TIMERSLACK, 1);	/* held to the microsecond */
	listener = listen_somewhere();

	for (;;)
	{
		int64_t		due = INT64_MAX;
		struct timespec wait = {3600, 0};

		fds[0] = (struct pollfd) {STDIN_FILENO, POLLIN, 0};
		fds[1] = (struct pollfd) {listener, POLLIN, 0};
		for (int i = 0; i < MAX_CONNECTIONS; i++)
		{
			Connection *connection = &connections[i];
			Way		   *ways[2] = {&connection->up, &connection->down};

			fds[2 + 2 * i] = (struct pollfd) {-1, 0, 0};
			fds[3 + 2 * i] = (struct pollfd) {-1, 0, 0};
			if (!connection->open)
				continue;
			for (int w = 0; w < 2; w++)
			{
				struct pollfd *from = &fds[2 + 2 * i + w];
				struct pollfd *to = &fds[3 + 2 * i - w];

				if (!ways[w]->ended && !connection->cut)
				{
					from->fd = ways[w]->from;
					from->events |= POLLIN;
				}
				if (ways[w]->blocked)
				{
					to->fd = ways[w]->to;
					to->events |= POLLOUT;
				}
				else if (ways[w]->head != NULL && ways[w]->head->crossed + delay_ns < due)
					due = ways[w]->head->crossed + delay_ns;
			}
		}
		if (due != INT64_MAX)
		{
			int64_t		left = due - now_ns();

			if (left < 0)
				left = 0;
			wait.tv_sec = left / INT64_C(1000000000);
			wait.tv_nsec = left % INT64_C(1000000000);
		}
		if (ppoll(fds, 2 + 2 * MAX_CONNECTIONS, &wait, NULL) < 0 && errno != EINTR)
			fail("poll");

		if (fds[0].revents != 0)
			take_commands();
		for (int i = 0; i < MAX_CONNECTIONS; i++)
		{
			if (connections[i].open)
				serve(&connections[i], fds[2 + 2 * i].revents, fds[3 + 2 * i].revents);
		}
		if (fds[1].revents != 0)
			accept_connection(listener);
	}
}
