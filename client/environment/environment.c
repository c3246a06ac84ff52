/*
 * environment.c
 *	  What the server, the connection and this host are like.
 */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "environment/environment.h"
#include "environment/facts.h"
#include "pg/conninfo.h"
#include "util/clock.h"
#include "util/compare.h"
#include "util/memory.h"
#include "util/message.h"

#define RTT_QUERIES 20

void
setting_add(Setting **settings, int *n, const char *name, char *value)
{
	*settings = xrealloc(*settings, (size_t) (*n + 1) * sizeof(Setting));
	(*settings)[(*n)++] = (Setting) {xstrdup(name), value};
}

static void
add_setting(Environment *environment, const char *name, const char *value)
{
	setting_add(&environment->settings, &environment->nsettings, name, xstrdup(value));
}

/*
 * The server's settings, and those of the steps' table that decide how a
 * payload is stored, under names that begin with "table.".
 */
static void
take_settings(Environment *environment, const Facts *facts)
{
	const PGresult *steps = facts->tables[TABLE_OPERATION_OUTPUTS];
	char	   *distribution = distribution_summary(&facts->distribution);
	char	   *delegated = distribution_delegated(&facts->distribution, facts->parameters);
	const char *compression = fact(steps, TABLE_COMPRESSION);
	const char *storage = fact(steps, TABLE_STORAGE);

	for (int i = 0; i < PQntuples(facts->settings); i++)
		add_setting(environment, PQgetvalue(facts->settings, i, 0),
					PQgetvalue(facts->settings, i, 1));
	if (distribution != NULL)
		setting_add(&environment->settings, &environment->nsettings, DISTRIBUTION_SETTING, distribution);
	if (delegated != NULL)
		setting_add(&environment->settings, &environment->nsettings, DELEGATED_SETTING, delegated);
	if (steps == NULL || PQntuples(steps) == 0)
		return;
	if (*compression == 'p')
		compression = "pglz";
	else if (*compression == 'l')
		compression = "lz4";
	else
	{
		compression = fact_setting(facts, "default_toast_compression");
		if (compression == NULL)
			compression = "pglz";	/* before 14 there was no other */
	}
	add_setting(environment, "table.output_compression", compression);
	add_setting(environment, "table.output_storage",
				*storage == 'x' ? "extended" : *storage == 'm' ? "main" : *storage == 'e' ? "external" :
				*storage == 'p' ? "plain" : "unknown");
	if (facts->file_system != NULL)
		add_setting(environment, "data_directory.file_system", facts->file_system);
	add_setting(environment, "table.persistence",
				*fact(steps, TABLE_PERSISTENCE) == 'u' ? "unlogged" : "permanent");
	/* of a distributed one this is an empty shell */
	if (distribution == NULL)
	{
		add_setting(environment, "table.bytes", fact(steps, TABLE_BYTES));
		add_setting(environment, "table.rows",
					*fact(steps, TABLE_ROWS) == '-' ? "unknown" : fact(steps, TABLE_ROWS));
	}
}

/*
 * "unix", "loopback" or "tcp", by the socket itself.  This host's outer address is
 * reached by its loopback device too.
 */
static const char *
find_transport(int socket)
{
	struct sockaddr_storage peer = {0};
	struct sockaddr_storage own = {0};
	socklen_t	peer_length = sizeof(peer);
	socklen_t	own_length = sizeof(own);
	bool		here;

	if (getpeername(socket, (struct sockaddr *) &peer, &peer_length) != 0 ||
		getsockname(socket, (struct sockaddr *) &own, &own_length) != 0)
		return "tcp";
	if (peer.ss_family == AF_INET)
	{
		in_addr_t	address = ((struct sockaddr_in *) &peer)->sin_addr.s_addr;

		here = ntohl(address) >> 24 == 127 || address == ((struct sockaddr_in *) &own)->sin_addr.s_addr;
	}
	else if (peer.ss_family == AF_INET6)
	{
		const struct in6_addr *address = &((struct sockaddr_in6 *) &peer)->sin6_addr;

		here = IN6_IS_ADDR_LOOPBACK(address) ||
			memcmp(address, &((struct sockaddr_in6 *) &own)->sin6_addr, sizeof(*address)) == 0;
	}
	else
		return "unix";
	return here ? "loopback" : "tcp";
}

/* The median time of a query of nothing, in ms; NAN where it fails. */
static double
measure_rtt(Session *session)
{
	int64_t		times[RTT_QUERIES];

	for (int i = 0; i < RTT_QUERIES; i++)
	{
		int64_t		start = now_ns();
		PGresult   *result = session_query(session, "SELECT", 0, NULL);

		times[i] = now_ns() - start;
		PQclear(result);
		if (result == NULL)
			return NAN;
	}
	qsort(times, RTT_QUERIES, sizeof(times[0]), compare_int64);
	return (double) times[RTT_QUERIES / 2] / (double) NS_PER_MS;
}

bool
environment_read(Session *session, const Parameters *parameters, Environment *environment)
{
	Facts		facts;
	bool		ok;
	int64_t		retransmits;

	memset(environment, 0, sizeof(*environment));
	memset(&facts, 0, sizeof(facts));
	facts.parameters = parameters;
	facts.connection = session->settings;
	facts.environment = environment;

	environment->server_version_num = PQserverVersion(session->conn);
	environment->libpq_version = PQlibVersion();
	environment->transport = find_transport(PQsocket(session->conn));
	environment->ssl = PQsslInUse(session->conn) != 0;
	environment->conninfo = conninfo_of_connection(session->conn);
	environment->rtt_ms = measure_rtt(session);
	environment->tcp_rtt_ms = NAN;
	if (strcmp(environment->transport, "unix") != 0 &&
		!session_tcp_info(session, &environment->tcp_rtt_ms, &retransmits))
		environment->tcp_rtt_ms = NAN;
	host_read(&facts, environment);

	ok = facts_read(&facts, session, environment);
	environment->free_bytes = ok ? facts.free_bytes : NAN;
	if (ok)
	{
		const char *version = PQparameterStatus(session->conn, "server_version");

		environment->server_version = xstrdup(version ? version : "unknown");
		take_settings(environment, &facts);
		facts_judge(&facts, environment);
	}
	facts_free(&facts);
	return ok;
}

static void
free_settings(Setting *settings, int n)
{
	for (int i = 0; i < n; i++)
	{
		free(settings[i].name);
		free(settings[i].value);
	}
	free(settings);
}

void
environment_free(Environment *environment)
{
	free(environment->server_version);
	free(environment->extension_version);
	free(environment->library_version);
	free(environment->portable_version);
	free(environment->conninfo);
	free_settings(environment->settings, environment->nsettings);
	free_settings(environment->host, environment->nhost);
	for (int i = 0; i < environment->nwarnings; i++)
	{
		free(environment->warnings[i].subject);
		free(environment->warnings[i].text);
	}
	free(environment->warnings);
	for (int i = 0; i < environment->nchecks; i++)
		free(environment->checks[i].value);
	free(environment->checks);
	memset(environment, 0, sizeof(*environment));
}

bool
environment_allows_run(const Environment *environment, bool allow_unsafe)
{
	bool		allowed = true;
	bool		unsafe = false;

	for (int i = 0; i < environment->nwarnings; i++)
	{
		const Warning *warning = &environment->warnings[i];
		bool		refused = warning->unsafe && !allow_unsafe;

		if (!warning->fatal && !refused)
			continue;
		print_error("%s: %s", warning->subject, warning->text);
		allowed = false;
		unsafe |= refused;
	}
	if (unsafe)
		print_hint("--allow-unsafe runs all the same; the figures are then not those of a durable server");
	return allowed;
}

const char *
environment_setting(const Environment *environment, const char *name)
{
	for (int i = 0; i < environment->nsettings; i++)
		if (strcmp(environment->settings[i].name, name) == 0)
			return environment->settings[i].value;
	for (int i = 0; i < environment->nhost; i++)
		if (strcmp(environment->host[i].name, name) == 0)
			return environment->host[i].value;
	return NULL;
}

bool
environment_has_warning(const Environment *environment, const char *subject)
{
	for (int i = 0; i < environment->nwarnings; i++)
		if (strcmp(environment->warnings[i].subject, subject) == 0)
			return true;
	return false;
}

bool
environment_tells_others_times(const Environment *environment)
{
	const char *delegated = environment_setting(environment, DELEGATED_SETTING);

	return delegated != NULL && strstr(delegated, "step_timings") != NULL;
}

bool
environment_server_is_here(const Environment *environment)
{
	if (environment->transport == NULL || strcmp(environment->transport, "tcp") == 0)
		return false;

	/* what is at the other end of a tunnel or of a container's port is not known */
	return !environment_has_warning(environment, "forwarding") &&
		!environment_has_warning(environment, "pooler");
}
