/*
 * memory_child.c
 *	  One payload in a process of its own, while its memory and its backend's are
 *	  watched: the kernel keeps a process's peak for as long as it lives, and what an
 *	  earlier payload left in the allocator would hide the next one's.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drive/drive.h"
#include "experiment/memory.h"
#include "util/interrupt.h"
#include "util/memory.h"
#include "util/message.h"

/* between two looks at the backend */
#define LOOK_NS 100000

/* how long a child is waited for that says nothing; its calls have their own limit */
#define SILENCE_S 120

/* payload of the call that warms both sides up */
#define WARMUP_BYTES BATCH_STEPS

/* ------------------------------------------------------------------------
 * What the kernel tells of a process
 * ------------------------------------------------------------------------
 */

typedef struct ProcessMemory
{
	double		peak;			/* VmHWM; all in bytes, NAN: not told */
	double		resident;
	double		anonymous;
	double		file;
	double		shared;
	double		data;			/* what RLIMIT_DATA is held against */
	bool		is_server;
} ProcessMemory;

static double
status_bytes(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at != NULL ? 1024.0 * strtod(at + strlen(name), NULL) : NAN;
}

/* False where it tells nothing. */
static bool
read_memory(pid_t pid, ProcessMemory *memory)
{
	char		path[40];
	char		text[4096];
	FILE	   *file;
	size_t		n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
	file = fopen(path, "r");
	if (file == NULL)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	*memory = (ProcessMemory) {
		.peak = status_bytes(text, "\nVmHWM:"),.resident = status_bytes(text, "\nVmRSS:"),
		.anonymous = status_bytes(text, "\nRssAnon:"),.file = status_bytes(text, "\nRssFile:"),
		.shared = status_bytes(text, "\nRssShmem:"),.data = status_bytes(text, "\nVmData:"),
		.is_server = strncmp(text, "Name:\tpostgres", 14) == 0,
	};
	return !isnan(memory->anonymous) && !isnan(memory->peak);
}

bool
memory_is_told(void)
{
	ProcessMemory memory;

	return read_memory(getpid(), &memory);
}

bool
memory_is_told_of_backend(const Lab *lab, pid_t pid)
{
	ProcessMemory memory;

	return environment_server_is_here(lab->environment) && read_memory(pid, &memory) && memory.is_server;
}

/* ------------------------------------------------------------------------
 * The child
 * ------------------------------------------------------------------------
 */

/* what it tells its parent: that it is ready, and then how it went */
typedef struct Word
{
	TryOutcome	outcome;
	pid_t		backend;
	double		client;
	char		message[TRY_MESSAGE_SIZE];
} Word;

/* of the child, for the handler */
static int	word_pipe;
static Word last_word;

static void
say(void)
{
	if (write(word_pipe, &last_word, sizeof(last_word)) != (ssize_t) sizeof(last_word))
		_exit(1);
}

static void
out_of_memory(void)
{
	last_word.outcome = TRY_OUT_OF_MEMORY;
	snprintf(last_word.message, sizeof(last_word.message), "out of memory");
	say();
	_exit(0);
}

/* Without a server's SQLSTATE it is libpq that tells of memory. */
static TryOutcome
outcome_of(const Session *session)
{
	return session->sqlstate[0] == '\0' && session->error != NULL && strstr(session->error, "memory") != NULL ?
		TRY_OUT_OF_MEMORY : TRY_FAILED;
}

bool
memory_run_approach(Lab *lab, const Memory *m, const Approach *approach, Session *session, int64_t size, int row, int64_t workflow)
{
	Parameters	parameters = *lab->options->run;
	Workload	workload;
	WorkflowRun run;
	char		id[WORKFLOW_ID_SIZE];
	bool		good;

	if (approach->reads)
	{
		char		number[24];
		Param		param = {number, 0, false};
		RoundTrip	trip = {0};
		PGresult   *result;
		size_t		length = 0;
		unsigned char *bytes = NULL;

		snprintf(number, sizeof(number), "%d", row);
		if (!session_prepare(session, &m->table.select))
			return false;
		result = session_call(session, &m->table.select, &param, approach->binary, &trip);
		if (result != NULL && !approach->binary)
		{
			bytes = PQunescapeBytea((unsigned char *) PQgetvalue(result, 0, 0), &length);
			if (bytes == NULL)
				out_of_memory();
			PQfreemem(bytes);
		}
		PQclear(result);
		return result != NULL;
	}
	parameters.nsizes = approach->nsteps;
	for (int s = 0; s < approach->nsteps; s++)
		parameters.sizes[s] = size / approach->nsteps;
	parameters.binary = approach->binary;
	parameters.has_seed = false;
	workload_make(&parameters, &workload);
	workflow_run_init(&run, session, &workload, WORKFLOW_MULTIPLE, approach->drive, approach->origin);
	run.random = &lab->random;
	run.workflow_id = id;
	run_workflow_id(id, lab->run_id, false, workflow);
	good = drive_workflow(&run);
	workflow_run_free(&run);
	return good;
}

/* The kernel forgets the peak so far, where it lets us; else a later one is still above it. */
static void
forget_peak(void)
{
	FILE	   *file = fopen("/proc/self/clear_refs", "w");

	if (file == NULL)
		return;
	fputs("5", file);
	fclose(file);
}

static void
wait_for_word(int fd)
{
	char		go;

	while (read(fd, &go, 1) < 0 && errno == EINTR)
		;
}

static void
fail_child(const Session *session)
{
	last_word.outcome = outcome_of(session);
	snprintf(last_word.message, sizeof(last_word.message), "%s", session->error != NULL ? session->error : "the connection was lost");
	say();
	_exit(0);
}

static void
child(Lab *lab, const Memory *m, int approach, int64_t size, int row, double limit, int go)
{
	const Approach *a = &m->approaches[approach];
	Session		session = {0};
	ProcessMemory before;
	ProcessMemory after;

	memset(&last_word, 0, sizeof(last_word));
	last_word.client = NAN;
	if (!session_open(&session, lab->options->settings) ||
		!session_do(&session, "SELECT pg_catalog.set_config('bytea_output', 'hex', false),"
					" pg_catalog.set_config('synchronous_commit', 'off', false)", 0, NULL) ||
		!memory_run_approach(lab, m, a, &session, WARMUP_BYTES, m->size_rows[0], m->nworkflows - 1))
		fail_child(&session);
	last_word.backend = PQbackendPID(session.conn);
	say();
	wait_for_word(go);

	memory_set_handler(out_of_memory);
	forget_peak();
	if (!read_memory(getpid(), &before))
		before.resident = before.data = NAN;
	if (limit > 0)
	{
		rlim_t		most = (rlim_t) (before.data + limit);

		setrlimit(RLIMIT_DATA, &(struct rlimit) {most, most});
	}
	if (!memory_run_approach(lab, m, a, &session, size, row, m->nworkflows))
		fail_child(&session);
	if (read_memory(getpid(), &after))
		last_word.client = after.peak - before.resident;
	last_word.outcome = TRY_DONE;
	say();
	wait_for_word(go);
	session_close(&session);
	_exit(0);
}

/* ------------------------------------------------------------------------
 * Its parent
 * ------------------------------------------------------------------------
 */

/* False: it ended without a word. */
static bool
hear(Lab *lab, int fd, pid_t backend, double *most, int64_t *looks, Word *word)
{
	struct pollfd poller = {.fd = fd,.events = POLLIN};
	int64_t		until = now_ns() + SILENCE_S * NS_PER_S;

	while (!interrupted() && now_ns() < until)
	{
		ProcessMemory memory;
		int			ready = poll(&poller, 1, backend > 0 ? 0 : 100);

		if (ready > 0)
			return read(fd, word, sizeof(*word)) == (ssize_t) sizeof(*word);
		if (backend > 0)
		{
			if (read_memory(backend, &memory))
			{
				*most = fmax(*most, memory.anonymous);
				(*looks)++;
			}
			nanosleep(&(struct timespec) {.tv_nsec = LOOK_NS}, NULL);
		}
		lab_progress(lab, "measuring", 1.0 - lab_seconds_left(lab) / lab->seconds);
	}
	return false;
}

static void
tell(int fd)
{
	/* a child that is gone is seen by its silence */
	if (write(fd, "g", 1) != 1)
		return;
}

/* From its start to what it has to say; what it says of itself is in *word. */
static bool
watch(Lab *lab, const Memory *m, int from, int to, Word *word, Try *tried)
{
	ProcessMemory before = {0};
	ProcessMemory after;
	pid_t		backend = 0;
	double		none = 0.0;
	double		most = 0.0;
	int64_t		no_looks = 0;

	if (!hear(lab, from, 0, &none, &no_looks, word))
		return false;
	if (word->backend == 0)
		return true;
	if (m->sees_backend && read_memory(word->backend, &before))
		backend = word->backend;
	tell(to);
	if (!hear(lab, from, backend, &most, &tried->looks, word))
		return false;
	if (backend > 0 && word->outcome == TRY_DONE && read_memory(backend, &after))
	{
		/* between two looks it may have had more: what was resident at most, less what is shared now, it had at least */
		most = fmax(most, after.peak - after.shared - after.file);
		tried->backend = most - before.anonymous;
		tried->backend_shared = after.shared - before.shared;
	}
	tell(to);
	return true;
}

static bool
start(Lab *lab, const Memory *m, int approach, int64_t size, int row, double limit, pid_t *pid, int *from, int *to)
{
	int			words[2];
	int			goes[2];

	if (pipe(words) != 0)
		return false;
	if (pipe(goes) != 0)
	{
		close(words[0]);
		close(words[1]);
		return false;
	}
	*pid = memory_fork();
	if (*pid == 0)
	{
		close(words[0]);
		close(goes[1]);
		word_pipe = words[1];
		child(lab, m, approach, size, row, limit, goes[0]);
	}
	close(words[1]);
	close(goes[0]);
	*from = words[0];
	*to = goes[1];
	if (*pid > 0)
		return true;
	close(words[0]);
	close(goes[1]);
	return false;
}

bool
memory_try(Lab *lab, Memory *m, int approach, int64_t size, int row, double limit, Try *tried)
{
	Word		word = {0};
	pid_t		pid;
	int			from;
	int			to;
	int			status;
	bool		heard;

	*tried = (Try) {.client = NAN,.backend = NAN,.backend_shared = NAN};
	m->nworkflows += 2;			/* the warm-up's, and its own */
	if (!m->approaches[approach].reads)
		m->undeleted += size;
	if (!start(lab, m, approach, size, row, limit, &pid, &from, &to))
	{
		lab_progress_end(lab);
		print_error("%s: could not start a process: %s", lab->name, strerror(errno));
		lab->failed = true;
		return false;
	}
	heard = watch(lab, m, from, to, &word, tried);
	if (!heard)
		kill(pid, SIGKILL);
	close(from);
	close(to);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (interrupted())
		return false;
	tried->outcome = heard ? word.outcome : TRY_DIED;
	tried->client = word.client;
	snprintf(tried->message, sizeof(tried->message), "%s", word.message);
	if (tried->outcome == TRY_DIED)
		m->died++;
	if (tried->outcome == TRY_DONE || (limit > 0 && tried->outcome != TRY_FAILED))
		return true;
	lab_progress_end(lab);
	print_error("%s: %s, %lld bytes: %s", lab->name, m->approaches[approach].name, (long long) size,
				tried->outcome == TRY_DIED ? "the process ended without a word" : tried->message);
	lab->failed = true;
	return false;
}
