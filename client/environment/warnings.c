/*
 * warnings.c
 *	  Judge what was read: what would it do to the figures, and what can be
 *	  done about it?
 *
 * Every thing that is judged becomes a Check, and a Warning too where it is not
 * harmless.
 */
#include <stdlib.h>

#include "environment/facts.h"
#include "util/memory.h"

void
judge_add(Environment *environment, const char *subject, Level level,
		  char *value, const char *matters, char *text)
{
	Check	   *check;
	Warning    *warning;

	environment->checks = xrealloc(environment->checks,
								   (size_t) (environment->nchecks + 1) * sizeof(Check));
	check = &environment->checks[environment->nchecks++];
	check->subject = subject;
	check->value = value;
	check->matters = matters;
	if (level == LEVEL_OK)
	{
		free(text);
		return;
	}

	environment->warnings = xrealloc(environment->warnings,
									 (size_t) (environment->nwarnings + 1) * sizeof(Warning));
	warning = &environment->warnings[environment->nwarnings++];
	warning->subject = xstrdup(subject);
	warning->text = text;
	warning->unsafe = (level == LEVEL_UNSAFE);
	warning->fatal = (level == LEVEL_CANNOT);
}

/* Judge everything, what stops a run first. */
void
facts_judge(const Facts *facts, Environment *environment)
{
	judge_server(facts, environment);
	judge_distribution(facts, environment);
	judge_tables(facts, environment);
	judge_settings(facts, environment);
	judge_run(facts, environment);
	judge_connection(facts, environment);
	judge_host(facts, environment);
}
