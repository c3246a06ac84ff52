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

/* first calls and the iteration that reads processor time, of each block: without baselines */
#define OTHER_ITERATIONS 2

/* what is written and deleted again, as WAL: of the tables' bytes */
#define WAL_OVERHEAD 1.07

/* more than this is worth a word */
#define LARGE_TABLE_BYTES 10e9

typedef struct Amount
{
	double		blocks;			/* at least so many; NAN: nobody knows */
	bool		exact;			/* so many, and no more */
	double		least_bytes;	/* of the tables, in all blocks, where each ends as early as it may */
	double		block_bytes;	/* of the tables, in a block with all its iterations */
	double		memory_bytes;	/* of the client, in all blocks, where each ends as early as it may */
} Amount;

/* The sum of the different sizes, the batch among them; there are *n. */
static double
different_sizes(const Parameters *parameters, int *n)
{
	double		batch = 0;
	double		sum = 0;
	bool		batch_seen = false;

	*n = 0;
	for (int i = 0; i < parameters->nsizes; i++)
		batch += (double) parameters->sizes[i];
	for (int i = 0; i < parameters->nsizes; i++)
	{
		bool		seen = false;

		for (int j = 0; j < i && !seen; j++)
			seen = parameters->sizes[j] == parameters->sizes[i];
		batch_seen = batch_seen || (double) parameters->sizes[i] == batch;
		if (seen)
			continue;
		sum += (double) parameters->sizes[i];
		++*n;
	}
	*n += !batch_seen;
	return batch_seen ? sum : sum + batch;
}

static double
smallest_size(const Parameters *parameters)
{
	int64_t		smallest = parameters->sizes[0];

	for (int i = 1; i < parameters->nsizes; i++)
		if (parameters->sizes[i] < smallest)
			smallest = parameters->sizes[i];
	return (double) smallest;
}

static void
estimate_amount(const Parameters *parameters, Amount *amount)
{
	int			nsizes;
	double		different = different_sizes(parameters, &nsizes);
	double		total = 0;
	double		steps;			/* of one iteration: both workflows */
	double		baselines = 0;	/* of one iteration: a bare INSERT, an idle step */
	double		others;			/* of a block, beside its warm-up and its iterations */
	double		ways = 0;
	double		samples;
	double		sizes = parameters->nsizes + 1; /* and the batch */
	double		stored = TOAST_OVERHEAD * (100 - parameters->compressible) / 100;
	int			least_iterations = has_timed_blocks(parameters) ? LEAST_BLOCK_ITERATIONS : parameters->iterations;

	for (int i = 0; i < parameters->nsizes; i++)
		total += (double) parameters->sizes[i];
	for (int d = 0; d < DRIVE_COUNT; d++)
		for (int o = 0; o < ORIGIN_COUNT; o++)
			ways += parameters->drives[d] && parameters->origins[o] &&
				(!drive_is_profile((Drive) d) || o == ORIGIN_CLIENT);

	steps = ways * (2 * total * stored + (sizes + 2) * ROW_BYTES);
	others = parameters->workflow_id == NULL ? OTHER_ITERATIONS * steps : 0;
	samples = ways * (sizes + 2);
	if (parameters->baselines && parameters->workflow_id == NULL)
	{
		baselines = (different / nsizes + smallest_size(parameters)) * stored + 2 * ROW_BYTES;
		if (!parameters->portable)
			others += different * stored + nsizes * ROW_BYTES;	/* what is replayed */
		samples += (double) (BASELINE_INSERT - BASELINE_RECEIVE + 1) * sizes + 3;
	}

	amount->exact = parameters->blocks > 0 && parameters->time_limit_s == 0;
	amount->blocks = parameters->blocks > 0 ? parameters->blocks : LEAST_BLOCKS;
	if (parameters->time_limit_s > 0)
		amount->blocks = NAN;
	amount->least_bytes = amount->blocks * (others + (steps + baselines) * (least_iterations + parameters->warmup));
	amount->block_bytes = others + (steps + baselines) * (parameters->iterations + parameters->warmup);
	amount->memory_bytes = amount->blocks * least_iterations * parameters->nsides *
		samples * (double) sizeof(Sample);
	if (!(amount->memory_bytes < (double) SAMPLE_MEMORY_BYTES))
		amount->memory_bytes = (double) SAMPLE_MEMORY_BYTES;
}

/*
 * "11.5 GB of WAL", with "about" or "at least" before it, or "4.1 to 15.4 GB of WAL in its
 * first 10 blocks"; times the tables' bytes, malloc'd.
 */
static char *
words_of_amount(const Amount *amount, double times, const char *of)
{
	double		least = times * amount->least_bytes / 1e9;
	double		most = times * amount->blocks * amount->block_bytes / 1e9;

	if (least < most)
		return xasprintf("%.1f to %.1f GB %s in its first %.0f blocks", least, most, of, amount->blocks);
	return xasprintf("%s %.1f GB %s", amount->exact ? "about" : "at least", most, of);
}

/* Tables, and the client's memory. */
static void
judge_amount(const Facts *facts, const Amount *amount, Environment *environment)
{
	double		most = amount->blocks * amount->block_bytes;
	bool		large = most > LARGE_TABLE_BYTES;
	bool		full = most > facts->free_bytes && environment_setting(environment, DISTRIBUTION_SETTING) == NULL;
	char	   *words = words_of_amount(amount, 1.0, "into the tables");
	char	   *value;
	char	   *text = NULL;

	if (isnan(most))
		value = xasprintf("up to %.0f MB of tables for each block, at most %.0f MB of memory",
						  amount->block_bytes / 1e6, ceil(amount->memory_bytes / 1e6));
	else
		value = xasprintf("%s %.0f MB of tables (%s%.0f MB a block), %s %.0f MB of memory",
						  amount->exact ? "about" : "at least", amount->least_bytes / 1e6,
						  amount->least_bytes < most ? "up to " : "", amount->block_bytes / 1e6,
						  amount->exact ? "about" : "from", ceil(amount->memory_bytes / 1e6));
	if (full)
		text = xasprintf("the run writes %s, VACUUM gives what is deleted back only in time, and %.1f GB are free there. Take fewer --blocks or smaller --sizes.",
						 words, facts->free_bytes / 1e9);
	else if (large)
		text = xasprintf("the run writes %s, and VACUUM gives what is deleted back only in time: see that the disk has room. Fewer --blocks or smaller --sizes take less.",
						 words);
	judge_add(environment, SIZE_SUBJECT, large || full ? LEVEL_WARNING : LEVEL_OK, value,
			  "what it writes is deleted again", text);
	free(words);
}

/*
 * Would the run's own WAL set off checkpoints?  Then it is more: the first change of a page
 * after one, which a deletion is too, writes the whole of it.
 */
static void
judge_wal_volume(const Facts *facts, const Amount *amount, Environment *environment)
{
	double		least = WAL_OVERHEAD * amount->least_bytes;
	double		most = WAL_OVERHEAD * amount->blocks * amount->block_bytes;
	double		limit = fact_number(facts, "max_wal_size") * 1048576;
	char	   *words;

	if (isnan(most) || isnan(limit))
		return;
	words = words_of_amount(amount, WAL_OVERHEAD, "of WAL");
	judge_add(environment, "WAL of this run", most > limit ? LEVEL_WARNING : LEVEL_OK,
			  xasprintf("%s %.0f MB", amount->exact ? "about" : "at least", least / 1e6),
			  "above max_wal_size it would set off checkpoints",
			  xasprintf("the run writes %s%s, and max_wal_size is %s: checkpoints %s into it and make some steps slower. Raise max_wal_size, or take fewer iterations or smaller sizes.",
						words, facts->parameters->keep ? "" : ", up to about as much again for what is deleted after a checkpoint",
						fact_setting(facts, "max_wal_size"), least > limit ? "fall" : "can fall"));
	free(words);
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
