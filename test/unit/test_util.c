/*
 * test_util.c
 *	  Chance, comparators, plurals, long messages, lengths of time, and memory of
 *	  processes that are measured.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "util/compare.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"
#include "util/random.h"

#define DRAWS 100000

/* the sequence that SplitMix64's authors publish for this seed */
static void
test_sequence(void)
{
	static const uint64_t expected[] = {
		UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
		UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
		UINT64_C(16408922859458223821)
	};
	Random		random;
	bool		same = true;
	bool		words = true;

	random_seed(&random, 1234567);
	for (int i = 0; i < 5; i++)
	{
		same = same && random_next(&random) == expected[i];
		words = words && random_word(1234567, (uint64_t) i) == expected[i];
	}
	ok(same, "the generator is SplitMix64");
	ok(words, "any word of its sequence can be had");
}

static void
test_distributions(void)
{
	Random		random;
	int			counts[7] = {0};
	double		sum = 0;
	double		squares = 0;
	double		lowest = 1;
	double		highest = 0;
	bool		even = true;

	random_seed(&random, 1);
	for (int i = 0; i < DRAWS; i++)
	{
		double		draw = random_exponential(&random, 5.0);
		double		fraction = random_fraction(&random);

		counts[random_below(&random, 7)]++;
		sum += draw;
		squares += draw * draw;
		lowest = fmin(lowest, fraction);
		highest = fmax(highest, fraction);
	}

	/* five standard errors */
	for (int i = 0; i < 7; i++)
		even = even && fabs(counts[i] - DRAWS / 7.0) < 5 * sqrt(DRAWS * 6.0 / 49);
	ok(even, "numbers below 7 are as likely");
	ok(fabs(sum / DRAWS - 5) < 5 * 5 / sqrt(DRAWS), "the exponential distribution's mean");
	ok(fabs(squares / DRAWS - 50) < 50 * 5 * sqrt(5.0 / DRAWS), "and its second moment");
	ok(lowest > 0 && lowest < 1e-3 && highest < 1 && highest > 0.999, "fractions reach from 0 to 1, without them");
	ok(random_below(&random, 1) == 0, "below 1 there is 0");
}

/* all 6 orders of 3 things, as often */
static void
test_shuffle(void)
{
	Random		random;
	int			counts[1000] = {0};
	int			seen = 0;
	bool		even = true;

	random_seed(&random, 2);
	for (int i = 0; i < DRAWS; i++)
	{
		int			order[3] = {1, 2, 3};

		random_shuffle(&random, order, 3, sizeof(order[0]));
		counts[order[0] * 100 + order[1] * 10 + order[2]]++;
	}
	for (int i = 0; i < 1000; i++)
	{
		if (counts[i] == 0)
			continue;
		seen++;
		even = even && fabs(counts[i] - DRAWS / 6.0) < 5 * sqrt(DRAWS * 5.0 / 36);
	}
	ok(seen == 6 && even, "a shuffle gives every order as often");
	random_shuffle(&random, NULL, 0, 8);
	ok(true, "nothing can be shuffled");
}

static void
test_kernel(void)
{
	unsigned char bytes[64] = {0};
	Random		one;
	Random		other;
	int			zeros = 0;

	random_bytes_from_kernel(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	ok(zeros < 8, "the kernel gives random bytes");
	random_seed_from_kernel(&one);
	random_seed_from_kernel(&other);
	ok(one.state != other.state, "and another seed each time");
}

static void
test_order(void)
{
	int64_t		integers[] = {3, INT64_MIN, -1, INT64_MAX, 0};
	double		numbers[] = {0.5, -1e300, 1e300, -0.5, 0};

	qsort(integers, 5, sizeof(integers[0]), compare_int64);
	qsort(numbers, 5, sizeof(numbers[0]), compare_double);
	ok(integers[0] == INT64_MIN && integers[1] == -1 && integers[2] == 0 && integers[3] == 3 &&
	   integers[4] == INT64_MAX, "integers in their order, the farthest too");
	ok(numbers[0] == -1e300 && numbers[1] == -0.5 && numbers[2] == 0 && numbers[3] == 0.5 &&
	   numbers[4] == 1e300, "numbers in their order");
}

static void
test_words(void)
{
	ParseError	error = {""};
	int64_t		value = -7;
	int			n = 0;

	ok(strcmp(plural(1), "") == 0 && strcmp(plural(0), "s") == 0 && strcmp(plural(2), "s") == 0,
	   "1 step, 0 steps, 2 steps");
	ok(parse_sizes("5kB", 5000, &value, 1, &n, &error) && n == 1 && value == 5000, "a size up to its limit");
	n = -7;
	ok(!parse_sizes("5001", 5000, &value, 1, &n, &error) && n == -7 &&
	   strstr(error.text, "from 0 to 5,000") != NULL, "none above it, which the message names");
}

/* What a server says of a payload of megabytes does not fill the terminal. */
static void
test_long_message(void)
{
	enum
	{
		LENGTH = 3000000
	};
	char	   *text = malloc(LENGTH + 1);
	char		shown[4000] = "";
	FILE	   *file = tmpfile();
	int			saved = dup(STDERR_FILENO);

	if (text == NULL || file == NULL || saved < 0)
	{
		ok(false, "room for a long message");
		return;
	}
	for (int i = 0; i < LENGTH; i++)
		text[i] = i % 2 == 0 ? '\xc3' : '\xa9';
	text[LENGTH] = '\0';
	text[0] = text[1] = 'x';

	fflush(stderr);
	dup2(fileno(file), STDERR_FILENO);
	print_error("x%s", text);
	print_warning("short");
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	rewind(file);
	shown[fread(shown, 1, sizeof(shown) - 1, file)] = '\0';

	ok(strlen(shown) < 2300, "a long message is shortened");
	ok(strstr(shown, "\xc3\xa9 ... (3000001 bytes, shortened)\n") != NULL,
	   "behind a whole character, and says so");
	ok(strstr(shown, "warning: short\n") != NULL, "a short one is not");
	fclose(file);
	close(saved);
	free(text);
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

/* pieces of the heap, 40 MB of them; a larger one would be mapped, and unmapped when it is freed */
#define PIECES 40000
#define PIECE 1000

static double
resident_mb(void)
{
	FILE	   *file = fopen("/proc/self/statm", "r");
	long		size;
	long		pages = 0;

	if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (file != NULL)
		fclose(file);
	return (double) pages * (double) sysconf(_SC_PAGESIZE) / 1e6;
}

static void
fill(char **pieces)
{
	for (int i = 0; i < PIECES; i++)
	{
		pieces[i] = xcalloc(1, PIECE);
		memset(pieces[i], 'x', PIECE);
	}
}

/* by how many MB a child grows that takes as much as its parent had */
static int
growth_of_child(pid_t child, char **pieces)
{
	int			status = 0;

	if (child == 0)
	{
		double		before = resident_mb();

		fill(pieces);
		_exit((int) (resident_mb() - before));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_memory_of_child(void)
{
	char	  **pieces = xcalloc(PIECES, sizeof(char *));
	int			growth;

	if (resident_mb() == 0)
	{
		printf("# there is no /proc that tells of memory\n");
		free(pieces);
		return;
	}
	fill(pieces);

	/* all but the last, which keeps the heap's end where it is */
	for (int i = 0; i < PIECES - 1; i++)
		free(pieces[i]);
	growth = growth_of_child(fork(), pieces);
	if (!ok(growth >= 0 && growth < 10, "after fork() a child uses up what its parent freed"))
		printf("# it grew by %d MB\n", growth);
	growth = growth_of_child(memory_fork(), pieces);
	if (!ok(growth >= 35, "after memory_fork() what it takes is seen"))
		printf("# it grew by %d MB\n", growth);
	free(pieces[PIECES - 1]);
	free(pieces);
}

#endif

int
main(void)
{
	test_sequence();
	test_distributions();
	test_shuffle();
	test_kernel();
	test_order();
	test_words();
	test_long_message();
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
	test_memory_of_child();
#endif
	return done_testing();
}
