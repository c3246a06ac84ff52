/*
 * random.h
 *	  Chance: a small generator that gives the same draws for the same seed on
 *	  every platform (SplitMix64), and the kernel's random bytes.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct Random
{
	uint64_t	state;
} Random;

extern void random_seed(Random *random, uint64_t seed);
extern void random_seed_from_kernel(Random *random);

/* 64 random bits; word i (from 0) of a seed's stream without drawing those before it */
extern uint64_t random_next(Random *random);
extern uint64_t random_word(uint64_t seed, uint64_t i);

/* a whole number from 0 to n - 1, each as likely; n must not be 0 */
extern uint64_t random_below(Random *random, uint64_t n);

/* above 0 and below 1 */
extern double random_fraction(Random *random);

/* exponentially distributed with that mean */
extern double random_exponential(Random *random, double mean);

/* count things of size bytes each, in an order drawn from all orders alike */
extern void random_shuffle(Random *random, void *things, size_t count, size_t size);

/* cryptographic bytes; ends the program with a message where there are none */
extern void random_bytes_from_kernel(void *buffer, size_t size);

#endif							/* RANDOM_H */
