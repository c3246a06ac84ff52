/*
 * make_sides.c
 *	  What each side is, what it is called, and what its backends used.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figures/conditions.h"
#include "figures/make.h"
#include "pg/conninfo.h"
#include "util/memory.h"

#define LONGEST_LABEL 40

/* Of the blocks' wall times; a block whose length is not known has no figures. */
static void
make_backend(const Measured *measured, int side, BackendFigures *backend)
{
	size_t		n = (size_t) measured->nblocks;
	double	   *cpu = xcalloc(3 * n + 1, sizeof(double));
	double	   *delay = cpu + n;
	double	   *switches = delay + n;

	for (size_t b = 0; b < n; b++)
	{
		const BackendUse *use = &measured->blocks[b].backend[side];
		double		wall_ms = use->wall_ms > 0.0 ? use->wall_ms : NAN;

		cpu[b] = use->cpu_ms / wall_ms;
		delay[b] = use->delay_ms / wall_ms;
		switches[b] = use->involuntary_switches == UNKNOWN ? NAN :
			1000.0 * (double) use->involuntary_switches / wall_ms;
	}
	backend->cpu_share = estimate_blocks(cpu, (int) n);
	backend->delay_share = estimate_blocks(delay, (int) n);
	backend->involuntary_per_s = estimate_blocks(switches, (int) n);
	free(cpu);
}

static void
make_moves(const Measured *measured, int number, Side *side)
{
	side->nmoves = measured->nmoves[number];
	side->moves = xcalloc((size_t) side->nmoves + 1, sizeof(Move));
	for (int i = 0; i < side->nmoves; i++)
	{
		const Move *move = &measured->moves[number][i];

		side->moves[i] = (Move) {move->first_iteration, xstrdup(move->server), xstrdup(move->changed)};
	}
}

/* "synchronous_commit=off" of "settings.synchronous_commit" */
static char *
condition_label(const char *name, const json_t *value)
{
	const char *point = strchr(name, '.');

	return xasprintf("%s=%s", point != NULL ? point + 1 : name, json_string_value(value));
}

/*
 * Where the sides differ in one thing, that names them; where a server's major
 * version differs, much else does that follows from it.
 */
static void
name_by_conditions(Figures *figures)
{
	json_t	   *conditions[MAX_SIDES] = {conditions_of(figures, 0), conditions_of(figures, 1)};
	const char *name;
	json_t	   *value;
	int			differing = 0;
	char	   *labels[MAX_SIDES] = {NULL, NULL};
	const Environment *environments[MAX_SIDES] = {&figures->sides[0].environment,
	&figures->sides[1].environment};

	json_object_foreach(conditions[0], name, value)
	{
		const json_t *other = json_object_get(conditions[1], name);

		if (other == NULL || json_equal(value, other) || differing++ > 0)
			continue;
		labels[0] = condition_label(name, value);
		labels[1] = condition_label(name, other);
	}
	for (int side = 0; side < MAX_SIDES; side++)
		json_decref(conditions[side]);

	if (environments[0]->server_version_num != environments[1]->server_version_num)
	{
		differing = 1;
		for (int side = 0; side < MAX_SIDES; side++)
		{
			free(labels[side]);
			labels[side] = xasprintf("PostgreSQL %s", environments[side]->server_version != NULL ?
									 environments[side]->server_version : "");
		}
	}
	for (int side = 0; side < MAX_SIDES; side++)
	{
		if (figures->sides[side].label == NULL && differing == 1 &&
			strlen(labels[0]) <= LONGEST_LABEL && strlen(labels[1]) <= LONGEST_LABEL)
			figures->sides[side].label = xstrdup(labels[side]);
	}
	for (int side = 0; side < MAX_SIDES; side++)
		free(labels[side]);
}

void
make_sides(Making *making)
{
	static const char *const letters[MAX_SIDES] = {"A", "B"};
	const Measured *measured = making->measured;
	const FiguresContext *context = making->context;
	Figures    *figures = making->figures;

	figures->nsides = measured->parameters->nsides;
	for (int s = 0; s < figures->nsides; s++)
	{
		Side	   *side = &figures->sides[s];
		const char *label = measured->parameters->labels[s];

		side->label = label != NULL ? xstrdup(label) : NULL;
		side->conninfo = context->conninfos[s] != NULL ? redact_password(context->conninfos[s]) : NULL;
		side->protocol = context->protocols[s];
		side->environment = context->environments[s];
		memset(&context->environments[s], 0, sizeof(Environment));
		make_backend(measured, s, &side->backend);
		side->tcp_rtt_ms = measured->tcp_rtt_ms[s];
		side->tcp_retransmits = measured->tcp_retransmits[s];
		make_moves(measured, s, side);
	}
	if (figures->nsides == 2)
		name_by_conditions(figures);
	for (int s = 0; s < figures->nsides; s++)
	{
		if (figures->sides[s].label == NULL)
			figures->sides[s].label = xstrdup(letters[s]);
	}
}
