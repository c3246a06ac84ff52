/*
 * environment.c
 *	  The environment as a block of text.
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "report/text.h"
#include "util/memory.h"

#define NAME_WIDTH 12

/* "name        text", wrapped */
static void
__attribute__((format(printf, 3, 4)))
line(FILE *out, const char *name, const char *format,...)
{
	char		mark[NAME_WIDTH + 1];
	char	   *text = NULL;
	va_list		args;

	va_start(args, format);
	text_add_list(&text, format, args);
	va_end(args);
	snprintf(mark, sizeof(mark), "%-*s", NAME_WIDTH, name);
	print_item(out, mark, text);
	free(text);
}

void
report_environment(const Environment *e, FILE *out)
{
	const char *bytes = environment_setting(e, "table.bytes");
	const char *distribution = environment_setting(e, DISTRIBUTION_SETTING);
	const char *delegated = environment_setting(e, DELEGATED_SETTING);
	char		rtt[48] = "n/a";
	char		size[32] = "n/a";

	if (!isnan(e->rtt_ms))
		snprintf(rtt, sizeof(rtt), "%.3f ms", e->rtt_ms);
	if (bytes != NULL)
		snprintf(size, sizeof(size), "%.1f", strtod(bytes, NULL) / 1e6);
	line(out, "server", "PostgreSQL %s", e->server_version ? e->server_version : "n/a");
	line(out, "extension", "%s%s%s (library %s, libpq %d.%d)",
		 e->extension_version ? e->extension_version : "missing",
		 e->portable_version ? ", portable part " : "", e->portable_version ? e->portable_version : "",
		 e->library_version ? e->library_version : "n/a",
		 e->libpq_version / 10000, e->libpq_version % 10000);
	line(out, "connection", "%s", e->conninfo ? e->conninfo : "n/a");
	line(out, "transport", "%s, TLS %s, round trip of an empty query %s", e->transport ? e->transport : "n/a",
		 e->ssl ? "on" : "off", rtt);
	line(out, "durability", "fsync %s, synchronous_commit %s, full_page_writes %s, %s, commit_delay %s",
		 setting_or_na(e, "fsync"), setting_or_na(e, "synchronous_commit"), setting_or_na(e, "full_page_writes"),
		 setting_or_na(e, "wal_sync_method"), setting_or_na(e, "commit_delay"));
	line(out, "WAL", "wal_level %s, wal_compression %s, wal_buffers %s, max_wal_size %s, checkpoint_timeout %s",
		 setting_or_na(e, "wal_level"), setting_or_na(e, "wal_compression"), setting_or_na(e, "wal_buffers"),
		 setting_or_na(e, "max_wal_size"), setting_or_na(e, "checkpoint_timeout"));
	line(out, "memory", "shared_buffers %s, huge_pages %s, data_checksums %s",
		 setting_or_na(e, "shared_buffers"), setting_or_na(e, "huge_pages"), setting_or_na(e, "data_checksums"));
	if (distribution != NULL)
		line(out, "Citus", "%s; delegated: %s", distribution, delegated ? delegated : "nothing that records");
	if (bytes != NULL || distribution != NULL)
		line(out, "tables", "%s MB; output: storage %s, compression %s; largest payload %s",
			 size, setting_or_na(e, "table.output_storage"),
			 setting_or_na(e, "table.output_compression"),
			 setting_or_na(e, "dbos_payload.max_payload_bytes"));
	line(out, "client host", "%s; %s cores%s, %s, %s", setting_or_na(e, "cpu"), setting_or_na(e, "cores"),
		 strcmp(setting_or_na(e, "virtual"), "yes") == 0 ? " of a virtual machine" : "",
		 setting_or_na(e, "memory"), setting_or_na(e, "kernel"));
	line(out, "", "processors %s busy, clock %s at %s a reading", setting_or_na(e, "busy"),
		 setting_or_na(e, "clocksource"), setting_or_na(e, "clock_read"));
}
