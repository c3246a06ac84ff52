/*
 * check.c
 *	  The command check: read the server and say what would falsify a
 *	  measurement.
 */
#include <stdio.h>
#include <stdlib.h>

#include "command/options.h"
#include "environment/environment.h"
#include "report/report.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

#define VERDICT_WIDTH 9			/* "warning" and two spaces */

static void
print_line(const char *verdict, char *text)
{
	printf("%-*s", VERDICT_WIDTH, verdict);
	print_wrapped(stdout, VERDICT_WIDTH, VERDICT_WIDTH, text);
	free(text);
}

/*
 * What pg_dump would leave out.  It says nothing of a run's figures, so run does
 * not ask; but this is where somebody looks who has changed these tables.
 */
static bool
print_backup(Session *session)
{
	char	   *losses = backup_losses(session);
	bool		complete = losses == NULL || *losses == '\0';

	if (losses == NULL)
		print_line("warning", xasprintf("pg_dump: what it would leave out could not be read: %s", session->error));
	else if (complete)
		print_line("ok", xstrdup("pg_dump complete: policies, storage, indexes or triggers of one's own would be left out"));
	else
		print_line("warning",
				   xasprintf("pg_dump: of an extension's tables it saves the rows and the GRANTs, and silently not: %s. After a restore they are missing, and without its policies a table shows everybody's payloads to whoever may read it. docs/backup.md says how to save them.",
							 losses));
	free(losses);
	return complete;
}

/*
 * What is not harmless: what it does, and what to do about it; then what is, with what
 * another value would do.
 */
static void
print_checks(const Environment *environment)
{
	for (int i = 0; i < environment->nwarnings; i++)
	{
		const Warning *warning = &environment->warnings[i];

		print_line(warning->fatal ? "cannot" : warning->unsafe ? "unsafe" : "warning",
				   xasprintf("%s: %s", warning->subject, warning->text));
	}
	for (int i = 0; i < environment->nchecks; i++)
	{
		const Check *check = &environment->checks[i];

		if (!environment_has_warning(environment, check->subject))
			print_line("ok", xasprintf("%s %s: %s", check->subject, check->value, check->matters));
	}
}

/* How many there were of each; would run start? */
static bool
print_summary(const Environment *environment, int others, int other_warnings, bool allow_unsafe)
{
	int			warnings = other_warnings;
	int			unsafe = 0;
	int			fatal = 0;
	bool		allowed;

	for (int i = 0; i < environment->nwarnings; i++)
	{
		fatal += environment->warnings[i].fatal;
		unsafe += environment->warnings[i].unsafe;
		warnings += !environment->warnings[i].fatal && !environment->warnings[i].unsafe;
	}
	allowed = fatal == 0 && (allow_unsafe || unsafe == 0);
	printf("\n%d checked, %d warning%s, %d unsafe, %d that run cannot do with: run would %s.\n",
		   environment->nchecks + others, warnings, plural(warnings), unsafe, fatal,
		   allowed ? "start" : "not start");
	return allowed;
}

int
check_command(const Options *options)
{
	Session		session;
	Environment environment;
	bool		allowed = false;

	if (!session_open(&session, &options->sides[0]))
	{
		print_connection_error(session.error);
		session_close(&session);
		return EXIT_FAILURE;
	}
	if (environment_read(&session, &options->run, &environment))
	{
		int			others = environment.extension_version != NULL;
		bool		complete = true;

		report_environment(&environment, stdout);
		putchar('\n');
		print_checks(&environment);
		if (others > 0)
			complete = print_backup(&session);
		allowed = print_summary(&environment, others, !complete, options->allow_unsafe);
	}
	environment_free(&environment);
	session_close(&session);
	return allowed ? EXIT_SUCCESS : EXIT_FAILURE;
}
