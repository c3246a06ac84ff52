/*
 * peers.c
 *	  The file of client/peers/json.pl, key by key; docs/peers.md says the same in words.
 */
#include <string.h>

#include "figures/field_rows.h"
#include "figures/peers.h"
#include "figures/result_file.h"
#include "util/memory.h"

#define SCHEMA_VERSION 1

static const char *const kind_names[PEER_KIND_COUNT] = {"sdk", "statements", "ours"};

static const char *const part_names[PEER_PART_COUNT] = {
	"application_before", "application_between", "network", "server", "trace"
};

_Static_assert(sizeof(PeerKind) == sizeof(int), "enums are ints");

static const Fields cell_fields = {sizeof(PeerCell), false, (const Field[]) {
	ESTIMATE(PeerCell, "time", time),
	BY_NAME(PeerCell, "parts", parts, part_names, PEER_PART_COUNT, estimate_fields),
	REAL(PeerCell, "round_trips", round_trips),
	REAL(PeerCell, "bytes_up", bytes_up),
	END
}};

static const Fields row_fields = {sizeof(PeerRow), false, (const Field[]) {
	TEXT(PeerRow, "name", name),
	WORD(PeerRow, "kind", kind, kind_names, PEER_KIND_COUNT),
	LIST(PeerRow, "cells", cells, ncells, cell_fields),
	END
}};

static const Fields rtt_fields = {sizeof(PeerRtt), false, (const Field[]) {
	REAL(PeerRtt, "rtt_ms", rtt_ms),
	INT(PeerRtt, "rounds", rounds),
	LIST(PeerRtt, "rows", rows, nrows, row_fields),
	END
}};

static const Fields sdk_fields = {sizeof(PeerSdk), false, (const Field[]) {
	TEXT(PeerSdk, "language", language),
	TEXT(PeerSdk, "version", version),
	END
}};

static const Fields size_fields = {sizeof(PeerSize), false, (const Field[]) {
	TEXT(PeerSize, "name", name),
	COUNTED(PeerSize, "bytes", bytes),
	END
}};

static const Fields peers_fields = {sizeof(Peers), false, (const Field[]) {
	TEXT_OR_NULL(Peers, "program_version", program_version),
	TEXT_OR_NULL(Peers, "started_at", started_at),
	TEXT_OR_NULL(Peers, "server_version", server_version),
	LIST(Peers, "sdks", sdks, nsdks, sdk_fields),
	LIST(Peers, "cells", cells, ncells, size_fields),
	LIST(Peers, "rtts", rtts, nrtts, rtt_fields),
	END
}};

static char *
take_root(const json_t *root, Peers *peers)
{
	const json_t *version = json_object_get(root, "schema_version");
	char	   *error;

	if (!json_is_integer(version) || json_integer_value(version) != SCHEMA_VERSION)
		return xasprintf("its schema_version is not %d, which this program reads of peers", SCHEMA_VERSION);
	if (!fields_read(&peers_fields, root, peers, &error))
		return error;
	for (int i = 0; i < peers->nrtts; i++)
		for (int r = 0; r < peers->rtts[i].nrows; r++)
			if (peers->rtts[i].rows[r].ncells != peers->ncells)
				return xasprintf("key \"rtts[%d].rows[%d].cells\" has %d elements, and \"cells\" %d", i, r,
								 peers->rtts[i].rows[r].ncells, peers->ncells);
	return NULL;
}

bool
peers_parse(const char *text, size_t length, const char *path, Peers *peers)
{
	char	   *error;
	json_t	   *root = result_file_parse(text, length, RESULT_PEERS, &error);

	memset(peers, 0, sizeof(*peers));
	if (root != NULL)
		error = take_root(root, peers);
	json_decref(root);
	if (error != NULL)
		peers_free(peers);
	return result_file_is_good(path, error);
}

void
peers_free(Peers *peers)
{
	fields_free(&peers_fields, peers);
}
