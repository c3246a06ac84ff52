/*
 * first_send.c
 *	  When libpq hands the first and the last byte of a message to the kernel.
 *
 * libpq builds a message and sends it in one call, and the server may be at
 * work before that call returns.  So the end of building cannot be told from
 * outside; but everything that libpq writes, TLS or not, goes through send(2),
 * and a program's own definition of a function takes precedence over the C
 * library's.  Where a libpq does not look for it here, both stamps stay 0, and
 * the session says so (sends_unseen).
 */
#include <sys/socket.h>

#include "pg/session_internal.h"
#include "util/clock.h"

static int64_t first_at = 0;
static int64_t last_at = 0;

/* whatever the build's flags say: a hidden function is not found */
__attribute__((visibility("default")))
ssize_t
send(int fd, const void *buffer, size_t length, int flags)
{
	ssize_t		sent;

	if (first_at == 0)
		first_at = now_ns();
	sent = sendto(fd, buffer, length, flags, NULL, 0);
	last_at = now_ns();
	return sent;
}

void
first_send_arm(void)
{
	first_at = last_at = 0;
}

int64_t
first_send_at(void)
{
	return first_at;
}

int64_t
last_send_at(void)
{
	return last_at;
}
