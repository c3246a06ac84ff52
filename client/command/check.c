/*
 * check.c
 *	  The command check: read the server and say what would falsify a
 *	  measurement.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/environment.h"
#include "util/memory.h"
#include "util/message.h"

#define VERDICT_WIDTH 9			/* "warning" and two spaces */

static bool
has_warning(const Environment *environment, const char *subject)
{
	for (int i = 0; i < environment->nwarnings; i++)
		if (strcmp(environment->warnings[i].subject, subject) == 0)
			return true;
	return false;
}

/* What is not harmless: what it does, and what to do about it. */
static void
print_finding(const Warning *warning)
{
	const char *verdict = warning->fatal ? "cannot" : warning->unsafe ? "unsafe" : "warning";
	char	   *text = xasprintf("%s: %s", warning->subject, warning->text);

	printf("%-*s", VERDICT_WIDTH, verdict);
	print_wrapped(stdout, VERDICT_WIDTH, VERDICT_WIDTH, text);
	free(text);
}

/* What is harmless, with what another value would do. */
static void
print_ok(const Check *check)
{
	char	   *text = xasprintf("%s %s: %s", check->subject, check->value, check->matters);

	printf("%-*s", VERDICT_WIDTH, "ok");
	print_wrapped(stdout, VERDICT_WIDTH, VERDICT_WIDTH, text);
	free(text);
}

static void
print_checks(const Environment *environment)
{
	for (int i = 0; i < environment->nwarnings; i++)
		print_finding(&environment->warnings[i]);
	for (int i = 0; i < environment->nchecks; i++)
		if (!has_warning(environment, environment->checks[i].subject))
			print_ok(&environment->checks[i]);
}

static void
print_summary(const Environment *environment, bool allowed)
{
	int			warnings = 0;
	int			unsafe = 0;
	int			fatal = 0;

	for (int i = 0; i < environment->nwarnings; i++)
	{
		fatal += environment->warnings[i].fatal;
		unsafe += environment->warnings[i].unsafe;
		warnings += !environment->warnings[i].fatal && !environment->warnings[i].unsafe;
	}
	printf("\n%d checked, %d warnings, %d unsafe, %d that run cannot do with: run would %s.\n",
		   environment->nchecks, warnings, unsafe, fatal, allowed ? "start" : "not start");
}

int
check_command(const Options *options)
{
	Session		session;
	Environment environment;
	bool		allowed = false;

	if (!session_open(&session, options))
	{
		print_connection_error(session.error);
		session_close(&session);
		return EXIT_FAILURE;
	}
	if (environment_read(&session, options, &environment))
	{
		environment_print_facts(&environment);
		putchar('\n');
		print_checks(&environment);
		allowed = !environment_is_fatal(&environment) &&
			(options->allow_unsafe || !environment_is_unsafe(&environment));
		print_summary(&environment, allowed);
	}
	environment_free(&environment);
	session_close(&session);
	return allowed ? EXIT_SUCCESS : EXIT_FAILURE;
}
