/*
 * environment_print.c
 *	  The environment as a block of text.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "environment/environment.h"
#include "util/memory.h"
#include "util/message.h"

#define NAME_WIDTH 14			/* with its indentation and a space */

/* "  name        text", wrapped */
static void
__attribute__((format(printf, 2, 3)))
line(const char *name, const char *format,...)
{
	char		buffer[2048];
	va_list		args;

	va_start(args, format);
	vsnprintf(buffer, sizeof(buffer), format, args);
	va_end(args);
	printf("  %-*s", NAME_WIDTH - 2, name);
	print_wrapped(stdout, NAME_WIDTH, NAME_WIDTH, buffer);
}

static const char *
setting(const Environment *environment, const char *name)
{
	const char *value = environment_setting(environment, name);

	return value ? value : "n/a";
}

void
environment_print_facts(const Environment *environment)
{
	const Environment *e = environment;
	const char *bytes = environment_setting(e, "table.bytes");
	char		rtt[48] = "n/a";

	if (!isnan(e->rtt_ms))
		snprintf(rtt, sizeof(rtt), "%.3f ms", e->rtt_ms);
	puts("Environment");
	line("server", "PostgreSQL %s", e->server_version);
	line("extension", "%s (library %s, client %s, libpq %d.%d)",
		 e->extension_version ? e->extension_version : "missing",
		 e->library_version ? e->library_version : "n/a", DBOS_PAYLOAD_VERSION,
		 e->libpq_version / 10000, e->libpq_version % 10000);
	line("connection", "%s", e->conninfo);
	line("transport", "%s, TLS %s, round trip of an empty query %s", e->transport,
		 e->ssl ? "on" : "off", rtt);
	if (!isnan(e->tcp_rtt_ms))
		line("", "(the kernel's own estimate: %.3f ms)", e->tcp_rtt_ms);
	line("durability", "fsync %s, synchronous_commit %s, full_page_writes %s, %s, commit_delay %s",
		 setting(e, "fsync"), setting(e, "synchronous_commit"), setting(e, "full_page_writes"),
		 setting(e, "wal_sync_method"), setting(e, "commit_delay"));
	line("WAL", "wal_level %s, wal_compression %s, wal_buffers %s, max_wal_size %s, checkpoint_timeout %s",
		 setting(e, "wal_level"), setting(e, "wal_compression"), setting(e, "wal_buffers"),
		 setting(e, "max_wal_size"), setting(e, "checkpoint_timeout"));
	line("memory", "shared_buffers %s, huge_pages %s, data_checksums %s",
		 setting(e, "shared_buffers"), setting(e, "huge_pages"), setting(e, "data_checksums"));
	if (bytes != NULL)
		line("tables", "%.1f MB; output: storage %s, compression %s; largest payload %s",
			 strtod(bytes, NULL) / 1e6, setting(e, "table.output_storage"),
			 setting(e, "table.output_compression"),
			 setting(e, "dbos_payload.max_payload_bytes"));
	line("client host", "%s; %s cores%s, %s, %s", setting(e, "cpu"), setting(e, "cores"),
		 strcmp(setting(e, "virtual"), "yes") == 0 ? " of a virtual machine" : "",
		 setting(e, "memory"), setting(e, "kernel"));
	line("", "processors %s busy, clock %s at %s a reading", setting(e, "busy"),
		 setting(e, "clocksource"), setting(e, "clock_read"));
}

void
environment_print(const Environment *environment)
{
	environment_print_facts(environment);
	if (environment->nwarnings > 0)
		puts("Warnings");
	for (int i = 0; i < environment->nwarnings; i++)
	{
		const Warning *warning = &environment->warnings[i];
		char	   *text = xasprintf("%s: %s%s", warning->subject,
									 warning->unsafe ? "UNSAFE: " : "", warning->text);

		fputs("  - ", stdout);
		print_wrapped(stdout, 4, 4, text);
		free(text);
	}
	putchar('\n');
}
