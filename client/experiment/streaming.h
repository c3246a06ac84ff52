/*
 * streaming.h
 *	  The experiment streaming: ways in which many bytes are written and read, each by
 *	  a process of its own, so that its memory is its own and it can be killed.
 *
 * The bytes follow from a seed, so that any part of them can be made, and held against
 * what came back, without the rest.
 */
#ifndef STREAMING_H
#define STREAMING_H

#include <sys/types.h>

#include "experiment/lab.h"
#include "figures/experiment.h"

#define STREAM_WAYS 8

#define LEAST_STREAM INT64_C(1000000)
#define MOST_STREAM INT64_C(256000000)

/* a chunk is whole pages of ours and of large objects (2,048 bytes) */
#define PAGE_BYTES 8000
#define LARGE_CHUNK 1024000
#define SMALL_CHUNK 256000		/* of what has less than four large ones */

/* chunks that a pipeline, or a call of the procedure, holds at once */
#define CHUNKS_AT_ONCE 4

typedef enum Stored
{
	STORED_ONE,					/* a row, with everything in it */
	STORED_CHUNKS,				/* a row a chunk */
	STORED_PAGES,				/* a row a page */
	STORED_OBJECT,				/* a large object */
	STORED_COUNT
} Stored;

/* what a process tells while it works, and after it was killed: in memory that it shares with us */
typedef struct StreamReport
{
	pid_t		backend;
	int64_t		began;			/* instants of now_ns(); 0: not yet */
	int64_t		first_durable;	/* when it knew that something of it is */
	int64_t		ended;
	int64_t		handed;			/* bytes that it had made and handed over; what was there already is not counted */
	int64_t		acknowledged;	/* bytes, from the first on, that it was told are durable */
	int64_t		there;			/* bytes that were recorded already, when it began */
	double		fetch_ms;		/* reading, without comparing */
	double		start_bytes;	/* its memory when it had connected, and the most that it had (VmHWM); NAN: not known */
	double		peak_bytes;
	double		backend_start;	/* the backend's own (RssAnon), and the most above it */
	double		backend_peak;
	bool		done;			/* all is written, or all was read and is what it ought to be */
	char		error[400];		/* empty: none */
} StreamReport;

/* one stream, as the process that works on it sees it */
typedef struct Stream
{
	const struct StreamWay *way;
	const char *schema;
	uint64_t	seed;
	int64_t		bytes;
	int			chunk;			/* bytes, but of the last */
	int			nchunks;
	const SessionSettings *settings;
	Session		session;
	bool	   *recorded;		/* [nchunks]: before it began */
	StreamReport *report;
} Stream;

typedef enum StreamWork
{
	WORK_WRITE,					/* go on with what is recorded */
	WORK_READ_WHOLE,
	WORK_READ_PARTS
} StreamWork;

typedef struct StreamWay
{
	const char *name;
	const char *meaning;		/* a sentence */
	Stored		stored;
	bool		chunked;		/* the client holds a few chunks, and never all */
	bool		resumable;		/* what was acknowledged before a kill stays */
	bool		(*write) (Stream *stream);	/* false with session.error set */
} StreamWay;

enum
{
	WAY_ONE,
	WAY_CALLS,
	WAY_PIPELINE,
	WAY_PROCEDURE,
	WAY_ONE_COMMIT,
	WAY_PAGES,
	WAY_OBJECT,
	WAY_OBJECT_CHUNKS
};

/* ------------------------------------------------------------------------
 * streaming_write.c, streaming_read.c: within the process
 * ------------------------------------------------------------------------
 */

extern const StreamWay stream_ways[STREAM_WAYS];

/* how long chunks of so many bytes are, and how many there are */
extern int	stream_chunk(int64_t bytes);
extern int	stream_chunks(int64_t bytes);

/* the stream's bytes from offset on */
extern void stream_fill(uint64_t seed, int64_t offset, unsigned char *buffer, size_t size);
extern bool stream_is(uint64_t seed, int64_t offset, const unsigned char *bytes, size_t size);

/* the tables in lab->schema; false, with a message */
extern bool stream_tables_make(Lab *lab);

/* what is recorded of it, asked by the process that goes on; false with session.error set */
extern bool stream_find_recorded(Stream *stream);
extern bool stream_read_whole(Stream *stream);
extern bool stream_read_parts(Stream *stream);

/* one statement; NULL with session.error set, else the caller's */
extern PGresult *stream_call(Stream *stream, int id, const char *sql, int nparams, const Oid *types,
							 const Param *params);

/* the bytes of it that are recorded, from the first on; -1, with a message */
extern int64_t stream_recorded(Lab *lab, const StreamWay *way, int64_t bytes);

/* delete it, large objects too; false, with a message */
extern bool stream_delete(Lab *lab, const StreamWay *way);

/* ------------------------------------------------------------------------
 * streaming_process.c
 * ------------------------------------------------------------------------
 */

/* Connect, do it, fill stream->report; false with its error set. */
extern bool stream_work(Stream *stream, StreamWork what, bool server_is_here);

typedef enum Kill
{
	KILL_NONE,
	KILL_CLIENT,				/* SIGKILL */
	KILL_CONNECTION,			/* pg_terminate_backend() */
	KILL_COUNT
} Kill;

/*
 * Do that work in a process of its own, and wait for it.  kill_after_ns: it, or its
 * connection, is killed then.  *killed: that was before its end.  False, with a message,
 * where it failed without having been killed.  Nothing is under way any more then.
 */
extern bool stream_process(Lab *lab, const Stream *stream, StreamWork work, Kill kill, int64_t kill_after_ns,
						   StreamReport *report, bool *killed);

/* ------------------------------------------------------------------------
 * streaming.c, streaming_result.c
 * ------------------------------------------------------------------------
 */

enum
{
	S_WRITE,					/* ms */
	S_FIRST,
	S_CLIENT,					/* bytes */
	S_CLIENT_GROWN,
	S_BACKEND,
	S_WAL,
	S_READ,						/* ms */
	S_READ_CLIENT,
	S_READ_BACKEND,
	S_PARTS,
	S_PARTS_CLIENT,
	S_PARTS_BACKEND,
	STREAM_METRICS
};

/* what kills of one way came to */
typedef struct KillCount
{
	int			kills[KILL_COUNT];
	int64_t		most_lost;		/* bytes handed over and not recorded, in one kill */
	double		lost;			/* the sum of all kills */
	double		redone;			/* bytes that going on wrote once more */
	int64_t		acknowledged_lost;	/* acknowledged and not recorded: none, if all is well */
	int64_t		most_acknowledged;	/* that a kill came upon */
	double		peak;			/* the client's memory, of all processes that went on to the end */
} KillCount;

typedef struct Streaming
{
	int			nsizes;
	int64_t		sizes[MAX_SIZES];
	int			nways;
	int			ways[STREAM_WAYS];	/* of stream_ways[] that can be done here */
	bool		objects;		/* large objects may be made */
	bool		vacuum;			/* pg_largeobject is small, and ours to vacuum */
	double		object_bytes;	/* of pg_largeobject before */
	int64_t		kill_bytes;		/* of the streams that are killed */
	KillCount	kills[STREAM_WAYS];
	bool	   *compared;		/* [cells]: what came back was held against what was written */
	int64_t		verified;		/* bytes that came back as they were written */
	uint64_t	seed;
} Streaming;

/* cell of the plan: of that size and way, -1: not there */
extern int	stream_cell(const Streaming *s, int size, int way);

/* the first of the ways that store in that manner */
extern int	stream_first_stored(Stored stored);

extern void streaming_result(Lab *lab, const Streaming *s, const Plan *plan, ExperimentResult *result);

#endif							/* STREAMING_H */
