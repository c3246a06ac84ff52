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
 * Runs a query of one int4, where there is a row, inside an SPI connection.
 */
static bool
FindsRow(const char *query, int nargs, Oid *types, Datum *values)
{
	int			rc = SPI_execute_with_args(query, nargs, types, values, NULL, true, 1);

	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(rc));
	return SPI_processed > 0;
}

/*
 * Are the steps' rows on servers that Citus chooses?  To be asked inside an SPI
 * connection; overwrites SPI_tuptable only where it has to look.
 */
bool
StepsAreDistributed(void)
{
	static bool registered = false;
	uint64		seen = changes;
	Oid			types[] = {OIDOID};
	Datum		values[1];

	if (likely(changes_seen == changes))
		return distributed;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(ForgetLook, (Datum) 0);
		registered = true;
	}

	looked_at = get_relname_relid("operation_outputs",
								  get_namespace_oid("dbos_payload", true));
	values[0] = ObjectIdGetDatum(looked_at);
	distributed =
		OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)) &&
		FindsRow("SELECT 1 FROM pg_catalog.pg_dist_partition AS p "
				 "WHERE p.logicalrelid::pg_catalog.oid OPERATOR(pg_catalog.=) $1",
				 1, types, values);

	/* another look is due where it changes meanwhile, or an error ends this one */
	changes_seen = seen;
	return distributed;
}

/*
 * Is a workflow of distributed tables kept by this server?  To be asked inside
 * an SPI connection.
 */
bool
WorkflowIsHere(text *workflow_id)
{
	Oid			types[] = {TEXTOID};
	Datum		values[1];

	values[0] = PointerGetDatum(workflow_id);
	return FindsRow("SELECT 1 FROM pg_catalog.pg_dist_placement AS p "
					"JOIN pg_catalog.pg_dist_local_group AS g "
					"ON g.groupid OPERATOR(pg_catalog.=) p.groupid "
					"WHERE p.shardid OPERATOR(pg_catalog.=) "
					"pg_catalog.get_shard_id_for_distribution_column("
					"'dbos_payload.operation_outputs', $1)",
					1, types, values);
}
