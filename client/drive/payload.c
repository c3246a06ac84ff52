/*
 * payload.c
 *	  Payloads that the client makes, and workflow ids.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "drive/payload.h"
#include "util/byte_buffer.h"

/* a compressible payload repeats this pattern: random bytes, then zeros */
#define SEGMENT_BYTES 512

/* Word number i of a seed's stream (SplitMix64, counted from 0). */
static uint64_t
stream_word(int64_t seed, uint64_t i)
{
	uint64_t	z = (uint64_t) seed + (i + 1) * UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static void
fill_from_kernel(unsigned char *buffer, size_t size)
{
	while (size > 0)
	{
		ssize_t		got = getrandom(buffer, size, 0);

		if (got < 0)
		{
			if (errno == EINTR)
				continue;
			perror("dbos_payload_bench: error: could not get random bytes");
			exit(1);
		}
		buffer += got;
		size -= (size_t) got;
	}
}

/* how many bytes of each segment are random */
static size_t
random_share(int compressible)
{
	return (size_t) (SEGMENT_BYTES - SEGMENT_BYTES * compressible / 100);
}

void
payload_fill(unsigned char *buffer, size_t size, bool has_seed, int64_t seed, int compressible)
{
	size_t		share = random_share(compressible);

	if (has_seed)
	{
		for (size_t i = 0; i < size; i += 8)
		{
			uint64_t	word = stream_word(seed, i / 8);

			for (size_t j = i; j < i + 8 && j < size; j++, word >>= 8)
				buffer[j] = (unsigned char) word;
		}
	}
	else
		fill_from_kernel(buffer, size);

	for (size_t i = 0; i + share < size && share < SEGMENT_BYTES; i += SEGMENT_BYTES)
	{
		size_t		end = i + SEGMENT_BYTES < size ? i + SEGMENT_BYTES : size;

		memset(buffer + i + share, 0, end - i - share);
	}
}

bool
payload_matches(const unsigned char *buffer, size_t size, int64_t seed, int compressible)
{
	size_t		share = random_share(compressible);

	for (size_t i = 0; i < size; i += 8)
	{
		uint64_t	word = stream_word(seed, i / 8);

		for (size_t j = i; j < i + 8 && j < size; j++, word >>= 8)
		{
			if (buffer[j] != (j % SEGMENT_BYTES < share ? (unsigned char) word : 0))
				return false;
		}
	}
	return true;
}

char *
payload_to_hex(const unsigned char *buffer, size_t size)
{
	ByteBuffer	hex = {0};

	buffer_add_text(&hex, "\\x");
	buffer_add_hex(&hex, buffer, size);
	return buffer_take(&hex, NULL);
}

void
workflow_id_make(char id[WORKFLOW_ID_SIZE])
{
	unsigned char b[16];

	fill_from_kernel(b, sizeof(b));
	b[6] = (unsigned char) ((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char) ((b[8] & 0x3f) | 0x80);
	snprintf(id, WORKFLOW_ID_SIZE,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
			 b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
