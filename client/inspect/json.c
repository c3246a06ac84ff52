/*
 * json.c
 *	  An inspection as JSON, key by key in the order of the file; docs/client.md
 *	  says the same in words.
 */
#include "figures/fields.h"
#include "inspect/inspect.h"
#include "util/output.h"

#define SCHEMA_VERSION 1

#define FIELD(kind, in, name, member, ...) \
	{.type = kind, .key = name, .offset = offsetof(in, member), __VA_ARGS__}
#define END {.type = FIELD_END}

#define REAL(in, name, member) FIELD(FIELD_REAL, in, name, member)
#define INT(in, name, member) FIELD(FIELD_INT, in, name, member)
#define COUNT(in, name, member) FIELD(FIELD_COUNTED, in, name, member)
#define BOOL(in, name, member) FIELD(FIELD_BOOL, in, name, member)
#define TEXT(in, name, member) FIELD(FIELD_TEXT, in, name, member)
#define TEXT_OR_NULL(in, name, member) FIELD(FIELD_TEXT, in, name, member, .optional = true)
#define AMOUNT(in, name, member) FIELD(FIELD_STRUCT, in, name, member, .inner = &amount_fields)
#define LIST(in, name, member, number, fields) \
	FIELD(FIELD_STRUCT, in, name, member, .shape = SHAPE_LIST, .count = offsetof(in, number), .inner = &fields)

static const char *const size_names[SIZE_CLASSES] = {
	"0", "1", "10", "100", "1000", "10000", "100000", "1000000", "10000000", "100000000", "1000000000"
};

static const Fields amount_fields = {sizeof(Amount), false, (const Field[]) {
	COUNT(Amount, "rows", rows),
	COUNT(Amount, "text_bytes", text_bytes),
	COUNT(Amount, "stored_bytes", stored_bytes),
	END
}};

static const Fields index_fields = {sizeof(IndexSize), false, (const Field[]) {
	TEXT(IndexSize, "index", name),
	COUNT(IndexSize, "bytes", bytes),
	END
}};

static const Fields table_fields = {sizeof(TableSize), false, (const Field[]) {
	TEXT(TableSize, "table", name),
	COUNT(TableSize, "rows", rows),
	COUNT(TableSize, "heap_bytes", heap_bytes),
	COUNT(TableSize, "toast_bytes", toast_bytes),
	COUNT(TableSize, "index_bytes", index_bytes),
	COUNT(TableSize, "pages", pages),
	COUNT(TableSize, "read_pages", read_pages),
	LIST(TableSize, "indexes", indexes, nindexes, index_fields),
	END
}};

static const Fields column_fields = {sizeof(PayloadColumn), false, (const Field[]) {
	TEXT(PayloadColumn, "table", table),
	TEXT(PayloadColumn, "column", column),
	TEXT(PayloadColumn, "storage", storage),
	TEXT_OR_NULL(PayloadColumn, "compression", compression),
	AMOUNT(PayloadColumn, "amount", amount),
	COUNT(PayloadColumn, "outside", outside),
	COUNT(PayloadColumn, "largest_bytes", largest_bytes),
	AMOUNT(PayloadColumn, "pglz", pglz),
	AMOUNT(PayloadColumn, "lz4", lz4),
	END
}};

static const Fields name_fields = {sizeof(NamedSteps), false, (const Field[]) {
	TEXT(NamedSteps, "name", name),
	AMOUNT(NamedSteps, "amount", amount),
	COUNT(NamedSteps, "outputs", outputs),
	COUNT(NamedSteps, "errors", errors),
	COUNT(NamedSteps, "children", children),
	COUNT(NamedSteps, "largest_bytes", largest_bytes),
	COUNT(NamedSteps, "p50_bytes", p50_bytes),
	COUNT(NamedSteps, "p99_bytes", p99_bytes),
	REAL(NamedSteps, "duration_p50_ms", duration_p50_ms),
	REAL(NamedSteps, "duration_p99_ms", duration_p99_ms),
	AMOUNT(NamedSteps, "recent", recent),
	FIELD(FIELD_COUNTED, NamedSteps, "sizes", sizes, .shape = SHAPE_BY_NAME, .names = size_names, .n = SIZE_CLASSES),
	END
}};

static const Fields size_fields = {sizeof(SizeClass), false, (const Field[]) {
	COUNT(SizeClass, "from_bytes", from_bytes),
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
	COUNT(LargeOutput, "text_bytes", text_bytes),
	COUNT(LargeOutput, "stored_bytes", stored_bytes),
	END
}};

static const Fields workflow_fields = {sizeof(NamedWorkflows), false, (const Field[]) {
	TEXT(NamedWorkflows, "name", name),
	COUNT(NamedWorkflows, "count", count),
	COUNT(NamedWorkflows, "succeeded", succeeded),
	COUNT(NamedWorkflows, "failed", failed),
	COUNT(NamedWorkflows, "unfinished", unfinished),
	COUNT(NamedWorkflows, "recent", recent),
	COUNT(NamedWorkflows, "steps_p50", steps_p50),
	COUNT(NamedWorkflows, "steps_p99", steps_p99),
	COUNT(NamedWorkflows, "steps_most", steps_most),
	REAL(NamedWorkflows, "duration_p50_ms", duration_p50_ms),
	REAL(NamedWorkflows, "duration_p99_ms", duration_p99_ms),
	REAL(NamedWorkflows, "in_steps_p50_ms", in_steps_p50_ms),
	END
}};

static const Fields deletable_fields = {sizeof(Deletable), false, (const Field[]) {
	INT(Deletable, "days", days),
	COUNT(Deletable, "workflows", workflows),
	AMOUNT(Deletable, "steps", steps),
	COUNT(Deletable, "own_text_bytes", own_text_bytes),
	COUNT(Deletable, "own_stored_bytes", own_stored_bytes),
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
	TEXT_OR_NULL(Inspection, "tool_version", tool_version),
	TEXT_OR_NULL(Inspection, "started_at", started_at),
	REAL(Inspection, "took_s", took_s),
	INT(Inspection, "server_version_num", server_version_num),
	TEXT_OR_NULL(Inspection, "server_version", server_version),
	BOOL(Inspection, "standby", standby),
	BOOL(Inspection, "has_lz4", has_lz4),
	TEXT_OR_NULL(Inspection, "database", database),
	TEXT_OR_NULL(Inspection, "schema", schema),
	COUNT(Inspection, "migration", migration),
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
	FIELD(FIELD_STRUCT, Inspection, "duplicates", duplicates, .inner = &duplicate_fields),
	FIELD(FIELD_TEXT, Inspection, "notes", notes, .shape = SHAPE_LIST, .count = offsetof(Inspection, nnotes)),
	LIST(Inspection, "advice", advice, nadvice, advice_fields),
	END
}};

bool
inspection_write(const Inspection *inspection, const char *path)
{
	Output		output;
	json_t	   *root;
	json_t	   *body;
	bool		good;

	if (!output_open(path, &output))
		return false;
	root = json_object();
	json_object_set_new(root, "inspection_version", json_integer(SCHEMA_VERSION));
	body = fields_write(&inspection_fields, inspection);
	json_object_update(root, body);
	json_decref(body);
	good = json_dumpf(root, output.file, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0;
	good = putc('\n', output.file) != EOF && good;
	json_decref(root);
	return output_close(path, &output, good);
}

void
inspection_free(Inspection *inspection)
{
	fields_free(&inspection_fields, inspection);
}
