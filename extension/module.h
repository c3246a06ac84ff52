/*
 * module.h
 *		The extension's settings and their bounds.
 */
#ifndef DBOS_PAYLOAD_MODULE_H
#define DBOS_PAYLOAD_MODULE_H

#include "compat.h"

#pragma GCC visibility push(hidden)

/* a payload this long can still be shown as hex in a message under 1 GB */
#define MAX_MAX_PAYLOAD_BYTES		536870000
#define DEFAULT_MAX_PAYLOAD_BYTES	268435456

extern int	max_payload_bytes;
extern bool timing_enabled;
extern bool track_cpu;

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_MODULE_H */
