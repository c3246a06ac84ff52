/*
 * portable.h
 *	  What init --portable runs: command/portable.sql, as make embeds it.
 */
#ifndef PORTABLE_H
#define PORTABLE_H

/* many statements, in a transaction of their own */
extern const char portable_sql[];

#endif							/* PORTABLE_H */
