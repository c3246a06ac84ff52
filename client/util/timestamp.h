/*
 * timestamp.h
 *	  When something was, for result files.  Not for measuring: see clock.h.
 */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#define TIMESTAMP_SIZE 40

/* now, as "2026-11-25T02:46:18.123Z": texts that are in the order of the times */
extern void timestamp_now(char text[TIMESTAMP_SIZE]);

#endif							/* TIMESTAMP_H */
