/*
 * compress.c
 *	  The client's compressors, and text like that of workflows.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <lz4.h>
#include <zstd.h>

#include "experiment/compress.h"

/* an LZ4 block does not say how long its content is */
#define LZ4_HEADER 4

const char *
compress_version(Compressor compressor)
{
	return compressor == COMPRESS_LZ4 ? LZ4_versionString() : ZSTD_versionString();
}

size_t
compress_room(Compressor compressor, size_t size)
{
	return compressor == COMPRESS_LZ4 ? LZ4_HEADER + (size_t) LZ4_compressBound((int) size) : ZSTD_compressBound(size);
}

size_t
compress(Compressor compressor, const unsigned char *raw, size_t size, unsigned char *out, size_t room)
{
	if (compressor == COMPRESS_ZSTD)
	{
		size_t		length = ZSTD_compress(out, room, raw, size, ZSTD_CLEVEL_DEFAULT);

		return ZSTD_isError(length) ? 0 : length;
	}
	for (int i = 0; i < LZ4_HEADER; i++)
		out[i] = (unsigned char) (size >> 8 * i);
	{
		int			length = LZ4_compress_default((const char *) raw, (char *) out + LZ4_HEADER, (int) size,
												  (int) (room - LZ4_HEADER));

		return length > 0 ? LZ4_HEADER + (size_t) length : 0;
	}
}

bool
decompress(Compressor compressor, const unsigned char *in, size_t length, unsigned char *raw, size_t size)
{
	size_t		said = 0;

	if (compressor == COMPRESS_ZSTD)
		return ZSTD_decompress(raw, size, in, length) == size;
	if (length < LZ4_HEADER)
		return false;
	for (int i = 0; i < LZ4_HEADER; i++)
		said |= (size_t) in[i] << 8 * i;
	return said == size &&
		LZ4_decompress_safe((const char *) in + LZ4_HEADER, (char *) raw, (int) (length - LZ4_HEADER), (int) size) == (int) size;
}

/* one order, of which as much as fits is taken */
static int
write_order(Random *random, char *text, size_t size)
{
	static const char *const names[] = {"Anna Berger", "Bao Nguyen", "Carla Rossi", "Dmitri Volkov", "Efua Mensah",
	"Farid Haddad", "Greta Lind", "Hiro Tanaka"};
	static const char *const states[] = {"pending", "paid", "shipped", "delivered", "returned"};
	static const char *const things[] = {"lamp", "desk", "chair", "shelf", "cable", "screen", "keyboard", "rug"};

	return snprintf(text, size,
					"{\"order_id\":\"%08llx-%04x\",\"customer\":{\"name\":\"%s\",\"id\":%llu},\"state\":\"%s\","
					"\"created_at\":\"2026-%02d-%02dT%02d:%02d:%02d.%03dZ\",\"items\":[{\"sku\":\"%s-%llu\",\"quantity\":%d,"
					"\"price\":%d.%02d},{\"sku\":\"%s-%llu\",\"quantity\":%d,\"price\":%d.%02d}],\"total\":%d.%02d},",
					(unsigned long long) (random_next(random) >> 32), (unsigned) random_below(random, 65536),
					names[random_below(random, 8)], (unsigned long long) random_below(random, 1000000),
					states[random_below(random, 5)], (int) random_below(random, 12) + 1, (int) random_below(random, 28) + 1,
					(int) random_below(random, 24), (int) random_below(random, 60), (int) random_below(random, 60),
					(int) random_below(random, 1000),
					things[random_below(random, 8)], (unsigned long long) random_below(random, 100000),
					(int) random_below(random, 9) + 1, (int) random_below(random, 500), (int) random_below(random, 100),
					things[random_below(random, 8)], (unsigned long long) random_below(random, 100000),
					(int) random_below(random, 9) + 1, (int) random_below(random, 500), (int) random_below(random, 100),
					(int) random_below(random, 5000), (int) random_below(random, 100));
}

void
fill_json(Lab *lab, unsigned char *buffer, size_t size)
{
	char		order[512];
	size_t		used = 0;

	while (used < size)
	{
		size_t		length = (size_t) write_order(&lab->random, order, sizeof(order));

		length = length < size - used ? length : size - used;
		memcpy(buffer + used, order, length);
		used += length;
	}
}
