/*
 * interrupt.h
 *	  SIGINT and SIGTERM: the first one asks the run to stop, print and save
 *	  what there is; the second one ends the program at once.
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>
#include <stdint.h>

#define EXIT_INTERRUPTED 130

extern void interrupt_install(void);
extern bool interrupted(void);

/*
 * While at_once is set the first signal ends the program too: there is nothing
 * to save yet (connecting, usage errors).
 */
extern void interrupt_at_once(bool at_once);

/* the stop has been dealt with: go on with cleaning up, the next signal ends it */
extern void interrupt_forget(void);

/* sleep for so long; false where a signal has ended it early */
extern bool interruptible_sleep(int64_t ns);

#endif							/* INTERRUPT_H */
