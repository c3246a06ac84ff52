/*
 * reconnect.c
 *	  Connections of a block, and what they are to after one was lost.
 *
 * Who reconnects can be with another server then: a standby that was promoted, by a list
 * of hosts or by a name that points elsewhere now.
 */
#include <stdlib.h>
#include <string.h>

#include "drive/blocks.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/*
 * how long a lost server may stay away with --reconnect; and without, since a server
 * can still count a connection that was closed just now
 */
#define RECONNECT_TRIES 60
#define CONNECT_TRIES 3
#define RECONNECT_WAIT_NS (NS_PER_S / 2)

/* Settings of which both servers tell, and not the same: "shared_buffers 64MB (was 128MB), …". */
static char *
what_changed(const Environment *before, const Environment *now)
{
	char	   *text = xstrdup("");

	if (before->server_version != NULL && now->server_version != NULL &&
		strcmp(before->server_version, now->server_version) != 0)
		text_add(&text, "PostgreSQL %s (was %s)", now->server_version, before->server_version);
	for (int i = 0; i < before->nsettings; i++)
	{
		const Setting *setting = &before->settings[i];
		const char *value = environment_setting(now, setting->name);

		if (setting->value != NULL && value != NULL && strcmp(setting->value, value) != 0)
			text_add(&text, "%s%s %s (was %s)", *text ? ", " : "", setting->name, value, setting->value);
	}
	return text;
}

/* host:port that the side was on until now */
static const char *
last_server(const Run *run, int number)
{
	int			n = run->measured.nmoves[number];

	return n > 0 ? run->measured.moves[number][n - 1].server : run->sides[number].server;
}

/* A server that goes between two blocks is not missed by anybody: only its name tells. */
static bool
is_elsewhere(const Run *run, int number)
{
	char	   *server = session_server(&run->sides[number].session);
	bool		elsewhere = strcmp(server, last_server(run, number)) != 0;

	free(server);
	return elsewhere;
}

/*
 * Look at the server again.  False where the run cannot go on there, which was said.
 * Where no more than a connection was lost, nothing is noted.
 */
static bool
look_again(Run *run, int number)
{
	RunSide    *side = &run->sides[number];
	int			nmoves = run->measured.nmoves[number];
	Environment now = {0};
	char	   *server = session_server(&side->control);
	char	   *changed = NULL;
	bool		good = environment_read(&side->control, run->parameters, &now) && side_look(side);

	if (good)
	{
		const char *last = last_server(run, number);
		const char *last_changed = nmoves > 0 ? run->measured.moves[number][nmoves - 1].changed : "";

		/* what is unsafe was said, or allowed, at the beginning */
		good = environment_allows_run(&now, true);
		changed = what_changed(&run->environments[number], &now);
		if (strcmp(server, last) != 0 || strcmp(changed, last_changed) != 0)
		{
			print_warning("%sconnected again: to %s, where the run was on %s%s%s", side_prefix(run, number), server, last,
						  *changed ? "; different there: " : "", changed);
			measured_add_move(&run->measured, number, server, changed);
			server = changed = NULL;
		}
	}
	free(server);
	free(changed);
	environment_free(&now);
	return good;
}

bool
connect_side(Run *run, int number, bool lost_before)
{
	RunSide    *side = &run->sides[number];

	for (int tries = 1;; tries++)
	{
		side->connected = side_connect(side, &side->session);
		lost_before = lost_before || (side->connected && is_elsewhere(run, number));
		side->connected = side->connected && (!lost_before || side_control_again(side));
		if (side->connected && lost_before && !look_again(run, number))
		{
			give_up(run);
			return false;
		}
		if (side->connected || interrupted())
			return side->connected;
		if (tries == (run->parameters->reconnect ? RECONNECT_TRIES : CONNECT_TRIES))
			break;
		session_close(&side->session);
		interruptible_sleep(RECONNECT_WAIT_NS);
	}
	print_connection_error(side->session.error ? side->session.error : side->control.error);
	run->connection_lost = true;
	give_up(run);
	return false;
}

void
disconnect_side(RunSide *side)
{
	session_close(&side->session);
	side->connected = false;
}
