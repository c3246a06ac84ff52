/*
 * payload.h
 *		What a payload is made from, and making it.
 */
#ifndef DBOS_PAYLOAD_PAYLOAD_H
#define DBOS_PAYLOAD_PAYLOAD_H

#include "compat.h"

#pragma GCC visibility push(hidden)

/* 10^8 is the largest power of ten that dbos_payload.max_payload_bytes allows */
#define MAX_PAYLOAD_EXPONENT	8

typedef struct PayloadSpec
{
	int64		size;			/* bytes in all */
	int			parts;			/* 0, or how many parts of 10^0, 10^1 ... bytes */
	bool		seeded;
	uint64		seed;			/* part i is made with seed + i */
	int32		compressible;	/* percent */
} PayloadSpec;

extern int64 PowerOfTen(int exponent);
extern int64 PowersTotal(int count);
extern bytea *MakePayload(const PayloadSpec *spec);
extern void CheckedSpec(FunctionCallInfo fcinfo, int seed_argno,
						PayloadSpec *spec);

#pragma GCC visibility pop

#endif							/* DBOS_PAYLOAD_PAYLOAD_H */
