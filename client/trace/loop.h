/*
 * loop.h
 *	  Waiting for many descriptors at once, in one thread.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdint.h>

/* what is waited for; 0: nothing, and the kernel does not even look */
#define LOOP_READ 1
#define LOOP_WRITE 2

typedef struct Loop Loop;

/*
 * One descriptor, a part of whoever waits.  ready() is called with what it can do now;
 * a descriptor that failed or was hung up can do all that it is waited for, so that
 * reading or writing it tells.  It may change and end any watch, its own too.
 */
typedef struct Watch
{
	int			fd;
	int			waits_for;
	void		(*ready) (struct Watch *watch, int can);
	void	   *owner;
} Watch;

/* turns last tick_ms at most; NULL with errno set where there is none to be had */
extern Loop *loop_create(int tick_ms);
extern void loop_free(Loop *loop);

/* wait for other things than so far; no system call where nothing changes */
extern void loop_wait_for(Loop *loop, Watch *watch, int waits_for);

/* never call ready() again; before the descriptor is closed */
extern void loop_end_watch(Loop *loop, Watch *watch);

/* wait until somebody is ready, and call them; or for a tick, or a signal */
extern void loop_turn(Loop *loop);

#endif							/* LOOP_H */
