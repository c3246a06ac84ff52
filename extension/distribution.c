/*
 * distribution.c
 *		Tables that Citus has spread over several servers.
 *
 * Citus takes the place of the planner for them.  What it then does otherwise
 * is known here and where this is asked; nothing of Citus is linked or needed.
 */
#include "distribution.h"

#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

/* as of the last look, which holds until the table changes */
static bool distributed;
static Oid	looked_at;
static uint64 changes = 1;
static uint64 changes_seen = 0;

static void
ForgetLook(Datum arg, Oid relid)
{
	(void) arg;

	if (relid == looked_at || !OidIsValid(relid))
		changes++;
}

/*
 * Does a query of one argument find a row?
 */
static bool
FindsRow(const char *query, Oid type, Datum value)
{
	bool		found;
	int			rc;

	SPI_connect();
	rc = SPI_execute_with_args(query, 1, &type, &value, NULL, true, 1);
	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	found = SPI_processed > 0;
	SPI_finish();

	return found;
}

/*
 * Are the steps' rows on servers that Citus chooses?
 */
bool
StepsAreDistributed(void)
{
	static bool registered = false;
	uint64		seen = changes;

	if (likely(changes_seen == changes))
		return distributed;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(ForgetLook, (Datum) 0);
		registered = true;
	}

	looked_at = get_relname_relid("operation_outputs",
								  get_namespace_oid("dbos_payload", true));
	distributed =
		OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)) &&
		FindsRow("SELECT 1 FROM pg_catalog.pg_dist_partition AS p "
				 "WHERE p.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) $1",
				 OIDOID, ObjectIdGetDatum(looked_at));

	/* another look is due where it changes meanwhile, or an error ends this one */
	changes_seen = seen;
	return distributed;
}

/*
 * Is a workflow of distributed tables kept by this server?
 */
bool
WorkflowIsHere(text *workflow_id)
{
	return FindsRow("SELECT 1 FROM pg_catalog.pg_dist_placement AS p "
					"JOIN pg_catalog.pg_dist_local_group AS g "
					"ON g.groupid OPERATOR(pg_catalog.=) p.groupid "
					"WHERE p.shardid OPERATOR(pg_catalog.=) "
					"pg_catalog.get_shard_id_for_distribution_column("
					"'dbos_payload.operation_outputs', $1)",
					TEXTOID, PointerGetDatum(workflow_id));
}
