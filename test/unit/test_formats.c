/*
 * test_formats.c
 *	  Ways to write bytes down: each gives back what it was given, and takes nothing
 *	  else.  What the client's compressors make is had back too.
 */
#include <stdlib.h>
#include <string.h>

#include "experiment/compress.h"
#include "experiment/formats.h"
#include "tap.h"
#include "util/memory.h"
#include "util/random.h"

#define MOST 70000

typedef struct Work
{
	unsigned char raw[MOST];
	unsigned char back[MOST + 4];
	char	   *text;
	unsigned char *scratch;
} Work;

static void
says(bool good, const char *whose, const char *what)
{
	char	   *name = xasprintf("%s: %s", whose, what);

	ok(good, name);
	free(name);
}

static bool
there_and_back(Work *work, Format format, size_t size)
{
	size_t		length = format_encode(format, work->raw, size, work->text);

	memset(work->back, 0xa5, size);
	return length < format_room(format, size) &&
		format_decode(format, work->text, length, work->back, size, work->scratch) &&
		memcmp(work->raw, work->back, size) == 0;
}

static void
fill(Work *work, int content)
{
	Random		random;

	random_seed(&random, 1);
	for (size_t i = 0; i < MOST; i++)
		work->raw[i] = content == 0 ? 0 : content == 1 ? 0xff : (unsigned char) random_next(&random);
}

static void
test_round_trips(Work *work)
{
	static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 254, 255, 256, 257, 1000, 65535, 65536, 65537, MOST};

	for (Format format = 0; format < FORMAT_COUNT; format++)
	{
		bool		good = true;

		for (int content = 0; content < 3; content++)
		{
			fill(work, content);
			for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
				good = good && there_and_back(work, format, sizes[i]);
		}
		says(good, format_labels[format], "bytes come back, at every length");
	}
}

/* Cut off, longer, for another size, or with a byte changed: never taken for the same bytes. */
static void
test_mistakes(Work *work)
{
	const size_t size = 300;

	fill(work, 2);
	for (Format format = FORMAT_HEX; format < FORMAT_COUNT; format++)
	{
		size_t		length = format_encode(format, work->raw, size, work->text);
		bool		good = true;

		for (size_t less = 1; less <= 12; less++)
		{
			/* of numbers the end is a frame, which holds no bytes */
			if (format == FORMAT_NUMBERS)
				break;
			good = good && !format_decode(format, work->text, length - less, work->back, size, work->scratch);
		}
		good = good && !format_decode(format, work->text, length, work->back, size - 1, work->scratch);
		good = good && !format_decode(format, work->text, length, work->back, size + 1, work->scratch);
		says(good, format_labels[format], "another length is refused");
		good = true;
		for (size_t i = 0; i < length; i += 7)
		{
			char		was = work->text[i];

			work->text[i] = '!';
			good = good && (!format_decode(format, work->text, length, work->back, size, work->scratch) ||
							(format == FORMAT_NUMBERS && i > length - 80));
			work->text[i] = was;
		}
		says(good, format_labels[format], "a character that is none of its own is refused");
	}
}

static void
test_numbers(Work *work)
{
	static const char *const wrong[] = {
		"{\"json\":[256],\"meta\":1}", "{\"json\":[1,],\"meta\":1}", "{\"json\":[,1],\"meta\":1}",
		"{\"json\":[1 ],\"meta\":1}", "{\"json\":[1000],\"meta\":1}", "{\"json\":[1", "{\"json\":[", "[1]", "", "{\"json\":[-1],\"meta\":1}"
	};
	bool		good = true;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		good = good && !format_decode(FORMAT_NUMBERS, wrong[i], strlen(wrong[i]), work->back, 1, work->scratch);
	ok(good, "numbers that are no bytes are refused");
}

static void
test_compressors(Work *work)
{
	static const size_t sizes[] = {1, 2, 100, 65536, MOST};
	static const char *const names[] = {"LZ4", "Zstandard"};

	for (Compressor compressor = COMPRESS_LZ4; compressor <= COMPRESS_ZSTD; compressor++)
	{
		bool		good = true;

		for (int content = 0; content < 3; content++)
		{
			fill(work, content);
			for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			{
				size_t		room = compress_room(compressor, sizes[i]);
				unsigned char *packed = xcalloc(room, 1);
				size_t		length = compress(compressor, work->raw, sizes[i], packed, room);

				memset(work->back, 0xa5, sizes[i]);
				good = good && length > 0 && decompress(compressor, packed, length, work->back, sizes[i]) &&
					memcmp(work->raw, work->back, sizes[i]) == 0 &&
					!decompress(compressor, packed, length - 1, work->back, sizes[i]) &&
					!decompress(compressor, packed, length, work->back, sizes[i] - 1);
				free(packed);
			}
		}
		says(good, names[compressor], "bytes come back, and from nothing else");
	}
}

int
main(void)
{
	Work	   *work = xcalloc(1, sizeof(Work));

	work->text = xcalloc(format_room(FORMAT_NUMBERS, MOST) + 64, 1);
	work->scratch = xcalloc(format_room(FORMAT_NUMBERS, MOST) + 64, 1);
	test_round_trips(work);
	test_mistakes(work);
	test_numbers(work);
	test_compressors(work);
	free(work->text);
	free(work->scratch);
	free(work);
	return done_testing();
}
