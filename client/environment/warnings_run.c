/*
 * warnings_run.c
 *	  Judge what the run itself will take: table, WAL and memory.
 */
#include <math.h>
#include <stdlib.h>

#include "environment/facts.h"
#include "sample/measured.h"
#include "util/memory.h"

/* heap pages hold 7,984 bytes of a payload in TOAST, and small rows have headers */
#define TOAST_OVERHEAD (8192.0 / 7984.0)
#define ROW_BYTES 130.0

/* what comes with each block beside its warm-up and measured iterations: the first
 * calls, and the iteration that reads processor time */
#define OTHER_ITERATIONS 2

/* more than this is worth a word */
#define LARGE_TABLE_BYTES 10e9

typedef struct Amount
{
	double		blocks;			/* at least so many; NAN: nobody knows */
	bool		exact;			/* so many, and no more */
	double		block_bytes;	/* of the tables, in a block */
	double		memory_bytes;	/* of the client, in all blocks */
} Amount;

static void
estimate_amount(const Parameters *parameters, Amount *amount)
{
	double		total = 0;
	double		bytes;
	double		ways = 0;
	double		samples;
	double		sizes = parameters->nsizes + 1; /* and the batch */

	for (int i = 0; i < parameters->nsizes; i++)
		total += (double) parameters->sizes[i];
	for (int d = 0; d < DRIVE_COUNT; d++)
		for (int o = 0; o < ORIGIN_COUNT; o++)
			ways += parameters->drives[d] && parameters->origins[o] &&
				(!drive_is_profile((Drive) d) || o == ORIGIN_CLIENT);

	/* both workflows; a bare INSERT and a replayed step are of one size at a time */
	bytes = ways * (2 * total + (sizes + 2) * ROW_BYTES);
	samples = ways * (sizes + 2);
	if (parameters->baselines)
	{
		bytes += 2 * total / sizes + ROW_BYTES;
		samples += (double) (BASELINE_INSERT - BASELINE_RECEIVE + 1) * sizes + 3;
	}
	bytes *= TOAST_OVERHEAD * (100 - parameters->compressible) / 100;

	amount->exact = parameters->blocks > 0 && parameters->time_limit_s == 0;
	amount->blocks = parameters->blocks > 0 ? parameters->blocks : LEAST_BLOCKS;
	if (parameters->time_limit_s > 0)
		amount->blocks = NAN;
	amount->block_bytes = bytes *
		(parameters->iterations + parameters->warmup + OTHER_ITERATIONS);
	amount->memory_bytes = amount->blocks * parameters->iterations * parameters->nsides *
		samples * (double) sizeof(Sample);
	if (!(amount->memory_bytes < (double) SAMPLE_MEMORY_BYTES))
		amount->memory_bytes = (double) SAMPLE_MEMORY_BYTES;
}

/* Tables, and the client's memory. */
static void
judge_amount(const Facts *facts, const Amount *amount, Environment *environment)
{
	double		tables = amount->blocks * amount->block_bytes;
	bool		large = tables > LARGE_TABLE_BYTES;
	bool		full = tables > facts->free_bytes && environment_setting(environment, DISTRIBUTION_SETTING) == NULL;
	char	   *value;
	char	   *text = NULL;

	if (isnan(tables))
		value = xasprintf("%.0f MB of tables for each block, at most %.0f MB of memory",
						  amount->block_bytes / 1e6, ceil(amount->memory_bytes / 1e6));
	else
		value = xasprintf("%s %.0f MB of tables (%.0f MB a block), %s %.0f MB of memory",
						  amount->exact ? "about" : "at least", tables / 1e6,
						  amount->block_bytes / 1e6, amount->exact ? "about" : "from",
						  ceil(amount->memory_bytes / 1e6));
	if (full)
		text = xasprintf("the run writes about %.1f GB into the tables, VACUUM gives what is deleted back only in time, and %.1f GB are free there. Take fewer --blocks or smaller --sizes.",
						 tables / 1e9, facts->free_bytes / 1e9);
	else if (large)
		text = xasprintf("the run writes about %.1f GB into the tables, and VACUUM gives what is deleted back only in time: see that the disk has room. Fewer --blocks or smaller --sizes take less.",
						 tables / 1e9);
	judge_add(environment, SIZE_SUBJECT, large || full ? LEVEL_WARNING : LEVEL_OK, value,
			  "what it writes is deleted again", text);
}

/* Would the run's own WAL set off checkpoints? */
static void
judge_wal_volume(const Facts *facts, const Amount *amount, Environment *environment)
{
	double		expected = 1.07 * amount->blocks * amount->block_bytes;
	double		limit = fact_number(facts, "max_wal_size") * 1048576;

	if (isnan(expected) || isnan(limit))
		return;
	judge_add(environment, "WAL of this run", expected > limit ? LEVEL_WARNING : LEVEL_OK,
			  xasprintf("%s %.0f MB", amount->exact ? "about" : "at least", expected / 1e6),
			  "above max_wal_size it would set off checkpoints",
			  xasprintf("the run writes %s %.1f GB of WAL and max_wal_size is %s: checkpoints fall into it and make some steps slower. Raise max_wal_size, or take fewer iterations or smaller sizes.",
						amount->exact ? "about" : "at least", expected / 1e9,
						fact_setting(facts, "max_wal_size")));
}

void
judge_run(const Facts *facts, Environment *environment)
{
	Amount		amount;

	if (environment->extension_version == NULL && environment->portable_version == NULL &&
		!has_profiles(facts->parameters))
		return;
	estimate_amount(facts->parameters, &amount);
	judge_amount(facts, &amount, environment);

	/* of a distributed table nothing need be written here */
	if (environment_setting(environment, DISTRIBUTION_SETTING) == NULL)
		judge_wal_volume(facts, &amount, environment);
}
