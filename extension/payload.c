/*
 * payload.c
 *		Making payloads.
 *
 * Without a seed the bytes come from the server's strong source.  With one
 * they are those of SplitMix64 used as a counter, so that they are the same
 * on every platform: 64-bit word i, counted from 0, is
 * mix(seed + (i + 1) * 0x9E3779B97F4A7C15), laid out little-endian.
 *
 * compressible = c makes the last c percent of each 512 bytes zero.
 */
#include "payload.h"

#include <sys/mman.h>

#include "checks.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"

/* how much is made between two looks for a cancel; a multiple of a block */
#define CHUNK_BYTES			(1024 * 1024)

/* the stretch that compressible is a share of: a compressor sees it whole */
#define BLOCK_BYTES			512

/* payloads up to SMALL_BYTES come from a stock of STOCK_BYTES */
#define SMALL_BYTES			1024
#define STOCK_BYTES			(16 * 1024)

/* payloads from here on are likely to be in memory fresh from the kernel */
#define POPULATE_BYTES		(128 * 1024)
#define PAGE_BYTES			4096

#define SPLITMIX_INCREMENT	UINT64CONST(0x9E3779B97F4A7C15)

PG_FUNCTION_INFO_V1(dbos_payload_random_payload);

/*
 * Returns 10^exponent.
 */
int64
PowerOfTen(int exponent)
{
	int64		power = 1;

	while (exponent-- > 0)
		power *= 10;

	return power;
}

/*
 * Returns 10^0 + 10^1 + ... of count powers: 1, 11, 111 ...
 */
int64
PowersTotal(int count)
{
	return PowerOfTen(count) / 9;
}

static inline uint64
Mix(uint64 z)
{
	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * Writes the size bytes of the stream of seed that begin at word first_word.
 */
static void
FillSeeded(char *to, Size size, uint64 seed, uint64 first_word)
{
	uint64		counter = seed + first_word * SPLITMIX_INCREMENT;

	while (size > 0)
	{
		Size		length = Min(size, sizeof(uint64));
		uint64		word;

		counter += SPLITMIX_INCREMENT;
		word = Mix(counter);
#ifdef WORDS_BIGENDIAN
		word = pg_bswap64(word);
#endif
		/* a constant length lets the compiler make this one store */
		if (length == sizeof(uint64))
			memcpy(to, &word, sizeof(uint64));
		else
			memcpy(to, &word, length);
		to += length;
		size -= length;
	}
}

static void
StrongRandom(char *to, Size size)
{
	if (!pg_strong_random(to, size))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random bytes"),
				 errdetail("The server's source of random numbers failed.")));
}

/*
 * Asking the strong source costs several microseconds however little is asked
 * for, so small payloads are served from a stock.  Each of its bytes is used
 * once, and wiped then.
 */
static void
FillStrong(char *to, Size size)
{
	static char stock[STOCK_BYTES];
	static Size left = 0;

	if (size > SMALL_BYTES)
	{
		StrongRandom(to, size);
		return;
	}
	if (left < size)
	{
		left = 0;
		StrongRandom(stock, STOCK_BYTES);
		left = STOCK_BYTES;
	}
	left -= size;
	memcpy(to, stock + left, size);
	memset(stock + left, 0, size);
}

/*
 * Writes size bytes in chunks, so that a cancel is answered between them.
 */
static void
FillPart(char *to, Size size, const PayloadSpec *spec, uint64 seed)
{
	Size		kept = BLOCK_BYTES - (BLOCK_BYTES * spec->compressible) / 100;
	Size		offset;

	for (offset = 0; offset < size; offset += CHUNK_BYTES)
	{
		Size		length = Min(size - offset, CHUNK_BYTES);
		Size		block;

		CHECK_FOR_INTERRUPTS();

		if (kept > 0 && spec->seeded)
			FillSeeded(to + offset, length, seed, offset / sizeof(uint64));
		else if (kept > 0)
			FillStrong(to + offset, length);

		if (kept == BLOCK_BYTES)
			continue;
		for (block = 0; block + kept < length; block += BLOCK_BYTES)
			memset(to + offset + block + kept, 0,
				   Min(BLOCK_BYTES, length - block) - kept);
	}
}

/*
 * Has the kernel provide the pages of a large payload in one go.  Fresh memory
 * that is faulted in page by page while it is written can take longer than
 * making the bytes.  Only a hint: a kernel that does not know it refuses.
 */
static void
PopulatePages(char *start, Size size)
{
#ifdef MADV_POPULATE_WRITE
	char	   *from = (char *) TYPEALIGN(PAGE_BYTES, start);
	char	   *to = (char *) TYPEALIGN_DOWN(PAGE_BYTES, start + size);

	if (size >= POPULATE_BYTES)
		(void) madvise(from, to - from, MADV_POPULATE_WRITE);
#else
	(void) start;				/* headers older than 5.14 */
	(void) size;
#endif
}

/*
 * Makes the payload that spec describes, whose size has been checked.
 */
bytea *
MakePayload(const PayloadSpec *spec)
{
	bytea	   *payload = (bytea *) palloc((Size) spec->size + VARHDRSZ);
	char	   *to = VARDATA(payload);
	int			i;

	SET_VARSIZE(payload, (Size) spec->size + VARHDRSZ);
	PopulatePages(to, (Size) spec->size);

	if (spec->parts == 0)
		FillPart(to, (Size) spec->size, spec, spec->seed);

	for (i = 0; i < spec->parts; i++)
	{
		Size		length = (Size) PowerOfTen(i);

		FillPart(to, length, spec, spec->seed + (uint64) i);
		to += length;
	}

	return payload;
}

/*
 * Reads the arguments seed, which may be NULL, and compressible, which follows
 * it, into spec.
 */
void
CheckedSpec(FunctionCallInfo fcinfo, int seed_argno, PayloadSpec *spec)
{
	spec->parts = 0;
	spec->seeded = !PG_ARGISNULL(seed_argno);
	spec->seed = spec->seeded ? (uint64) PG_GETARG_INT64(seed_argno) : 0;
	spec->compressible = CheckedRange(fcinfo, seed_argno + 1, "compressible",
									  0, 100);
}

/*
 * random_payload(size, seed, compressible): NULL for a NULL size or
 * compressible.  Raises 22023 for a size or a percentage out of range.
 */
Datum
dbos_payload_random_payload(PG_FUNCTION_ARGS)
{
	PayloadSpec spec;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		PG_RETURN_NULL();

	CheckedSpec(fcinfo, 1, &spec);
	spec.size = PG_GETARG_INT64(0);
	CheckPayloadSize(spec.size, "size");

	PG_RETURN_BYTEA_P(MakePayload(&spec));
}
