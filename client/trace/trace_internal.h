/*
 * trace_internal.h
 *	  What the files of the observer share.
 *
 * protocol.c, read_program.c, read_server.c and prepared.c read a connection's messages;
 * turns.c makes turns and units of them (a unit is a transaction, or a statement that
 * is one by itself); steps.c finds the step and workflow that a unit belongs to, across
 * connections, and workflows.c keeps these; trace_figures.c makes figures of what is
 * kept, the numbers in them by summaries.c.
 */
#ifndef TRACE_INTERNAL_H
#define TRACE_INTERNAL_H

#include "engine/patterns.h"
#include "engine/sql_squeeze.h"
#include "trace/trace_figures.h"

/* bounds of memory; what is beyond is counted and said */
#define MOST_TEXTS 4096			/* of statements, for the whole trace */
#define MOST_NAMED 8192			/* prepared statements of a connection */
#define MOST_PORTALS 256		/* of a connection */
#define MOST_EXPECTED 16384		/* answers that a connection waits for */
#define MOST_NAMES 2000			/* of steps, workflows, serializations */
#define MOST_WORKFLOWS 4096		/* at once */
#define MOST_OPEN_STEPS 256		/* of a workflow at once */
#define MOST_OPEN_STEPS_IN_ALL 16384
#define MOST_PENDING 64			/* status reads of a workflow that belong to no step yet */
#define MOST_PENDING_IN_ALL 16384
#define MOST_STEP_SAMPLES (1 << 18)
#define MOST_WORKFLOW_SAMPLES (1 << 17)
#define MOST_SHOWN_TEXTS 16		/* of statements that are not understood */
#define SHOWN_TEXT_SIZE 81

#define WORKFLOW_ID_SIZE 64		/* as it is shown; a longer one is told apart by its hash */
#define NAME_SIZE 96

/* --- texts.c: the texts of statements ----------------------------------- */

typedef struct Text
{
	uint64_t	hash;
	struct Text *next;			/* in the trace's table */
	int			references;
	bool		kept;			/* in the table */
	bool		has_fields;		/* of some statement in it a field is to be taken */
	bool		truncated;
	int			npatterns;		/* at most MOST_STATEMENTS */
	Pattern    *patterns;
	char	   *literals;		/* the short form, where a field is in it; else NULL */
	char		shown[SHOWN_TEXT_SIZE];
} Text;

/* the text in *squeeze, which has ended; keep: it will come again */
extern Text *text_of_statement(Trace *trace, const SqlSqueeze *squeeze, bool keep);
extern Text *text_reference(Text *text);
extern void text_release(Text *text);
extern void texts_free(Trace *trace);

/* --- what was executed -------------------------------------------------- */

/* fields of one statement; a length of -1: not there, or NULL */
typedef struct Values
{
	int			id_length;		/* 0: unknown */
	uint64_t	id_hash;
	char		id[WORKFLOW_ID_SIZE];
	bool		has_function_id;
	int64_t		function_id;
	char		name[NAME_SIZE];
	char		serialization[32];
	int64_t		output_bytes;
	int64_t		error_bytes;
} Values;

extern void values_clear(Values *values);

/* a field's value: of a long one only the first bytes are given; binary: its format */
extern void values_take(Values *values, Field field, const char *bytes, int stored, int64_t length, bool binary);

/* the fields of pattern index that are literals in the text */
extern void values_of_literals(const Text *text, int index, Values *values);

typedef struct Executed
{
	Text	   *text;
	int			index;			/* of text->patterns */
	Values	   *values;			/* NULL: the statement has no fields */
	int64_t		rows;
	int64_t		affected;		/* by the command's tag; -1: none */
	int64_t		first_column;	/* bytes of the first row's first column; -1: none, NULL */
	bool		failed;
} Executed;

extern void executed_free(Executed *executed);

/* --- a connection ------------------------------------------------------- */

typedef enum ExpectedKind
{
	EXPECT_PARSE,
	EXPECT_BIND,
	EXPECT_DESCRIBE,
	EXPECT_CLOSE,
	EXPECT_EXECUTE,
	EXPECT_SYNC,
	EXPECT_QUERY,				/* several answers, then ReadyForQuery */
	EXPECT_FUNCTION
} ExpectedKind;

typedef struct Expected
{
	ExpectedKind kind;
	int64_t		bytes;			/* of its message, and of those before it that want no answer */
	Executed	executed;		/* of EXECUTE and QUERY */
} Expected;

/* a message that is being read, of one direction */
typedef struct Reader
{
	unsigned char head[5];
	int			nhead;			/* of head that is there; 5: in the body */
	char		type;
	int64_t		left;			/* of the body */

	/* what is read of the body: its place in the message, and one thing at a time */
	int			state;
	int64_t		skip;			/* bytes to pass over or to keep, of a value */
	unsigned char small[256];
	int			nsmall;
	uint64_t	hash;			/* of a name */
} Reader;

typedef struct NamedStatement
{
	uint64_t	name;			/* hash */
	Text	   *text;
	struct NamedStatement *next;
} NamedStatement;

#define NAMED_BUCKETS 256

typedef struct Portal
{
	uint64_t	name;
	Text	   *text;
	Values	   *values;
	struct Portal *next;
} Portal;

/* what Bind is at */
typedef struct BindReading
{
	uint64_t	portal;
	Text	   *text;			/* of its statement; NULL: unknown */
	Values	   *values;			/* NULL: none are wanted */
	int			nformats;
	bool		binary[128];	/* of the first parameters; further ones are text */
	int			parameter;		/* from 1 */
	int			nparameters;
	int64_t		length;
} BindReading;

/* a unit: a transaction, or one statement that is one by itself */
typedef struct Unit
{
	int			connection;
	int64_t		start;			/* first byte of the request arrived */
	int64_t		end;			/* last byte of the last answer handed on */
	int64_t		waiting;		/* of its turns, from their first byte on */
	int64_t		sending;		/* of waiting: the first to the last byte of requests */
	int			turns;
	int			gaps;			/* between them */
	int			statements;
	int			transactions;	/* statements by themselves too */
	int64_t		bytes_up;
	int64_t		bytes_down;
	bool		failed;
	unsigned	roles;			/* bits */
	bool		found;			/* the check found the step */
	int64_t		found_bytes;
	int64_t		affected;		/* rows of the record */
	Role		step;			/* CHECK, RECORD or STEP; else UNKNOWN */
	const char *function;		/* of a call */
	char		schema[64];		/* of the record's table */
	Values		step_values;
	Values		workflow_values;	/* of START or END */
	Values		status_values;	/* of a status read, an owner's or a restamp */
	const char *engine;
} Unit;

#define HAS_ROLE(unit, role) (((unit)->roles & (1u << (role))) != 0)

struct TracedConnection
{
	Trace	   *trace;
	int			number;
	bool		opaque;			/* what it says is not understood: only its bytes are counted */
	bool		started;		/* the server was ready once */
	bool		in_copy;		/* the program sends CopyData */
	bool		skipping;		/* after an error in the extended protocol, up to Sync */
	bool		overflown;		/* too much was sent at once: waits for the last ReadyForQuery */
	int64_t		ready_due;		/* ReadyForQuery that are to come */

	Reader		program;
	Reader		server;
	SqlSqueeze	squeeze;
	BindReading bind;
	uint64_t	parse_name;

	NamedStatement *named[NAMED_BUCKETS];
	int			nnamed;
	Portal	   *portals;
	int			nportals;

	Expected   *expected;		/* a ring */
	int			expected_size;
	int			expected_first;
	int			nexpected;

	/* turns.c */
	bool		in_turn;
	int64_t		turn_start;
	int64_t		segment_start;	/* in a turn of several units: where this one's part began */
	bool		turn_counted;	/* a unit has it among its turns */
	int64_t		turn_sending;
	bool		answering;		/* an answer has begun */
	int64_t		up;				/* bytes of messages since something was expected */
	bool		has_unit;
	Unit		unit;
	bool		in_transaction;
};

/* protocol.c: answers that are due */
extern void expect(TracedConnection *connection, ExpectedKind kind, const Executed *executed);
extern Expected *expected_head(TracedConnection *connection);
extern void expected_drop(TracedConnection *connection);	/* the head */
extern void connection_opaque(TracedConnection *connection, const char *why);

/* read_program.c, read_server.c: a piece of the body of the message that is being read */
extern void program_message_begin(TracedConnection *connection);
extern void program_message_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n);
extern void program_message_end(TracedConnection *connection);
extern void server_message_begin(TracedConnection *connection);
extern void server_message_bytes(TracedConnection *connection, const unsigned char *bytes, size_t n);
extern void server_message_end(TracedConnection *connection, int64_t forwarded_ns);

/*
 * prepared.c: by the hashes of their names; where one is, or where it would be.  What
 * is kept owns the text and the values.
 */
extern NamedStatement **find_statement(TracedConnection *connection, uint64_t name);
extern void keep_statement(TracedConnection *connection, uint64_t name, Text *text);
extern void drop_statement(TracedConnection *connection, NamedStatement **at);
extern Portal **find_portal(TracedConnection *connection, uint64_t name);
extern void keep_portal(TracedConnection *connection, uint64_t name, Text *text, Values *values);
extern void drop_portal(TracedConnection *connection, Portal **at);
extern void connection_free_statements(TracedConnection *connection);

/* turns.c */
extern void turn_from_program(TracedConnection *connection, int64_t arrived_ns);
extern void turn_from_server(TracedConnection *connection);
extern void turn_bytes(TracedConnection *connection, int64_t up, int64_t down);
extern void turn_statement(TracedConnection *connection, const Executed *executed);
extern void turn_ready(TracedConnection *connection, char status, int64_t now);
extern void turn_end(TracedConnection *connection, int64_t now);
extern void turn_lost(TracedConnection *connection);

/* --- steps and workflows ------------------------------------------------ */

typedef enum StepState
{
	STEP_OPEN,
	STEP_RECORDED,
	STEP_FAILED,				/* recorded an error */
	STEP_REPLAYED,				/* the check found it */
	STEP_UNFINISHED,
	STEP_STATE_COUNT
} StepState;

extern const char *const step_state_names[STEP_STATE_COUNT];

/* a step as it is kept; times in ns */
typedef struct StepSample
{
	char		workflow_id[WORKFLOW_ID_SIZE];
	const char *engine;
	int			name;			/* index of trace->names */
	int			workflow_name;	/* -1: unknown */
	int			serialization;	/* -1: none */
	int			schema;			/* of its table; -1: unknown */
	int64_t		function_id;
	int64_t		text_bytes;		/* -1: nothing was stored */
	StepState	state;
	bool		checked;		/* its check was seen */
	int			attempts;
	int64_t		start;
	int64_t		end;
	int64_t		before;
	int64_t		between;
	int64_t		waiting;
	int64_t		sending;
	int64_t		check;			/* of waiting */
	int64_t		record;
	int			turns;
	int			gaps_before;
	int			gaps_between;
	int			statements;
	int			transactions;
	int64_t		bytes_up;
	int64_t		bytes_down;
} StepSample;

typedef struct WorkflowSample
{
	const char *engine;
	int			name;
	int			nsteps;
	bool		overlapping;	/* steps at the same time: waiting is no part of the whole */
	int64_t		start;
	int64_t		end;
	int64_t		start_ns;
	int64_t		steps_ns;
	int64_t		end_ns;
	int64_t		waiting;
	int64_t		sending;
	int			turns;
	int			statements;
	int			transactions;
	int64_t		bytes_up;
	int64_t		bytes_down;
	int64_t		text_bytes;
} WorkflowSample;

typedef struct OpenStep
{
	StepSample	sample;
	int			connection;		/* of its record */
	bool		recorded;		/* it may yet be restamped */
	struct OpenStep *next;
} OpenStep;

#define MOST_INTERVALS 64

typedef struct Workflow
{
	char		id[WORKFLOW_ID_SIZE];
	uint64_t	id_hash;
	int			id_length;
	struct Workflow *next;		/* in its bucket */
	struct Workflow *older;		/* by their last use */
	struct Workflow *newer;
	bool		start_seen;
	OpenStep   *steps;			/* the newest first */
	int			nsteps;			/* of the list */
	Unit	   *pending;		/* status reads */
	int			npending;
	int			pending_size;
	int64_t		intervals[MOST_INTERVALS][2];	/* what of its time steps took, in order */
	int			nintervals;
	int64_t		retired_ns;		/* of intervals that are no longer in the list */
	int64_t		summed_ns;		/* of steps, each by itself */
	WorkflowSample sample;
} Workflow;

/* what a unit adds to the sample of a step and to that of a workflow alike */
#define SAMPLE_ADD_UNIT(sample, unit) \
	((sample)->waiting += (unit)->waiting, \
	 (sample)->sending += (unit)->sending, \
	 (sample)->turns += (unit)->turns, \
	 (sample)->statements += (unit)->statements, \
	 (sample)->transactions += (unit)->transactions, \
	 (sample)->bytes_up += (unit)->bytes_up, \
	 (sample)->bytes_down += (unit)->bytes_down)

#define WORKFLOW_BUCKETS 1024

/* steps.c: a unit has ended, and is whole */
extern void steps_unit(Trace *trace, const Unit *unit);

/* workflows.c */
extern Workflow *workflow_find(Trace *trace, const Values *values, bool make);
extern OpenStep *workflow_step(Workflow *workflow, int64_t function_id);
extern OpenStep *workflow_add_step(Trace *trace, Workflow *workflow, int64_t function_id);
extern void workflow_end_step(Trace *trace, Workflow *workflow, OpenStep *step, StepState state);
extern void workflow_start(Trace *trace, Workflow *workflow, const Unit *unit);
extern void workflow_end(Trace *trace, Workflow *workflow, const Unit *unit);
extern void workflow_forget_pending(Trace *trace, Workflow *workflow);
extern void workflow_add_unit(Workflow *workflow, const Unit *unit);

/* what is open when the trace ends */
extern void workflows_finish(Trace *trace);

/* index of a name; the same text is the same index */
extern int	trace_name(Trace *trace, const char *name);

/* --- summaries.c -------------------------------------------------------- */

/* how many slices of n in time order are blocks */
extern int	trace_block_count(int n);

/* of values in time order, of which NANs are left out; sorts them */
extern TraceSummary trace_summarise(double *values, int n);

/* the times, in ms, and volumes of a group's n samples, which are in time order */
extern void steps_summarise(const Trace *trace, const StepSample **samples, int n, StepGroup *group);
extern void workflows_summarise(const Trace *trace, const WorkflowSample **samples, int n, WorkflowGroup *group);

/* --- the trace ---------------------------------------------------------- */

typedef struct RoleCount
{
	int64_t		n;
	int64_t		failed;
} RoleCount;

typedef struct Seen
{
	int64_t		connections;
	int64_t		open;
	int64_t		lost;			/* gone in the middle of something */
	int64_t		turns;
	int64_t		statements;
	int64_t		transactions;
	int64_t		bytes_up;
	int64_t		bytes_down;
	int64_t		errors;
	int64_t		steps[STEP_STATE_COUNT];
	int64_t		workflows;		/* ended */
	int64_t		repeated;		/* records that stored nothing, since the step was there */
	int64_t		steps_not_kept;
	int64_t		workflows_not_kept;
	int64_t		workflows_given_up;
	RoleCount	roles[ROLE_COUNT];
} Seen;

typedef struct ShownText
{
	int64_t		n;
	char		shown[SHOWN_TEXT_SIZE];
} ShownText;

typedef struct NotUnderstood
{
	int64_t		statements;		/* of no known kind */
	int64_t		messages;
	int64_t		not_attributed;	/* of a step, and its workflow could not be told */
	int64_t		connections;
	char		why[128];		/* the last connection's */
	ShownText	texts[MOST_SHOWN_TEXTS];
	int			ntexts;
} NotUnderstood;

struct Trace
{
	char	   *conninfo;
	char	   *server;
	char	   *json_path;
	char	   *samples_path;
	bool		(*also) (void *context, const TraceFigures *figures);
	void	   *context;
	char	   *started_at;
	int64_t		began;
	int64_t		ended;
	TraceCalibration calibration;	/* rounds 0: none */
	Seen		seen;
	NotUnderstood not_understood;

	Text	   *texts[MOST_TEXTS];	/* buckets */
	int			ntexts;
	char	  **names;
	int			nnames;

	Workflow   *workflows[WORKFLOW_BUCKETS];
	Workflow   *oldest;
	Workflow   *newest;
	int			nopen;			/* steps of all */
	int			pending_size;	/* room for status reads of all */
	int			nworkflows;

	StepSample *steps;
	int			nsteps;
	int			steps_size;
	WorkflowSample *ended_workflows;
	int			nended;
	int			ended_size;

	ServerTime *server_time;	/* NULL: there is none */
};

extern void not_understood_text(Trace *trace, const Text *text);

#endif							/* TRACE_INTERNAL_H */
