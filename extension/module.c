/*
 * module.c
 *		Loading the library: its settings and its version.
 */
#include "module.h"

#include "timing.h"
#include "utils/builtins.h"

MODULE_MAGIC("dbos_payload", DBOS_PAYLOAD_VERSION);

int			max_payload_bytes = DEFAULT_MAX_PAYLOAD_BYTES;
bool		timing_enabled = true;
bool		track_cpu = false;

void		_PG_init(void);

PG_FUNCTION_INFO_V1(dbos_payload_version);

/*
 * Defines the settings and installs the timing's hooks.  Needs no preloading.
 */
void
_PG_init(void)
{
	DefineCustomIntVariable("dbos_payload.max_payload_bytes",
							"Largest payload that is made or recorded.",
							"It also bounds the payloads of one batched call together.",
							&max_payload_bytes,
							DEFAULT_MAX_PAYLOAD_BYTES,
							1,
							MAX_MAX_PAYLOAD_BYTES,
							PGC_SUSET,
							GUC_UNIT_BYTE,
							NULL, NULL, NULL);

	DefineCustomBoolVariable("dbos_payload.timing",
							 "Times the phases of each step.",
							 "The timings are kept in the session's memory and read with dbos_payload.step_timings().",
							 &timing_enabled,
							 true,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	DefineCustomBoolVariable("dbos_payload.track_cpu",
							 "Notes what each phase of a timed step has of a processor, and how long it waits for one.",
							 "It costs several system calls a phase, and so makes the step itself slower.",
							 &track_cpu,
							 false,
							 PGC_USERSET,
							 0,
							 NULL, NULL, NULL);

	MarkGUCPrefixReserved("dbos_payload");
	InstallHooks();
}

/*
 * Returns the version that this library was built as.
 */
Datum
dbos_payload_version(PG_FUNCTION_ARGS)
{
	(void) fcinfo;				/* takes no arguments */

	PG_RETURN_TEXT_P(cstring_to_text(DBOS_PAYLOAD_VERSION));
}
