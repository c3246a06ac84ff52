/*
 * first_send.h
 *	  When libpq hands the first byte of a message to the kernel.
 */
#ifndef FIRST_SEND_H
#define FIRST_SEND_H

#include <stdint.h>

/* watch for the next send() */
extern void first_send_arm(void);

/* its instant (now_ns), 0 where nothing has been sent since */
extern int64_t first_send_at(void);

#endif							/* FIRST_SEND_H */
