/*
 * first_send.h
 *	  When libpq hands the first and the last byte of a message to the kernel.
 */
#ifndef FIRST_SEND_H
#define FIRST_SEND_H

#include <stdint.h>

/* from now on: the next send is the first one */
extern void first_send_arm(void);

/* now_ns() of the first send since then, and after the last one; 0: there was none */
extern int64_t first_send_at(void);
extern int64_t last_send_at(void);

#endif							/* FIRST_SEND_H */
