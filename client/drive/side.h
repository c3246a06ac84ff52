/*
 * side.h
 *	  One side of a run: a control connection for as long as the run lives, and one
 *	  for measuring that is made anew for every block.
 */
#ifndef SIDE_H
#define SIDE_H

#include "drive/baselines.h"
#include "drive/leftovers.h"
#include "drive/schemas.h"
#include "pg/session.h"
#include "sample/measured.h"

typedef struct RunSide
{
	const SessionSettings *settings;
	Session		control;
	Session		session;		/* of the current block */
	bool		connected;		/* session is there */
	bool		direct;			/* no pooler: what a session is told, it keeps */
	bool		has_extension;	/* without it nothing is timed in the server */
	bool		others_times;	/* what times its steps is asked on their workflow's node (Citus) */
	bool		has_tables;		/* its own, or the portable part's; else there are profiles alone */
	ProfileSchemas schemas;
	bool		has_usage;		/* dbos_payload.backend_usage() can be called */
	bool		has_track_cpu;
	char	   *server;			/* host:port that it began on */
	bool		waits_for_standby;	/* its commits do, until it is told otherwise */
	char		run_id[RUN_ID_SIZE];
	Baselines	baselines;
	bool		baselines_open;
	char		baselines_id[WORKFLOW_ID_SIZE];
	int64_t		undeleted_bytes;	/* of payloads, written since rows were last deleted */
} RunSide;

/* the control connection; false with side->control.error set, which is to be closed either way */
extern bool side_open(RunSide *side, const SessionSettings *settings);

/* after the extension was found: live on the server as that run, see what it has */
extern bool side_begin(RunSide *side, const char *run_id);
extern void side_close(RunSide *side);

/*
 * A connection for measuring, with the settings that the formats of payloads
 * depend on.  False with session->error set; it is to be closed either way.
 */
extern bool side_connect(const RunSide *side, Session *session);

/* the control connection again, where it was lost; false with control.error set */
extern bool side_control_again(RunSide *side);

/*
 * Make what profiles write into; delete the run's rows of this side, those in the
 * profiles' schemas too; drop these.  False with control.error and sqlstate set.
 */
extern bool side_create_schemas(RunSide *side, int number, const Parameters *parameters);
extern bool side_delete_rows(RunSide *side);
extern bool side_drop_schemas(RunSide *side);

/*
 * What the block's backend has used since it began, by its own account; false, with
 * everything in *use unknown, where that cannot be had.  wall_ms is not touched.
 */
extern bool side_usage(RunSide *side, BackendUse *use);

/* dbos_payload.track_cpu of the block's session; false where it cannot be set */
extern bool side_track_cpu(RunSide *side, bool on);

/*
 * Commits of the block's session wait for nobody but the local disk, or again for the
 * standbys too: then for all that was written until now, so that the next commit does not
 * wait for what others wrote.  False where it cannot be done.
 */
extern bool side_commit_locally(RunSide *side, bool on);

#endif							/* SIDE_H */
