/*
 * first_send.c
 *	  When libpq hands the first byte of a message to the kernel.
 *
 * libpq builds a message and sends it in one call, and the server may be at
 * work before that call returns.  So the end of building cannot be told from
 * outside; but everything that libpq writes, TLS or not, goes through send(2),
 * and a program's own definition of a function takes precedence over the C
 * library's.
 */
#include <sys/socket.h>

#include "pg/first_send.h"
#include "util/clock.h"

static int64_t sent_at = 0;

ssize_t
send(int fd, const void *buffer, size_t length, int flags)
{
	if (sent_at == 0)
		sent_at = now_ns();
	return sendto(fd, buffer, length, flags, NULL, 0);
}

void
first_send_arm(void)
{
	sent_at = 0;
}

int64_t
first_send_at(void)
{
	return sent_at;
}
