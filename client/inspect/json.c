/*
 * json.c
 *	  An inspection as JSON, key by key in the order of the file; docs/client.md
 *	  says the same in words.
 */
#include <inttypes.h>
#include <string.h>

#include "figures/field_rows.h"
#include "figures/result_file.h"
#include "inspect/inspect.h"
#include "util/memory.h"

#define SCHEMA_VERSION 1

/* the largest of the classes of sizes begins here */
#define MOST_FROM_BYTES INT64_C(1000000000)

#define AMOUNT(in, name, member) STRUCT(in, name, member, amount_fields)

static const char *const size_names[SIZE_CLASSES] = {
	"0", "1", "10", "100", "1000", "10000", "100000", "1000000", "10000000", "100000000", "1000000000"
};

static const Fields amount_fields = {sizeof(Amount), false, (const Field[]) {
	COUNTED(Amount, "rows", rows),
	COUNTED(Amount, "text_bytes", text_bytes),
	COUNTED(Amount, "stored_bytes", stored_bytes),
	END
}};

static const Fields index_fields = {sizeof(IndexSize), false, (const Field[]) {
	TEXT(IndexSize, "index", name),
	COUNTED(IndexSize, "bytes", bytes),
	END
}};

static const Fields table_fields = {sizeof(TableSize), false, (const Field[]) {
	TEXT(TableSize, "table", name),
	COUNTED(TableSize, "rows", rows),
	COUNTED(TableSize, "heap_bytes", heap_bytes),
	COUNTED(TableSize, "toast_bytes", toast_bytes),
	COUNTED(TableSize, "index_bytes", index_bytes),
	COUNTED(TableSize, "pages", pages),
	COUNTED(TableSize, "read_pages", read_pages),
	LIST(TableSize, "indexes", indexes, nindexes, index_fields),
	END
}};

static const Fields column_fields = {sizeof(PayloadColumn), false, (const Field[]) {
	TEXT(PayloadColumn, "table", table),
	TEXT(PayloadColumn, "column", column),
	TEXT(PayloadColumn, "storage", storage),
	TEXT_OR_NULL(PayloadColumn, "compression", compression),
	AMOUNT(PayloadColumn, "amount", amount),
	COUNTED(PayloadColumn, "outside", outside),
	COUNTED(PayloadColumn, "largest_bytes", largest_bytes),
	AMOUNT(PayloadColumn, "pglz", pglz),
	AMOUNT(PayloadColumn, "lz4", lz4),
	END
}};

static const Fields name_fields = {sizeof(NamedSteps), false, (const Field[]) {
	TEXT(NamedSteps, "name", name),
	AMOUNT(NamedSteps, "amount", amount),
	COUNTED(NamedSteps, "outputs", outputs),
	COUNTED(NamedSteps, "errors", errors),
	COUNTED(NamedSteps, "children", children),
	COUNTED(NamedSteps, "largest_bytes", largest_bytes),
	COUNTED(NamedSteps, "p50_bytes", p50_bytes),
	COUNTED(NamedSteps, "p99_bytes", p99_bytes),
	REAL(NamedSteps, "duration_p50_ms", duration_p50_ms),
	REAL(NamedSteps, "duration_p99_ms", duration_p99_ms),
	AMOUNT(NamedSteps, "recent", recent),
	FIELD(FIELD_COUNTED, NamedSteps, "sizes", sizes, .shape = SHAPE_BY_NAME, .names = size_names, .n = SIZE_CLASSES),
	END
}};

static const Fields size_fields = {sizeof(SizeClass), false, (const Field[]) {
	COUNTED(SizeClass, "from_bytes", from_bytes),
	AMOUNT(SizeClass, "amount", amount),
	AMOUNT(SizeClass, "recent", recent),
	REAL(SizeClass, "duration_p50_ms", duration_p50_ms),
	REAL(SizeClass, "duration_p99_ms", duration_p99_ms),
	END
}};

static const Fields format_fields = {sizeof(FormatAmount), false, (const Field[]) {
	TEXT_OR_NULL(FormatAmount, "serialization", format),
	AMOUNT(FormatAmount, "amount", amount),
	AMOUNT(FormatAmount, "recent", recent),
	END
}};

static const Fields day_fields = {sizeof(DayAmount), false, (const Field[]) {
	INT(DayAmount, "days_ago", days_ago),
	AMOUNT(DayAmount, "amount", amount),
	END
}};

static const Fields large_fields = {sizeof(LargeOutput), false, (const Field[]) {
	TEXT(LargeOutput, "workflow_uuid", workflow_uuid),
	INT(LargeOutput, "function_id", function_id),
	TEXT(LargeOutput, "name", name),
	COUNTED(LargeOutput, "text_bytes", text_bytes),
	COUNTED(LargeOutput, "stored_bytes", stored_bytes),
	END
}};

static const Fields workflow_fields = {sizeof(NamedWorkflows), false, (const Field[]) {
	TEXT(NamedWorkflows, "name", name),
	COUNTED(NamedWorkflows, "count", count),
	COUNTED(NamedWorkflows, "succeeded", succeeded),
	COUNTED(NamedWorkflows, "failed", failed),
	COUNTED(NamedWorkflows, "unfinished", unfinished),
	COUNTED(NamedWorkflows, "recent", recent),
	COUNTED(NamedWorkflows, "steps_p50", steps_p50),
	COUNTED(NamedWorkflows, "steps_p99", steps_p99),
	COUNTED(NamedWorkflows, "steps_most", steps_most),
	REAL(NamedWorkflows, "duration_p50_ms", duration_p50_ms),
	REAL(NamedWorkflows, "duration_p99_ms", duration_p99_ms),
	REAL(NamedWorkflows, "in_steps_p50_ms", in_steps_p50_ms),
	END
}};

static const Fields deletable_fields = {sizeof(Deletable), false, (const Field[]) {
	INT(Deletable, "days", days),
	COUNTED(Deletable, "workflows", workflows),
	AMOUNT(Deletable, "steps", steps),
	COUNTED(Deletable, "own_text_bytes", own_text_bytes),
	COUNTED(Deletable, "own_stored_bytes", own_stored_bytes),
	END
}};

static const Fields duplicate_fields = {sizeof(Duplicates), false, (const Field[]) {
	AMOUNT(Duplicates, "results", results),
	AMOUNT(Duplicates, "same_length", same_length),
	END
}};

static const Fields advice_fields = {sizeof(Advice), false, (const Field[]) {
	TEXT(Advice, "rule", rule),
	TEXT(Advice, "text", text),
	REAL(Advice, "bytes", bytes),
	REAL(Advice, "ms_per_day", ms_per_day),
	REAL(Advice, "wal_bytes_per_day", wal_bytes_per_day),
	END
}};

static const Fields inspection_fields = {sizeof(Inspection), false, (const Field[]) {
	TEXT(Inspection, "tool_version", tool_version),
	TEXT(Inspection, "started_at", started_at),
	REAL(Inspection, "took_s", took_s),
	INT(Inspection, "server_version_num", server_version_num),
	TEXT(Inspection, "server_version", server_version),
	BOOL(Inspection, "standby", standby),
	BOOL(Inspection, "has_lz4", has_lz4),
	TEXT(Inspection, "database", database),
	TEXT(Inspection, "schema", schema),
	COUNTED(Inspection, "migration", migration),
	BOOL(Inspection, "payloads_in_status", payloads_in_status),
	BOOL(Inspection, "payloads_in_tables", payloads_in_tables),
	BOOL(Inspection, "percentiles_sampled", percentiles_sampled),
	BOOL(Inspection, "workflows_sampled", workflows_sampled),
	LIST(Inspection, "tables", tables, ntables, table_fields),
	LIST(Inspection, "columns", columns, ncolumns, column_fields),
	AMOUNT(Inspection, "steps", steps),
	REAL(Inspection, "recent_days", recent_days),
	BOOL(Inspection, "names_left_out", names_left_out),
	LIST(Inspection, "names", names, nnames, name_fields),
	LIST(Inspection, "sizes", sizes, nsizes, size_fields),
	LIST(Inspection, "formats", formats, nformats, format_fields),
	LIST(Inspection, "days", days, ndays, day_fields),
	LIST(Inspection, "largest", largest, nlargest, large_fields),
	LIST(Inspection, "workflows", workflows, nworkflows, workflow_fields),
	LIST(Inspection, "deletable", deletables, ndeletables, deletable_fields),
	STRUCT(Inspection, "duplicates", duplicates, duplicate_fields),
	TEXTS(Inspection, "notes", notes, nnotes),
	LIST(Inspection, "advice", advice, nadvice, advice_fields),
	END
}};

bool
inspection_write(const Inspection *inspection, const char *path)
{
	return result_file_write(path, json_pack("{s:i}", "inspection_version", SCHEMA_VERSION),
							 fields_write(&inspection_fields, inspection), RESULT_DIGITS);
}

/* What the keys one by one do not say, and the report relies on; NULL, or what is wrong. */
static char *
check_lists(const Inspection *inspection)
{
	for (int i = 0; i < inspection->nsizes; i++)
		if (inspection->sizes[i].from_bytes < 0 || inspection->sizes[i].from_bytes > MOST_FROM_BYTES)
			return xasprintf("key \"sizes[%d].from_bytes\" is not from 0 to %" PRId64, i, MOST_FROM_BYTES);
	if (inspection->steps.rows > 0 && inspection->ncolumns == 0)
		return xasprintf("key \"columns\" is empty, though there are steps");
	if ((inspection->steps.rows > 0 || inspection->nworkflows > 0) && inspection->ndays < RECENT_DAYS)
		return xasprintf("key \"days\" has %d elements, fewer than %d", inspection->ndays, RECENT_DAYS);
	return NULL;
}

static char *
take_root(const json_t *root, Inspection *inspection)
{
	const json_t *version = json_object_get(root, "inspection_version");
	char	   *error;

	if (!json_is_integer(version) || json_integer_value(version) != SCHEMA_VERSION)
		return xasprintf("its inspection_version is not %d, which this program reads", SCHEMA_VERSION);
	return fields_read(&inspection_fields, root, inspection, &error) ? check_lists(inspection) : error;
}

bool
inspection_parse(const char *text, size_t length, const char *path, Inspection *inspection)
{
	char	   *error;
	json_t	   *root = result_file_parse(text, length, RESULT_INSPECTION, &error);

	memset(inspection, 0, sizeof(*inspection));
	if (root != NULL)
		error = take_root(root, inspection);
	json_decref(root);
	if (error != NULL)
		inspection_free(inspection);
	return result_file_is_good(path, error);
}

void
inspection_tidy(Inspection *inspection)
{
	fields_tidy(&inspection_fields, inspection);
}

void
inspection_free(Inspection *inspection)
{
	fields_free(&inspection_fields, inspection);
}
