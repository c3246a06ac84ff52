/*
 * findings.h
 *	  What the figures say, a sentence or two each, and nothing that they do not.
 *
 * A finding is a rule: it has the figures that it needs, it is only said where
 * their intervals bear it out at every size that it speaks of, and it names no
 * cause that was not measured.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include "report/text.h"

/* iterations with the processor's clock read, for a sentence */
#define LEAST_CPU_CALLS 3

typedef enum Topic
{
	TOPIC_DIFFERENCE,			/* of two sides */
	TOPIC_COST,					/* what a checkpoint costs */
	TOPIC_BATCHING,				/* one step per size against one for all */
	TOPIC_WHERE,				/* where the time goes */
	TOPIC_REMEDY,				/* what could be done about it */
	TOPIC_CAVEAT,				/* what the figures do not say, or say only so far */
	TOPIC_COUNT
} Topic;

typedef struct Finding
{
	const char *rule;			/* its name, for tests */
	Topic		topic;
	char	   *text;
} Finding;

typedef struct Findings
{
	char		whose[48];		/* what the next ones begin with, "A: calls, server" or "" */
	int			n;
	int			capacity;
	Finding    *items;
} Findings;

/* of one drive and origin; add to *findings, which is zeroed before the first call */
extern void findings_of_pair(const Pair *pair, Findings *findings);

/* what to keep in mind of every drive and origin, and of the run as one */
extern void findings_of_run(const Figures *figures, Findings *findings);

/* side 1 against side 0 */
extern void findings_of_sides(const Figures *figures, Findings *findings);

/* the headings of topics */
extern const char *const topic_headings[TOPIC_COUNT];

/* headings and lists, topic by topic; of: what a heading adds, "" for nothing */
extern void findings_print(const Findings *findings, const char *of, FILE *out);

extern void findings_free(Findings *findings);

/* for the rules: add a sentence */
extern void finding(Findings *findings, const char *rule, Topic topic, const char *format,...)
			__attribute__((format(printf, 4, 5)));

/* not all steps as one, whose time is that of several round trips: what looks stalled or slow is no sum */
extern bool is_one_call(const Pair *pair, int i);

/* does this share of a cell's calls look like delayed acknowledgements? nothing is concluded from such */
extern bool delayed_acknowledgements(const Cell *cell);
extern bool pair_has_delayed_acknowledgements(const Pair *pair);

/* the rules, by topic */
extern void say_cost(const Pair *pair, Findings *findings);
extern void say_batching(const Pair *pair, Findings *findings);
extern void say_where(const Pair *pair, Findings *findings);
extern void say_remedies(const Pair *pair, Findings *findings);
extern void say_floor(const Pair *pair, Findings *findings);

/* was this phase waiting for processors for a good part of its time? */
extern bool waited_for_processors(const PhaseUse *use);

/* the part that is larger than every other by more than their intervals; METRIC_COUNT: none is */
extern Metric clear_leader(const Cell *cell);

/* the processor's use in the leading part; NULL where that is no phase of the server, or too few calls tell */
extern const PhaseUse *leader_use(const Cell *cell);

#endif							/* FINDINGS_H */
