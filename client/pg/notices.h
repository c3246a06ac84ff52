/*
 * notices.h
 *	  The server's warnings.  Writing one to a slow terminal can take longer than
 *	  a call: they are kept while a call is timed and written between two.
 */
#ifndef NOTICES_H
#define NOTICES_H

#include <libpq-fe.h>

/* keep a notice that is a WARNING; another from the same place is counted */
extern void notices_keep(const PGresult *notice);

/* write on stderr what has not been written yet */
extern void notices_show(void);

/* at the end: how often was said what was said again */
extern void notices_show_counts(void);

#endif							/* NOTICES_H */
