/*
 * random.c
 *	  SplitMix64, and the kernel's random bytes.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/message.h"
#include "util/random.h"

#define GOLDEN_GAMMA UINT64_C(0x9E3779B97F4A7C15)

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

void
random_seed(Random *random, uint64_t seed)
{
	random->state = seed;
}

void
random_seed_from_kernel(Random *random)
{
	random_bytes_from_kernel(&random->state, sizeof(random->state));
}

uint64_t
random_next(Random *random)
{
	random->state += GOLDEN_GAMMA;
	return mix(random->state);
}

uint64_t
random_word(uint64_t seed, uint64_t i)
{
	return mix(seed + (i + 1) * GOLDEN_GAMMA);
}

uint64_t
random_below(Random *random, uint64_t n)
{
	/* the last, incomplete run of n among all 64-bit numbers would favour the small ones */
	uint64_t	limit = UINT64_MAX - UINT64_MAX % n;
	uint64_t	draw;

	do
		draw = random_next(random);
	while (draw >= limit);
	return draw % n;
}

double
random_fraction(Random *random)
{
	/* 53 bits, and half a step up: neither 0 nor 1 */
	return ((double) (random_next(random) >> 11) + 0.5) * 0x1p-53;
}

double
random_exponential(Random *random, double mean)
{
	return -mean * log(random_fraction(random));
}

void
random_shuffle(Random *random, void *things, size_t count, size_t size)
{
	unsigned char *bytes = things;

	for (size_t i = count; i > 1; i--)
	{
		unsigned char *a = bytes + (i - 1) * size;
		unsigned char *b = bytes + random_below(random, i) * size;

		for (size_t k = 0; k < size; k++)
		{
			unsigned char byte = a[k];

			a[k] = b[k];
			b[k] = byte;
		}
	}
}

void
random_bytes_from_kernel(void *buffer, size_t size)
{
	unsigned char *bytes = buffer;

	while (size > 0)
	{
		ssize_t		got = getrandom(bytes, size, 0);

		if (got < 0)
		{
			if (errno == EINTR)
				continue;
			print_error("could not get random bytes: %s", strerror(errno));
			exit(EXIT_FAILURE);
		}
		bytes += got;
		size -= (size_t) got;
	}
}
