/*
 * numbers.c
 *	  Fuzzes what reads numbers and lists from the command line.
 *
 * Beyond not crashing: what was read lies in the range promised, and what was
 * refused left the value alone and says why.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sample/parameters.h"
#include "util/numbers.h"

#define UNTOUCHED INT64_C(-7777777)

static const char *const names[] = {"calls", "pipeline", "procedure"};

static void
check_refusal(bool untouched, const ParseError *error)
{
	must(untouched);
	must(error->text[0] != '\0');
	must(memchr(error->text, '\0', sizeof(error->text)) != NULL);
}

/* One reader of a single number. */
static void
try_number(bool ok, int64_t value, int64_t low, int64_t high, const ParseError *error)
{
	if (ok)
		must(value >= low && value <= high);
	else
		check_refusal(value == UNTOUCHED, error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = text_of(data, size);
	ParseError	error = {""};
	int64_t		value = UNTOUCHED;
	int64_t		sizes[MAX_SIZES + 1];
	int			nsizes = -1;
	int			small = -1;
	bool		chosen[3] = {false, false, false};
	char		number[27];
	bool		ok;

	ok = parse_integer(text, -10, 1000000, &value, &error);
	try_number(ok, value, -10, 1000000, &error);

	value = UNTOUCHED;
	ok = parse_integer(text, INT64_MIN, INT64_MAX, &value, &error);
	try_number(ok, value, INT64_MIN, INT64_MAX, &error);
	if (ok)
		must(strlen(format_integer(value, number, sizeof(number))) > 0);

	value = UNTOUCHED;
	ok = parse_duration(text, &value, &error);
	try_number(ok, value, 0, INT64_C(3600000000000), &error);

	ok = parse_percent(text, &small, &error);
	if (ok)
		must(small >= 0 && small <= 100);
	else
		check_refusal(small == -1, &error);

	sizes[MAX_SIZES] = UNTOUCHED;
	ok = parse_sizes(text, MAX_PAYLOAD_BYTES, sizes, MAX_SIZES, &nsizes, &error);
	must(sizes[MAX_SIZES] == UNTOUCHED);
	if (ok)
	{
		int64_t		total = 0;

		must(nsizes >= 1 && nsizes <= MAX_SIZES);
		for (int i = 0; i < nsizes; i++)
		{
			must(sizes[i] >= 0 && sizes[i] <= MAX_PAYLOAD_BYTES);
			total += sizes[i];
		}
		must(total <= MAX_PAYLOAD_BYTES);
	}
	else
		check_refusal(nsizes == -1, &error);

	small = -1;
	ok = parse_choice(text, names, 3, &small, &error);
	if (ok)
		must(small >= 0 && small < 3);
	else
		check_refusal(small == -1, &error);
	ok = parse_choices(text, names, 3, chosen, &error);
	if (ok)
		must(chosen[0] || chosen[1] || chosen[2]);
	else
		check_refusal(!chosen[0] && !chosen[1] && !chosen[2], &error);

	free(text);
	return 0;
}
