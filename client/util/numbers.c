/*
 * numbers.c
 *	  Strict reading of the numbers and lists that people type.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/numbers.h"
#include "util/utf8.h"

/* how much of a mistake is quoted back */
#define QUOTED_BYTES 40

#define NS_PER_HOUR INT64_C(3600000000000)

#define SIZE_FORMS \
	"a size is a whole number of bytes from 0 to %s, alone or with B, kB, MB, KiB or MiB after it"

/* a piece of the text, not ended by a zero byte */
typedef struct Piece
{
	const char *start;
	size_t		length;
} Piece;

typedef struct Unit
{
	const char *name;
	int64_t		factor;
} Unit;

static const Unit size_units[] = {
	{"", 1}, {"B", 1}, {"kB", 1000}, {"MB", 1000000}, {"KiB", 1024}, {"MiB", 1048576}, {NULL, 0}
};

/* the micro sign and the Greek mu too */
static const Unit time_units[] = {
	{"us", 1000}, {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000}, {"ms", 1000000}, {"s", 1000000000}, {NULL, 0}
};

/* Always false, so that it can be returned. */
static bool
__attribute__((format(printf, 2, 3)))
fail(ParseError *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

/*
 * The beginning of a piece as it may be shown in a message: no control
 * characters, not cut in the middle of a UTF-8 character.  buffer has room for
 * QUOTED_BYTES + 4.
 */
static const char *
quoted(Piece piece, char *buffer)
{
	size_t		n = piece.length;

	if (n > QUOTED_BYTES)
		n = utf8_whole(piece.start, QUOTED_BYTES);
	for (size_t i = 0; i < n; i++)
		buffer[i] = (unsigned char) piece.start[i] < 0x20 || piece.start[i] == 0x7F ? '?' : piece.start[i];
	strcpy(buffer + n, n < piece.length ? "..." : "");
	return buffer;
}

static Piece
trimmed(const char *start, size_t length)
{
	for (; length > 0 && (*start == ' ' || *start == '\t'); start++)
		length--;
	while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
		length--;
	return (Piece) {start, length};
}

static bool
piece_is(Piece piece, const char *name)
{
	return strlen(name) == piece.length && memcmp(name, piece.start, piece.length) == 0;
}

/* The next piece up to a comma; *text moves behind it, to NULL after the last. */
static Piece
next_piece(const char **text)
{
	const char *start = *text;
	const char *comma = strchr(start, ',');

	*text = comma != NULL ? comma + 1 : NULL;
	return trimmed(start, comma != NULL ? (size_t) (comma - start) : strlen(start));
}

/*
 * Take the digits from the front of a piece, behind which there are none.  Returns
 * how many there were; *value is UINT64_MAX where they do not fit, which is above
 * every limit.
 */
static size_t
take_digits(Piece *piece, uint64_t *value)
{
	size_t		n = piece->length > 0 ? strspn(piece->start, "0123456789") : 0;

	*value = n > 0 ? strtoull(piece->start, NULL, 10) : 0;
	piece->start += n;
	piece->length -= n;
	return n;
}

static const Unit *
find_unit(Piece piece, const Unit *units)
{
	for (; units->name != NULL; units++)
		if (piece_is(piece, units->name))
			return units;
	return NULL;
}

char *
format_integer(int64_t value, char *buffer, int size)
{
	char		digits[24];
	int			n = snprintf(digits, sizeof(digits), "%" PRId64, value);
	int			out = 0;

	for (int i = 0; i < n && out < size - 2; i++)
	{
		buffer[out++] = digits[i];
		if (digits[i] != '-' && i < n - 1 && (n - 1 - i) % 3 == 0)
			buffer[out++] = ',';
	}
	buffer[out] = '\0';
	return buffer;
}

const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

bool
parse_integer(const char *text, int64_t low, int64_t high, int64_t *value, ParseError *error)
{
	Piece		all = trimmed(text, strlen(text));
	Piece		rest = all;
	char		shown[QUOTED_BYTES + 4];
	char		from[32];
	char		to[32];
	bool		negative = rest.length > 0 && *rest.start == '-';
	uint64_t	digits;
	int64_t		number;

	format_integer(low, from, (int) sizeof(from));
	format_integer(high, to, (int) sizeof(to));
	rest.start += negative;
	rest.length -= negative;
	if (take_digits(&rest, &digits) == 0 || rest.length > 0)
		return fail(error, "\"%s\" is not a whole number from %s to %s", quoted(all, shown), from, to);
	number = (int64_t) (negative ? 0 - digits : digits);
	if (digits > (uint64_t) INT64_MAX + negative || number < low || number > high)
		return fail(error, "%s is outside the range, %s to %s", quoted(all, shown), from, to);
	*value = number;
	return true;
}

bool
parse_percent(const char *text, int *percent, ParseError *error)
{
	Piece		all = trimmed(text, strlen(text));
	Piece		rest = all;
	char		shown[QUOTED_BYTES + 4];
	uint64_t	number;

	if (take_digits(&rest, &number) == 0 || number > 100 ||
		(rest.length > 0 && !piece_is(rest, "%")))
		return fail(error, "\"%s\" is not a whole number of percent from 0 to 100",
					quoted(all, shown));
	*percent = (int) number;
	return true;
}

bool
parse_any_percent(const char *text, int high, double *percent, ParseError *error)
{
	Piece		all = trimmed(text, strlen(text));
	Piece		rest = all;
	char		shown[QUOTED_BYTES + 4];
	char		limit[32];
	uint64_t	whole;
	uint64_t	ignored;
	double		value;
	double		weight = 1.0;
	bool		good = take_digits(&rest, &whole) > 0;

	value = (double) whole;
	if (good && rest.length > 0 && *rest.start == '.')
	{
		const char *fraction = ++rest.start;

		rest.length--;
		good = take_digits(&rest, &ignored) > 0;
		for (; good && fraction < rest.start; fraction++)
			value += (*fraction - '0') * (weight /= 10.0);
	}
	if (!good || value > high || (rest.length > 0 && !piece_is(rest, "%")))
		return fail(error, "\"%s\" is not a number of percent from 0 to %s, such as 10 or 2.5", quoted(all, shown),
					format_integer(high, limit, (int) sizeof(limit)));
	*percent = value;
	return true;
}

/* One size of a list, the position'th from 1. */
static bool
parse_size(Piece all, int position, int64_t largest, int64_t *bytes, ParseError *error)
{
	Piece		rest = all;
	char		shown[QUOTED_BYTES + 4];
	char		limit[32];
	const char *wrong = NULL;
	const Unit *unit = NULL;
	uint64_t	number;

	format_integer(largest, limit, (int) sizeof(limit));
	if (all.length == 0)
		return fail(error, "entry %d: nothing there; " SIZE_FORMS, position, limit);
	if (take_digits(&rest, &number) > 0)
		unit = find_unit(trimmed(rest.start, rest.length), size_units);
	if (*all.start == '-')
		wrong = "negative";
	else if (unit == NULL)
		wrong = "not a size";
	else if (number > (uint64_t) (largest / unit->factor))
		wrong = "too large";
	if (wrong != NULL)
		return fail(error, "entry %d: \"%s\" is %s; " SIZE_FORMS, position, quoted(all, shown), wrong, limit);
	*bytes = (int64_t) number * unit->factor;
	return true;
}

/* sizes[] is only good where true is returned, *nsizes is left alone otherwise. */
bool
parse_sizes(const char *text, int64_t largest, int64_t *sizes, int max, int *nsizes,
			ParseError *error)
{
	const char *rest = text;
	char		total[32];
	char		limit[32];
	int64_t		sum = 0;
	int			n = 0;

	if (trimmed(text, strlen(text)).length == 0)
		return fail(error, "the list is empty; give 1 to %d sizes with commas between them, such as 1,10,1kB",
					max);
	while (rest != NULL)
	{
		Piece		piece = next_piece(&rest);

		if (n == max)
			return fail(error, "more than %d sizes; a list holds 1 to %d", max, max);
		if (!parse_size(piece, n + 1, largest, &sizes[n], error))
			return false;
		sum += sizes[n++];
	}
	if (sum > largest)
		return fail(error, "the sizes add up to %s bytes; the batched step holds them all in one payload of at most %s bytes",
					format_integer(sum, total, (int) sizeof(total)),
					format_integer(largest, limit, (int) sizeof(limit)));
	*nsizes = n;
	return true;
}

/*
 * Worked out in integers, so that 0.1ms is exactly 100,000 ns; digits below the
 * nanosecond are dropped.
 */
bool
parse_duration(const char *text, int64_t *ns, ParseError *error)
{
	Piece		all = trimmed(text, strlen(text));
	Piece		rest = all;
	char		shown[QUOTED_BYTES + 4];
	const Unit *unit;
	uint64_t	whole;
	uint64_t	ignored;
	int64_t		result;
	int64_t		weight;
	const char *fraction = "";
	size_t		nfraction = 0;
	bool		good = take_digits(&rest, &whole) > 0;

	if (good && rest.length > 0 && *rest.start == '.')
	{
		fraction = ++rest.start;
		rest.length--;
		nfraction = take_digits(&rest, &ignored);
		good = nfraction > 0;
	}
	unit = find_unit(trimmed(rest.start, rest.length), time_units);
	if (!good || unit == NULL)
		return fail(error, "\"%s\" is not a length of time; write it with its unit, such as 200us, 1.5ms or 2s",
					quoted(all, shown));

	result = whole > (uint64_t) (NS_PER_HOUR / unit->factor) ? NS_PER_HOUR + 1 : (int64_t) whole * unit->factor;
	weight = unit->factor;
	for (size_t i = 0; i < nfraction; i++)
	{
		weight /= 10;
		result += weight * (fraction[i] - '0');
	}
	if (result > NS_PER_HOUR)
		return fail(error, "\"%s\" is longer than an hour", quoted(all, shown));
	*ns = result;
	return true;
}

/* The index of a piece among n names, -1 with a message where it is none; what: the message's end. */
static int
find_name(Piece piece, const char *const *names, int n, const char *what, ParseError *error)
{
	char		shown[QUOTED_BYTES + 4];
	char		joined[128] = "";
	size_t		used = 0;

	for (int i = 0; i < n; i++)
		if (piece_is(piece, names[i]))
			return i;
	for (int i = 0; i < n && used < sizeof(joined); i++)
		used += (size_t) snprintf(joined + used, sizeof(joined) - used, "%s%s",
								  i == 0 ? "" : i == n - 1 ? " or " : ", ", names[i]);
	fail(error, "\"%s\" is not one of %s%s", quoted(piece, shown), joined, what);
	return -1;
}

bool
parse_choice(const char *text, const char *const *names, int n, int *choice, ParseError *error)
{
	int			found = find_name(trimmed(text, strlen(text)), names, n, "", error);

	if (found >= 0)
		*choice = found;
	return found >= 0;
}

bool
parse_choices(const char *text, const char *const *names, int n, bool *chosen, ParseError *error)
{
	const char *rest = text;
	bool		found[64] = {false};

	while (rest != NULL)
	{
		Piece		piece = next_piece(&rest);
		bool		all = piece_is(piece, "all");
		int			which = all ? 0 : find_name(piece, names, n, "; give one, several with commas between them, or all", error);

		if (which < 0)
			return false;
		found[which] = true;
		for (int i = 0; i < n && all; i++)
			found[i] = true;
	}
	memcpy(chosen, found, (size_t) n * sizeof(bool));
	return true;
}
