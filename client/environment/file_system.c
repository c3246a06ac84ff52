/*
 * file_system.c
 *	  The file system that the server's data folder is on, where that is a folder
 *	  of this host: what a flush means depends on it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "environment/facts.h"
#include "util/memory.h"

typedef struct FileSystem
{
	unsigned long magic;		/* statfs(2) */
	const char *name;
} FileSystem;

static const FileSystem file_systems[] = {
	{0x01021994, "tmpfs"},
	{0x858458f6, "ramfs"},
	{0xEF53, "ext"},
	{0x58465342, "xfs"},
	{0x9123683E, "btrfs"},
	{0x2FC12FC1, "zfs"},
	{0x794C7630, "overlay"},
	{0xF2F52010, "f2fs"},
	{0x6969, "nfs"},
	{0xFF534D42, "cifs"},
	{0x65735546, "fuse"},
};

/*
 * The transaction log decides what a commit's flush means, and it can be somewhere
 * else than the rest; but not everybody may look into the data folder.
 */
void
file_system_read(Facts *facts)
{
	const char *directory = fact(facts->server, SERVER_DATA_DIRECTORY);
	char	   *wal = xasprintf("%s/pg_wal/.", directory);
	struct statfs status;

	facts->free_bytes = NAN;
	if (*directory == '/' && strcmp(facts->environment->transport, "tcp") != 0 &&
		(statfs(wal, &status) == 0 || statfs(directory, &status) == 0))
	{
		const char *name = "other";

		for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
			if (file_systems[i].magic == ((unsigned long) status.f_type & 0xFFFFFFFF))
				name = file_systems[i].name;
		facts->file_system = xstrdup(name);
		facts->free_bytes = (double) status.f_bavail * (double) status.f_bsize;
	}
	free(wal);
}
