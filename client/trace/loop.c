/*
 * loop.c
 *	  Waiting for many descriptors at once, in one thread.
 *
 * Level-triggered: what a turn leaves in the kernel is found by the next one, so a
 * connection is given one read a turn and none starves.  A descriptor that nothing is
 * wanted of is taken out altogether, since epoll would report a hang-up of it for ever.
 * One timer ticks all the time: a timeout of each wait would set one each time, which
 * on a virtual machine costs more than reading and writing.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "trace/loop.h"
#include "util/memory.h"
#include "util/message.h"

#define EVENTS_A_TURN 64

struct Loop
{
	int			fd;
	struct epoll_event events[EVENTS_A_TURN];
	int			nevents;		/* of this turn; those from next on are not dealt with yet */
	int			next;
	Watch		timer;
};

static void
tick(Watch *watch, int can)
{
	uint64_t	times;

	(void) can;

	/* that it has ended the wait is all that it is for */
	if (read(watch->fd, &times, sizeof(times)) < 0)
		return;
}

Loop *
loop_create(int tick_ms)
{
	Loop	   *loop = xcalloc(1, sizeof(Loop));
	struct timespec every = {tick_ms / 1000, tick_ms % 1000 * 1000000L};
	struct itimerspec ticks = {every, every};

	loop->fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer = (Watch) {.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), .ready = tick};
	if (loop->fd < 0 || loop->timer.fd < 0 || timerfd_settime(loop->timer.fd, 0, &ticks, NULL) != 0)
	{
		loop_free(loop);
		return NULL;
	}
	loop_wait_for(loop, &loop->timer, LOOP_READ);
	return loop;
}

void
loop_free(Loop *loop)
{
	if (loop->timer.fd >= 0)
		close(loop->timer.fd);
	if (loop->fd >= 0)
		close(loop->fd);
	free(loop);
}

/* What is left of this turn must not reach it any more. */
static void
forget(Loop *loop, const Watch *watch)
{
	for (int i = loop->next; i < loop->nevents; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

void
loop_wait_for(Loop *loop, Watch *watch, int waits_for)
{
	struct epoll_event event = {.data.ptr = watch};
	int			operation = waits_for == 0 ? EPOLL_CTL_DEL :
		watch->waits_for == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (waits_for == watch->waits_for)
		return;
	if (waits_for & LOOP_READ)
		event.events |= EPOLLIN;
	if (waits_for & LOOP_WRITE)
		event.events |= EPOLLOUT;
	if (epoll_ctl(loop->fd, operation, watch->fd, &event) != 0)
	{
		/* only the kernel's memory or its limit of watches can do this */
		print_error("could not wait for a connection: %m");
		exit(EXIT_FAILURE);
	}
	watch->waits_for = waits_for;
	if (waits_for == 0)
		forget(loop, watch);
}

void
loop_end_watch(Loop *loop, Watch *watch)
{
	loop_wait_for(loop, watch, 0);
	forget(loop, watch);
}

void
loop_turn(Loop *loop)
{
	loop->next = 0;
	loop->nevents = epoll_wait(loop->fd, loop->events, EVENTS_A_TURN, -1);
	while (loop->next < loop->nevents)
	{
		struct epoll_event event = loop->events[loop->next++];
		Watch	   *watch = event.data.ptr;
		int			can = 0;

		if (watch == NULL)
			continue;
		if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP))
			can |= LOOP_READ;
		if (event.events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
			can |= LOOP_WRITE;
		can &= watch->waits_for;
		if (can != 0)
			watch->ready(watch, can);
	}
	loop->nevents = 0;
}
