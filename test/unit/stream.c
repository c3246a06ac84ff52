/*
 * stream.c
 *	  The ways of the experiment streaming by themselves, so that whoever runs them can
 *	  kill them, or the server, and run them again.  The server is the environment's.
 *
 * stream ways: a line for each: number, chunked, resumable, name.
 * stream tables SCHEMA: makes the tables.
 * stream write SCHEMA WAY BYTES FILE: writes what is not recorded; what it has come to
 *	  stands in FILE, at any time.
 * stream told FILE: prints that: "backend N began N handed N acknowledged N there N peak N done N".
 * stream recorded SCHEMA WAY BYTES: prints how many bytes there are, from the first on.
 * stream read SCHEMA WAY BYTES: reads it in parts, compares, prints the client's peak of memory.
 * stream delete SCHEMA WAY
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "experiment/streaming.h"

#define SEED 13

static const SessionSettings settings = {.conninfo = NULL,.protocol = PROTOCOL_EXTENDED};
static const LabOptions options = {.settings = &settings};

static void
give_up(const char *what)
{
	fprintf(stderr, "stream: %s\n", what);
	exit(1);
}

static StreamReport *
map_report(const char *path)
{
	int			file = open(path, O_RDWR | O_CREAT, 0600);
	void	   *mapped;

	if (file < 0 || ftruncate(file, sizeof(StreamReport)) != 0)
		give_up(path);
	mapped = mmap(NULL, sizeof(StreamReport), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (mapped == MAP_FAILED)
		give_up("mmap");
	return mapped;
}

static void
open_lab(Lab *lab, const char *schema)
{
	lab->options = &options;
	lab->name = "stream";
	snprintf(lab->schema, sizeof(lab->schema), "%s", schema);
	if (!session_open(&lab->control, &settings))
		give_up(lab->control.error);
}

static void
work(const char *schema, int way, int64_t bytes, StreamWork what, StreamReport *report)
{
	Stream		stream = {.way = &stream_ways[way],.schema = schema,.seed = SEED,.bytes = bytes,.chunk = stream_chunk(bytes),
		.nchunks = stream_chunks(bytes),.settings = &settings,.report = report};

	if (!stream_work(&stream, what, false))
		give_up(report->error);
}

int
main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";
	const char *schema = argc > 2 ? argv[2] : "";
	int			way = argc > 3 ? atoi(argv[3]) : 0;
	int64_t		bytes = argc > 4 ? strtoll(argv[4], NULL, 10) : 0;
	StreamReport own = {0};
	Lab			lab = {0};
	bool		done = false;

	if (way < 0 || way >= STREAM_WAYS)
		give_up("there is no such way");
	if (strcmp(command, "ways") == 0)
	{
		for (int i = 0; i < STREAM_WAYS; i++)
			printf("%d %d %d %s\n", i, stream_ways[i].chunked, stream_ways[i].resumable, stream_ways[i].name);
		return 0;
	}
	if (strcmp(command, "told") == 0 && argc == 3)
	{
		const StreamReport *report = map_report(argv[2]);

		printf("backend %d began %" PRId64 " handed %" PRId64 " acknowledged %" PRId64 " there %" PRId64 " peak %.0f done %d\n",
			   (int) report->backend, report->began, report->handed, report->acknowledged, report->there, report->peak_bytes, report->done);
		return 0;
	}
	if (strcmp(command, "write") == 0 && argc == 6)
	{
		work(schema, way, bytes, WORK_WRITE, map_report(argv[5]));
		return 0;
	}
	if (strcmp(command, "read") == 0 && argc == 5)
	{
		work(schema, way, bytes, WORK_READ_PARTS, &own);
		printf("%.0f\n", own.peak_bytes);
		return 0;
	}
	open_lab(&lab, schema);
	if (strcmp(command, "tables") == 0)
		done = stream_tables_make(&lab);
	else if (strcmp(command, "delete") == 0)
		done = stream_delete(&lab, &stream_ways[way]);
	else if (strcmp(command, "recorded") == 0 && argc == 5)
	{
		int64_t		recorded = stream_recorded(&lab, &stream_ways[way], bytes);

		printf("%" PRId64 "\n", recorded);
		done = recorded >= 0;
	}
	else
		give_up("what it takes is said at the top of stream.c");
	session_close(&lab.control);
	return done ? 0 : 1;
}
