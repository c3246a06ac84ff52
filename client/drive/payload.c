/*
 * payload.c
 *	  Payloads that the client makes.
 */
#include <string.h>

#include "drive/workload.h"
#include "util/byte_buffer.h"
#include "util/random.h"

/* a compressible payload repeats this pattern: random bytes, then zeros */
#define SEGMENT_BYTES 512

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
			uint64_t	word = random_word((uint64_t) seed, i / 8);

			for (size_t j = i; j < i + 8 && j < size; j++, word >>= 8)
				buffer[j] = (unsigned char) word;
		}
	}
	else
		random_bytes_from_kernel(buffer, size);

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
		uint64_t	word = random_word((uint64_t) seed, i / 8);

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
