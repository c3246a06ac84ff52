/*
 * peers.h
 *	  What DBOS's SDKs take beside ours: the figures that client/peers/json.pl makes of
 *	  what "make peers" left behind, read from its file.
 *
 * Times are in ms; a figure that cannot be had is NAN.
 */
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "statistics/estimate.h"

/* whose figures a row has */
typedef enum PeerKind
{
	PEER_SDK,					/* a real SDK */
	PEER_STATEMENTS,			/* that one's statements, sent from C */
	PEER_OURS,
	PEER_KIND_COUNT
} PeerKind;

/* of a step that trace saw, in the order in which they are shown; they add up */
typedef enum PeerPart
{
	PEER_FUNCTION,				/* function, serialization */
	PEER_BETWEEN,				/* between requests */
	PEER_NETWORK,
	PEER_SERVER,
	PEER_TRACE,					/* what tracing adds */
	PEER_PART_COUNT
} PeerPart;

typedef struct PeerCell
{
	Estimate	time;			/* without tracing */
	Estimate	parts[PEER_PART_COUNT]; /* of runs with it */
	double		round_trips;
	double		bytes_up;
} PeerCell;

typedef struct PeerRow
{
	char	   *name;
	PeerKind	kind;
	int			ncells;			/* as many as the file has */
	PeerCell   *cells;
} PeerRow;

/* all rows at one round-trip time */
typedef struct PeerRtt
{
	double		rtt_ms;			/* made by a proxy; 0: the loopback as it is */
	int			rounds;			/* what intervals are of */
	int			nrows;
	PeerRow    *rows;
} PeerRtt;

typedef struct PeerSdk
{
	char	   *language;
	char	   *version;
} PeerSdk;

/* a size of a step, or a whole of several */
typedef struct PeerSize
{
	char	   *name;
	int64_t		bytes;			/* UNKNOWN: of a whole */
} PeerSize;

typedef struct Peers
{
	char	   *program_version;	/* NULL, as the two below: none of ours was run beside */
	char	   *started_at;
	char	   *server_version;
	int			nsdks;
	PeerSdk    *sdks;
	int			ncells;
	PeerSize   *cells;
	int			nrtts;
	PeerRtt    *rtts;
} Peers;

/* Of such a file; false, with a message on stderr and nothing to free, unless it is one and whole. */
extern bool peers_parse(const char *text, size_t length, const char *path, Peers *peers);
extern void peers_free(Peers *peers);

#endif							/* PEERS_H */
