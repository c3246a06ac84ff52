/*
 * warnings_tables.c
 *	  Judge the two tables: what someone has attached to them or changed.
 */
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"

/* what is asked of both tables together: an answer for each, "" for none */
typedef struct TableRule
{
	const char *subject;
	TableColumn column;
	Level		level;
	const char *none;			/* what is shown where no table has it */
	const char *matters;
	const char *text;
} TableRule;

static const TableRule rules[] = {
	{"unlogged tables", TABLE_PERSISTENCE, LEVEL_UNSAFE, "none",
		"they would write no WAL and be lost in a crash",
	"an unlogged table writes no WAL and is empty after a crash: store and commit come out too small. ALTER TABLE ... SET LOGGED brings it back."},
	{"triggers", TABLE_TRIGGERS, LEVEL_WARNING, "none", "they would run in every step's store",
	"triggers run in every step: their time is part of store. DISABLE or DROP them to measure without."},
	{"deferred triggers", TABLE_DEFERRED_TRIGGERS, LEVEL_WARNING, "none",
		"they would run in every step's commit",
	"deferred triggers run when a step commits: their time is part of commit. DISABLE or DROP them to measure without."},
	{"row security", TABLE_ROW_SECURITY, LEVEL_WARNING, "not active",
		"policies would be checked in every step",
	"policies are checked in every step and can hide or refuse rows; their time is part of check and store. Measure as the tables' owner, or as a role with BYPASSRLS."},
	{"tables' autovacuum", TABLE_AUTOVACUUM, LEVEL_WARNING, "on", "off would let dead rows pile up",
	"nobody looks after this table: repeated runs leave dead rows behind. ALTER TABLE ... RESET (autovacuum_enabled) brings it back."},
	{"kind of tables", TABLE_KIND, LEVEL_WARNING, "plain", "others would add the routing of rows",
	"finding the row's place in it is part of check and store."},
	{"access method", TABLE_ACCESS_METHOD, LEVEL_WARNING, "heap", "others would store rows in another way",
	"rows are not kept as in PostgreSQL's own heap: store, heap and TOAST bytes are this access method's."},
	{"tablespace", TABLE_TABLESPACE, LEVEL_WARNING, "the database's own", "others can be on another disk",
	"the table is not where the rest of the database is, and store can have another disk under it than other tables have. WAL, and with it commit, is not there."},
};

static void
judge_rule(const TableRule *rule, const Facts *facts, Environment *environment)
{
	char	   *found = NULL;

	for (int t = 0; t < TABLE_COUNT; t++)
	{
		const char *answer = fact(facts->tables[t], (int) rule->column);

		if (*answer != '\0')
			text_add(&found, "%s%s: %s", found != NULL ? "; " : "", fact(facts->tables[t], TABLE_NAME), answer);
	}
	if (found == NULL)
		judge_add(environment, rule->subject, LEVEL_OK, xstrdup(rule->none), rule->matters, NULL);
	else
		judge_add(environment, rule->subject, rule->level, xstrdup(found), rule->matters,
				  xasprintf("%s; there, %s", found, rule->text));
	free(found);
}

/* How payloads are compressed and where they are kept. */
static void
judge_toast(Environment *environment)
{
	const char *storage = environment_setting(environment, "table.output_storage");
	const char *compression = environment_setting(environment, "table.output_compression");
	const char *matters = "others would change store for payloads above 2 kB";
	bool		changed;

	if (storage == NULL || compression == NULL)
		return;
	changed = strcmp(storage, "extended") != 0;
	judge_add(environment, "TOAST", changed ? LEVEL_WARNING : LEVEL_OK,
			  changed ? xstrdup(storage) : xasprintf("%s, %s", storage, compression), matters,
			  xasprintf("the column output was changed to storage %s: payloads above 2 kB are %s. The default is extended.",
						storage,
						strcmp(storage, "external") == 0 ? "stored without trying to compress them, which saves CPU time in store" :
						"stored in another way than elsewhere"));
}

void
judge_tables(const Facts *facts, Environment *environment)
{
	if (facts->tables[TABLE_OPERATION_OUTPUTS] == NULL)
		return;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		judge_rule(&rules[i], facts, environment);
	judge_toast(environment);
}
