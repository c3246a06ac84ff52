/*
 * concurrency.c
 *	  The experiment concurrency: what do many clients get done at once, and on what
 *	  does it stop growing?
 *
 * A cell is some work by so many clients for a moment.  The first plan is closed
 * loops; the second, whose rates follow from it, open ones.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/concurrency.h"
#include "experiment/list.h"
#include "report/text.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/message.h"
#include "util/numbers.h"

#define DEFAULT_CLIENTS 16
#define OTHER_CONNECTIONS 2		/* the lab's own, and the one that watches */

/* each client holds a payload several times over */
#define MOST_BYTES 10000000

/* of the time for closed loops; a slot, and what is around it */
#define CLOSED_SHARE 0.75
#define OPEN_SHARE 0.9			/* of what is left then */
#define LEAST_SLOT_S 0.1
#define AROUND_SLOT_S 0.05

int
work_steps(const LoadWork *work)
{
	return work->drive == DRIVE_CALLS ? 1 : STEPS_AT_ONCE;
}

int
find_cell(const Concurrency *c, int work, int clients)
{
	for (int cell = 0; cell < c->ncells; cell++)
		if (c->cells[cell].work == work && c->cells[cell].clients == clients)
			return cell;
	return -1;
}

double
work_maximum(const Concurrency *c, const Plan *closed, int work, int *clients)
{
	double		highest = NAN;

	for (int l = 0; l < c->nlevels; l++)
	{
		double		steps = plan_median(closed, find_cell(c, work, c->levels[l]), L_STEPS).value;

		if (!(steps > 0) || steps <= highest)
			continue;
		highest = steps;
		*clients = c->levels[l];
	}
	return highest;
}

/* ------------------------------------------------------------------------
 * What there is to measure
 * ------------------------------------------------------------------------
 */

static void
add_work(Concurrency *c, LoadWork work)
{
	c->works = xrealloc(c->works, (size_t) (c->nworks + 1) * sizeof(LoadWork));
	c->works[c->nworks++] = work;
}

static void
add_cell(Concurrency *c, int work, int clients)
{
	c->cells = xrealloc(c->cells, (size_t) (c->ncells + 1) * sizeof(LoadCell));
	c->cells[c->ncells++] = (LoadCell) {work, clients};
}

/* 1, 2, 4 ... and the most; a quick run only the ends and what is between */
static void
make_levels(Concurrency *c, bool quick)
{
	for (int clients = 1; clients < c->clients; clients *= quick ? 4 : 2)
		c->levels[c->nlevels++] = clients;
	c->levels[c->nlevels++] = c->clients;
}

static void
make_cells(const Lab *lab, Concurrency *c)
{
	static const int64_t sizes[] = {1, 10000};
	const Parameters *run = lab->options->run;
	bool		given = lab->options->sizes_given;
	int			nsizes = given ? run->nsizes : lab->options->quick ? 1 : 2;
	bool		lockable = environment_setting(lab->environment, DISTRIBUTION_SETTING) == NULL;

	for (Drive drive = 0; drive < OWN_DRIVES; drive++)
		for (Origin origin = 0; origin < ORIGIN_COUNT; origin++)
			for (int s = 0; s < nsizes && run->drives[drive] && run->origins[origin]; s++)
				add_work(c, (LoadWork) {.drive = drive,.origin = origin,.size = given ? run->sizes[s] : sizes[s]});
	c->nplain = c->nworks;
	for (int work = 0; work < c->nplain; work++)
		for (int l = 0; l < c->nlevels; l++)
			add_cell(c, work, c->levels[l]);

	/*
	 * Steps of one workflow, and the lock, by the first of the works; Citus lets no function
	 * record beside a lock of a distributed row.
	 */
	if (c->works[0].drive == DRIVE_CALLS && c->clients > 1)
		for (int way = 1; way < (lockable ? 4 : 2); way++)
		{
			LoadWork	work = c->works[0];

			work.one_workflow = way != 2;
			work.row_lock = way >= 2;
			add_work(c, work);
			add_cell(c, c->nworks - 1, c->clients);
		}
	c->watched = xcalloc((size_t) c->ncells, sizeof(int64_t));
	c->warm = xcalloc((size_t) c->ncells, sizeof(bool));
}

/*
 * How long a slot of the next block is: what is around the slots, such as connecting and
 * deleting, takes as long as it took in the last block.
 */
static void
choose_slot(Concurrency *c)
{
	int64_t		now = now_ns();
	double		slots = c->plan->ncells;
	double		left = (double) (c->plan_until - now) / (double) NS_PER_S / (c->plan->blocks - c->plan->nblocks + 1);
	double		around = (WARM_SLOT_S + AROUND_SLOT_S) * slots;

	if (c->block_began > 0)
		around = (double) (now - c->block_began) / (double) NS_PER_S - c->slot_s * slots;
	c->slot_s = fmax(LEAST_SLOT_S, (left - around) / slots);
	c->block_began = now;
}

/* Begin a plan that has so many seconds: fewer than ten blocks have an interval too. */
static bool
measure(Lab *lab, Concurrency *c, Plan *plan, double seconds)
{
	plan->seconds = seconds;
	plan->blocks = (int) (seconds / plan->ncells / (LEAST_SLOT_S + WARM_SLOT_S + AROUND_SLOT_S));
	plan->blocks = plan->blocks > PLAN_BLOCKS ? PLAN_BLOCKS : plan->blocks < LEAST_INTERVAL_BLOCKS ? LEAST_INTERVAL_BLOCKS : plan->blocks;
	c->plan = plan;
	c->plan_until = now_ns() + (int64_t) (seconds * (double) NS_PER_S);
	c->block_began = 0;
	return plan_measure(lab, plan);
}

/* ------------------------------------------------------------------------
 * Connections of a block
 * ------------------------------------------------------------------------
 */

static bool
start_workflows(Lab *lab, const Concurrency *c)
{
	char	   *prefix = xstrdup(c->one_id);
	bool		good;

	/* "...:NUMBER", the last colon stays */
	*(strrchr(prefix, ':') + 1) = '\0';
	good = lab_do(lab, "SELECT pg_catalog.count(dbos_payload.start_workflow('%s' OPERATOR(pg_catalog.||) i::pg_catalog.text, 'concurrency'))"
				  " FROM pg_catalog.generate_series(%" PRId64 ", %" PRId64 ") AS i",
				  prefix, c->blocks * (c->clients + 1), c->blocks * (c->clients + 1) + c->clients);
	free(prefix);
	return good;
}

static bool
open_block(Lab *lab, Session *session, void *context)
{
	Concurrency *c = context;
	int64_t		first = c->blocks * (c->clients + 1);

	c->watcher = session;
	memset(c->warm, 0, (size_t) c->ncells * sizeof(bool));
	choose_slot(c);
	run_workflow_id(c->one_id, lab->run_id, false, first + c->clients);
	c->next_step = 0;
	for (int i = 0; i < c->clients; i++)
	{
		run_workflow_id(c->all[i].id, lab->run_id, false, first + i);
		c->all[i].next_step = 0;
		if (!lab_connect(lab, &c->sessions[i]))
			return false;
	}
	if (!start_workflows(lab, c))
		return false;
	c->blocks++;
	return true;
}

static void
close_sessions(Concurrency *c)
{
	for (int i = 0; i < c->clients; i++)
		session_close(&c->sessions[i]);
}

static void
close_block(Lab *lab, Session *session, void *context)
{
	(void) session;
	close_sessions(context);
	if (lab_is_alive(lab))
		lab_delete_workflows(lab);
}

/* ------------------------------------------------------------------------
 * The experiment
 * ------------------------------------------------------------------------
 */

static bool
measure_open(Lab *lab, Concurrency *c, const Plan *closed, Plan *open)
{
	double	   *rates = xcalloc((size_t) c->nplain, sizeof(double));
	bool		good = true;

	for (int work = 0; work < c->nplain; work++)
	{
		int			clients;
		double		steps = lab->options->rate > 0 ? lab->options->rate :
			OPEN_PERCENT / 100.0 * work_maximum(c, closed, work, &clients);

		rates[work] = steps / work_steps(&c->works[work]);
		good = good && rates[work] > 0;
	}
	c->rates = rates;
	open->ncells = c->nplain;
	return good && measure(lab, c, open, OPEN_SHARE * lab_seconds_left(lab));
}

static int
clients_wanted(const Lab *lab, int left)
{
	int			most = left - (OTHER_CONNECTIONS - 1);	/* the lab has its own already */

	if (lab->options->clients > 0)
		return lab->options->clients;
	return most < DEFAULT_CLIENTS ? most : DEFAULT_CLIENTS;
}

static bool
allowed(Lab *lab)
{
	const LabOptions *options = lab->options;
	int			left = environment_connections_left(&lab->control);
	int			clients = options->clients > 0 ? options->clients : 1;
	int			needed = clients + OTHER_CONNECTIONS - 1;

	if (left < 0)
	{
		print_error("%s", lab->control.error != NULL ? lab->control.error : "the connection limits could not be read");
		return false;
	}
	if (needed > left)
	{
		print_error("concurrency: for %d client%s, %d connection%s more %s needed, and the server's, the database's and the role's limits leave %d",
					clients, plural(clients), needed, plural(needed), needed == 1 ? "is" : "are", left);
		print_hint("--clients says how many at most; max_connections and the CONNECTION LIMIT of database and role decide how many there can be");
		return false;
	}
	for (int i = 0; i < options->run->nsizes && options->sizes_given; i++)
		if (options->run->sizes[i] > MOST_BYTES)
		{
			print_error("concurrency: a payload has 0 bytes to 10 MB, and not %" PRId64 " bytes: each client holds it", options->run->sizes[i]);
			return false;
		}
	return true;
}

static int64_t
largest_size(const Concurrency *c)
{
	int64_t		largest = 0;

	for (int work = 0; work < c->nworks; work++)
		largest = c->works[work].size > largest ? c->works[work].size : largest;
	return largest;
}

static void
free_all(Concurrency *c)
{
	for (int w = 0; w < c->nwaits; w++)
	{
		free(c->waits[w].name);
		free(c->waits[w].counts);
	}
	free(c->waits);
	free(c->watched);
	free(c->warm);
	free(c->works);
	free(c->cells);
	free(c->rates);
	free(c->all);
	free(c->sessions);
	free(c->payload);
}

static bool
run_concurrency(Lab *lab, ExperimentResult *result)
{
	Concurrency c = {0};
	Plan		closed = {.nmetrics = L_METRICS,.iterations = 1,.run = run_slot,.open = open_block,.close = close_block,.context = &c};
	Plan		open = closed;
	int			left = environment_connections_left(&lab->control);
	bool		good;

	c.clients = clients_wanted(lab, left);
	if (c.clients < 1)
	{
		lab_progress_end(lab);
		print_error("concurrency: there are no connections left for clients");
		return false;
	}
	c.all = xcalloc((size_t) c.clients, sizeof(LoadClient));
	c.sessions = xcalloc((size_t) c.clients, sizeof(Session));
	make_levels(&c, lab->options->quick);
	make_cells(lab, &c);
	c.payload = xcalloc((size_t) largest_size(&c) + 1, 1);
	lab_fill(lab, c.payload, (size_t) largest_size(&c), 0);
	closed.ncells = c.ncells;
	good = measure(lab, &c, &closed, CLOSED_SHARE * lab->seconds) && lab_goes_on(lab) && closed.nvalues > 0 && measure_open(lab, &c, &closed, &open);
	close_sessions(&c);
	good = good || !lab->failed;
	concurrency_result(lab, &c, &closed, &open, result);
	plan_free(&closed);
	plan_free(&open);
	free_all(&c);
	return good;
}

const Experiment experiment_concurrency = {
	.name = "concurrency",
	.summary = "what many clients at once get done, and on what it stops",
	.question = "How many steps a second do 1, 2, 4 ... clients get done at once, and on what does it stop growing?",
	.needs = "it writes as fast as the server takes it, into dbos_payload's own tables, and deletes those rows again; vacuum gives their room back",
	.seconds = 100,
	.quick_seconds = 15,
	.uses = USES_SIZES | USES_DRIVES | USES_ORIGINS | USES_RATE | USES_CLIENTS,
	.needs_extension = true,
	.allowed = allowed,
	.run = run_concurrency,
};
