/*
 * message.h
 *	  Messages on standard error, each behind the program's name, and text
 *	  wrapped at the terminal's classic width.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdio.h>

#define LINE_WIDTH 80

/*
 * "dbos_payload_bench: error: ...", and the same with hint: and warning:.  What is
 * longer than 2,000 bytes is shortened, and says so.
 */
#define print_error(...) print_message("error", __VA_ARGS__)
#define print_hint(...) print_message("hint", __VA_ARGS__)
#define print_warning(...) print_message("warning", __VA_ARGS__)

extern void print_message(const char *kind, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* a connection that was not had: libpq's own words, and what to look at */
extern void print_connection_error(const char *libpq_message);

/*
 * Text in lines of at most LINE_WIDTH, or so many, columns.  column is where the
 * cursor stands, indent where the following lines begin.  A newline in the text begins
 * a new line.  A line that begins with a tab is code: it is not wrapped.  Ends with a
 * newline.
 */
#define print_wrapped(stream, column, indent, text) \
	print_wrapped_at(stream, LINE_WIDTH, column, indent, text)

extern void print_wrapped_at(FILE *stream, int line_width, int column, int indent, const char *text);

#endif							/* MESSAGE_H */
