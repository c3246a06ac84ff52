/*
 * warnings_connection.c
 *	  Judge the way to the server, what else it is doing, and this host.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "environment/facts.h"
#include "util/memory.h"
#include "util/numbers.h"

#define SLOW_CLOCK_NS 200
#define BUSY_PERCENT 20

static void
judge_transport(Environment *environment)
{
	const char *transport = environment->transport;
	const char *matters = "tcp to another host has a real network in it";
	bool		local = strcmp(transport, "tcp") != 0;

	judge_add(environment, "transport", local ? LEVEL_WARNING : LEVEL_OK, xstrdup(transport), matters,
			  xasprintf("%s: there is no real network between client and server, and they share this host's processors. What batching saves over a network does not show; --assume-rtt 1ms works it out.",
						strcmp(transport, "unix") == 0 ? "Unix socket" : "loopback"));
}

static void
judge_encryption(const Facts *facts, Environment *environment)
{
	PGconn	   *conn = facts->conn;
	const char *matters = "it would add CPU time per byte: to output of what is returned, to arrival or network of what is sent";
	const char *compression = PQsslInUse(conn) ? PQsslAttribute(conn, "compression") : NULL;
	bool		local = strcmp(environment->transport, "tcp") != 0;

	if (PQsslInUse(conn))
	{
		const char *protocol = PQsslAttribute(conn, "protocol");
		const char *cipher = PQsslAttribute(conn, "cipher");

		judge_add(environment, "TLS", local ? LEVEL_WARNING : LEVEL_OK,
				  xasprintf("%s, %s", protocol ? protocol : "on", cipher ? cipher : "cipher unknown"), matters,
				  xstrdup("every payload is encrypted and decrypted, although it does not leave this host: what is returned in output, what is sent in arrival (by -M prepared and simple: in network). sslmode=disable leaves that out; run --against \"... sslmode=disable\" says what it costs."));
	}
	else
		judge_add(environment, "TLS", LEVEL_OK, xstrdup("off"), matters, NULL);
	if (compression != NULL && *compression != '\0' && strcmp(compression, "off") != 0 &&
		strcmp(compression, "0") != 0)
		judge_add(environment, "TLS compression", LEVEL_WARNING, xstrdup(compression), matters,
				  xstrdup("TLS tries to compress every payload; random ones only cost time. sslcompression=0 leaves that out."));
	if (PQgssEncInUse(conn))
		judge_add(environment, "GSS encryption", local ? LEVEL_WARNING : LEVEL_OK, xstrdup("on"), matters,
				  xstrdup("every payload is encrypted and decrypted, in network, although it does not leave this host. gssencmode=disable leaves that out."));
}

/*
 * run sets bytea_output itself, but not behind a pooler, which would hand the
 * setting on to others.
 */
static void
judge_escape(const Facts *facts, Environment *environment)
{
	const char *format = fact_setting(facts, "bytea_output");

	if (format != NULL && strcmp(format, "hex") != 0)
		judge_add(environment, "bytea_output", LEVEL_WARNING, xstrdup(format),
				  "others than hex would make text results longer",
				  xasprintf("%s: bytes that are no printable characters take four characters each, where hex takes two: with --result-format text output, network and decode are not those of hex. Set bytea_output = hex for the role or the database.",
							format));
}

/*
 * A pooler answers the connection itself and gives it a process number of its
 * own.  Something that only forwards bytes shows in the server's address.
 */
static void
judge_pooler(const Facts *facts, Environment *environment)
{
	const char *server_address = fact(facts->server, SERVER_ADDRESS);
	const char *server_port = fact(facts->server, SERVER_PORT);
	const char *address = PQhostaddr(facts->conn);
	const char *port = PQport(facts->conn);
	int			backend = (int) strtol(fact(facts->server, SERVER_BACKEND_PID), NULL, 10);
	bool		is_unix = strcmp(environment->transport, "unix") == 0;
	bool		named = facts->connection->protocol == PROTOCOL_PREPARED;
	const char *matters = "one would be part of network";

	if (PQbackendPID(facts->conn) != backend)
	{
		judge_add(environment, "pooler", LEVEL_WARNING, xstrdup("yes"), matters,
				  xasprintf("a connection pooler is in between (this connection was given process %d, and %d answered): its time is part of network, others share its server connections, and where it pools by transaction, the server's parts of a step can be unknown%s%s. Connect to the server itself to measure the server.",
							PQbackendPID(facts->conn), backend,
							named ? ", and --protocol prepared fails unless the pooler keeps named statements (-M extended needs none)" : "",
							facts->parameters->drives[DRIVE_PIPELINE] ? ", and --drive pipeline hangs, fails or mixes up what others send where the pooler gives them the server connection between pipelined calls (pgbouncer before 1.21)" : ""));
		judge_escape(facts, environment);
		if (has_profiles(facts->parameters))
			judge_add(environment, "profiles", LEVEL_CANNOT, xstrdup("behind a pooler"), "they set and prepare things on a connection",
					  xstrdup("--profile sets and prepares things on its connection, as the SDKs do, and a pooler would hand that to others. Connect to the server itself."));
		return;
	}
	judge_add(environment, "pooler", LEVEL_OK, xstrdup("none seen"), matters, NULL);
	if (is_unix != (*server_address == '\0') ||
		(!is_unix && (strcmp(server_port, port ? port : "") != 0 ||
					  (address != NULL && *address != '\0' && strcmp(server_address, address) != 0))))
		judge_add(environment, "forwarding", LEVEL_WARNING, xstrdup("yes"), matters,
				  xasprintf("something forwards this connection (a proxy, a tunnel or a container's port): it goes to %s port %s, and the server says %s port %s. Its time is part of network.",
							address && *address ? address : "a socket", port ? port : "unknown",
							*server_address ? server_address : "a socket",
							*server_port ? server_port : "unknown"));
}

static void
judge_others(const Facts *facts, Environment *environment)
{
	const char *active = fact(facts->server, SERVER_ACTIVE_SESSIONS);
	long		nactive = strtol(active, NULL, 10);

	judge_add(environment, "other sessions", nactive > 0 ? LEVEL_WARNING : LEVEL_OK,
			  xasprintf("%s active", *active ? active : "0"),
			  "their work would share processors and disk",
			  xasprintf("%s other session%s of this server %s active just now: they share its processors, its disk and its WAL with the run. Measure while nothing else runs.",
						active, plural(nactive), nactive == 1 ? "was" : "were"));
}

/* On a file system in memory nothing is flushed, whatever fsync says. */
static void
judge_file_system(const Facts *facts, Environment *environment)
{
	const char *found = facts->file_system;
	bool		memory;

	if (found == NULL)
		return;
	memory = strcmp(found, "tmpfs") == 0 || strcmp(found, "ramfs") == 0;
	judge_add(environment, "data_directory", memory ? LEVEL_WARNING : LEVEL_OK,
			  xasprintf("on %s", found), "in memory no flush would wait for a disk",
			  xasprintf("the server's data are on %s, in memory: \"fsync on\" means nothing there, no commit waits for a disk, and a crash of the host loses everything. Measure on a disk.",
						found));
}

void
judge_connection(const Facts *facts, Environment *environment)
{
	judge_transport(environment);
	judge_encryption(facts, environment);
	judge_pooler(facts, environment);
	judge_others(facts, environment);
	judge_file_system(facts, environment);
}

void
judge_host(const Facts *facts, Environment *environment)
{
	bool		busy = facts->busy_percent > BUSY_PERCENT;

	if (!isnan(facts->busy_percent))
		judge_add(environment, "busy host", busy ? LEVEL_WARNING : LEVEL_OK,
				  xasprintf("%.0f %%", facts->busy_percent),
				  "other work would slow the client down",
				  xasprintf("the %d processor%s of this host %s %.0f %% busy with other work: client, and server if it is here, wait for their turn in every part. Measure while nothing else runs.",
							facts->cores, plural(facts->cores), facts->cores == 1 ? "is" : "are",
							facts->busy_percent));
	judge_add(environment, "clock", facts->clock_ns > SLOW_CLOCK_NS ? LEVEL_WARNING : LEVEL_OK,
			  xasprintf("%.0f ns a reading", facts->clock_ns),
			  "a slow clock would show in every part",
			  xasprintf("reading this host's clock takes %.0f ns, several times in each step. Another clock source may be faster (/sys/devices/system/clocksource).",
						facts->clock_ns));
	if (facts->governor != NULL)
		judge_add(environment, "governor",
				  strcmp(facts->governor, "performance") != 0 ? LEVEL_WARNING : LEVEL_OK,
				  xstrdup(facts->governor),
				  "others would change the processors' speed",
				  xasprintf("%s: the processors' speed follows the load, so that rare short steps look slower than frequent ones. As root: cpupower frequency-set -g performance.",
							facts->governor));
}
