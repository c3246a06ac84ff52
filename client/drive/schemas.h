/*
 * schemas.h
 *	  The schemas that profiles write into: a run makes one for each layout of DBOS's
 *	  tables that it needs on a side, and drops them at its end.
 *
 * Their names, "dbos_bench_KEY_SIDE_MIGRATION", begin with what the run's advisory lock
 * follows from (see leftovers.h), so that nobody takes those of a run that lives.
 * An experiment's ends in "_lab".  A comment on each says that it is ours: without it
 * a schema is never dropped by "clean".  What --keep leaves begins with "dbos_bench_kept_" and is nobody's leftover;
 * what a run behind a pooler left begins with "dbos_bench_pooled", and since it has no
 * lock nobody can tell that it is dead.
 */
#ifndef SCHEMAS_H
#define SCHEMAS_H

#include <stdbool.h>

#include "engine/profile.h"
#include "pg/session.h"
#include "sample/parameters.h"

#define SCHEMA_NAME_SIZE 64

/* by it clean knows ours: a name alone could be somebody else's */
#define SCHEMA_COMMENT "made by a run of dbos_payload_bench, which drops it at its end"

/*
 * A schema that is made next stays on this server, where Citus would make it on each, or
 * refuse to on any but one; for the transaction, or the session.  Nothing where Citus is not.
 */
extern bool schema_made_here(Session *session, bool for_session);

typedef struct ProfileSchemas
{
	char		names[LAYOUT_COUNT][SCHEMA_NAME_SIZE];	/* empty: not made */

	/* the SQL of the messages, with those names; NULL: of no profile that was asked for */
	char	   *texts[SDK_COUNT][MAX_SDK_MESSAGES];
} ProfileSchemas;

/*
 * Make those that the parameters' profiles need, and nothing where they have none;
 * side from 0.  False with session->error set: what was made until then is to be
 * dropped.  The statements' texts are freed by profile_schemas_free.
 */
extern bool profile_schemas_create(Session *session, const char *run_id, int side,
								   const Parameters *parameters, ProfileSchemas *schemas);

/* delete all rows, and drop what was made; false with session->error set */
extern bool profile_schemas_empty(Session *session, const ProfileSchemas *schemas);
extern bool profile_schemas_drop(Session *session, ProfileSchemas *schemas);

extern void profile_schemas_free(ProfileSchemas *schemas);

/* what dead runs left */
typedef struct DeadSchemas
{
	int			n;
	char		(*names)[SCHEMA_NAME_SIZE]; /* freed by dead_schemas_free */
	int			nalive;			/* of runs under way */
} DeadSchemas;

/* false with session->error set; to be freed either way */
extern bool dead_schemas_find(Session *session, DeadSchemas *schemas);
extern void dead_schemas_free(DeadSchemas *schemas);

/*
 * Drop one schema with all that is in it, and the large objects that its table
 * large_objects lists (column loid), where it has one; false with session->error set.
 */
extern bool schema_drop(Session *session, const char *name);

#endif							/* SCHEMAS_H */
