/*
 * payload.h
 *	  Payloads that the client makes (--origin client).  The bytes of a seed are those of the extension's
 *	  random_payload(size, seed, compressible).
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* size bytes into buffer; unseeded ones come from the kernel */
extern void payload_fill(unsigned char *buffer, size_t size, bool has_seed, int64_t seed,
						 int compressible);

/* is it what payload_fill makes of that seed? */
extern bool payload_matches(const unsigned char *buffer, size_t size, int64_t seed, int compressible);

/* "\x…", terminated; malloc'd, the caller's */
extern char *payload_to_hex(const unsigned char *buffer, size_t size);

#endif							/* PAYLOAD_H */
