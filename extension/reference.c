/*
 * reference.c
 *		Work that is the same in every run, to tell a machine that changes its
 *		pace from a step that does.
 */
#include "dbos_payload.h"

#include "executor/spi.h"
#include "portability/instr_time.h"

PG_FUNCTION_INFO_V1(dbos_payload_reference_work);

/*
 * Parsed, planned and run anew each time, as a step's statements are when they
 * come for the first time: much code and many small structures, which is what
 * a busy neighbour of this machine's caches slows.  It reads catalogs only, so
 * that neither our tables nor how durable a commit is matter to it.
 */
static const char reference_query[] =
"SELECT a.attname, t.typname FROM pg_catalog.pg_attribute AS a "
"JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid "
"WHERE a.attrelid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass "
"AND a.attnum OPERATOR(pg_catalog.=) 1";

/*
 * reference_work() returns how many ms of wall time the query took.
 */
Datum
dbos_payload_reference_work(PG_FUNCTION_ARGS)
{
	instr_time	begin;
	instr_time	end;
	int			rc;

	(void) fcinfo;				/* takes no arguments */

	INSTR_TIME_SET_CURRENT(begin);
	SPI_connect();
	rc = SPI_execute(reference_query, true, 0);
	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(rc));
	SPI_finish();
	INSTR_TIME_SET_CURRENT(end);

	INSTR_TIME_SUBTRACT(end, begin);
	PG_RETURN_FLOAT8(INSTR_TIME_GET_MILLISEC(end));
}
