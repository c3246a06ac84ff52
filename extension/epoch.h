/*
 * epoch.h
 *		Times as the tables have them: ms since 1970-01-01 UTC.
 */
#ifndef DBOS_PAYLOAD_EPOCH_H
#define DBOS_PAYLOAD_EPOCH_H

#include "compat.h"

#include "utils/timestamp.h"

/*
 * Returns a finite time in ms since 1970-01-01 UTC.
 */
static inline int64
EpochMs(TimestampTz time)
{
	return time / 1000 +
		(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY * 1000;
}

static inline int64
EpochMsNow(void)
{
	return EpochMs(GetCurrentTimestamp());
}

#endif							/* DBOS_PAYLOAD_EPOCH_H */
