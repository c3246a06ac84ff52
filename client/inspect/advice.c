/*
 * advice.c
 *	  What could be done, as far as the figures support it.
 *
 * A rule says its sentence where what it speaks of is a tenth of all, and names no
 * cause that was not read: what payloads are cannot be known from their lengths, so
 * where a saving depends on it the sentence says on what.  Times and WAL come from
 * the model of a run, which times one call of the extension a step: an SDK sends
 * more, so what it would save is not less.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "inspect/model.h"
#include "inspect/words.h"
#include "util/memory.h"
#include "util/numbers.h"

/* what a rule speaks of is at least such a share of all, and so many bytes */
#define LEAST_SHARE 0.1
#define LEAST_BYTES 1000000

/* a step that stores a reference stores so much */
#define REFERENCE_BYTES 100

/* outputs from here on could be elsewhere; those from here on are near what a message can have */
#define REFERENCE_DIGITS 7
#define NEAR_DIGITS 9
#define MESSAGE_BYTES 1073741823.0

#define RETENTION_DAYS 30

typedef struct Advisor
{
	Inspection *inspection;
	const Figures *run;			/* NULL: none given */
	const Model *model;			/* NULL: likewise */
} Advisor;

static Advice *
add_advice(Inspection *inspection, const char *rule, const char *format,...)
			__attribute__((format(printf, 3, 4)));

static Advice *
add_advice(Inspection *inspection, const char *rule, const char *format,...)
{
	Advice	   *advice;
	char		text[2000];
	va_list		args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	inspection->advice = xrealloc(inspection->advice, (size_t) (inspection->nadvice + 1) * sizeof(Advice));
	advice = &inspection->advice[inspection->nadvice++];
	*advice = (Advice) {xstrdup(rule), xstrdup(text), NAN, NAN, NAN};
	return advice;
}

static bool
is_much(double part, double all)
{
	return part >= LEAST_BYTES && part >= LEAST_SHARE * all;
}

/* of rows of the last days: how many a day */
static double
per_day(const Inspection *inspection, int64_t recent)
{
	return inspection->recent_days > 0 ? (double) recent / inspection->recent_days : 0.0;
}

/*
 * What a day's rows of that amount would save if each text had so many bytes instead
 * of its mean now, stored as they are.
 */
static void
estimate_shorter(const Advisor *advisor, Advice *advice, const Amount *recent, double text_share, double stored_share)
{
	double		rows = per_day(advisor->inspection, recent->rows);
	double		text = recent->rows > 0 ? (double) recent->text_bytes / (double) recent->rows : 0.0;
	double		stored = recent->rows > 0 ? (double) recent->stored_bytes / (double) recent->rows : 0.0;

	if (advisor->model == NULL)
		return;
	advice->ms_per_day = rows * (model_ms(advisor->model, text) - model_ms(advisor->model, text * text_share));
	advice->wal_bytes_per_day = rows * (model_wal(advisor->model, stored) - model_wal(advisor->model, stored * stored_share));
}

/* formats that are base64, and what another makes of the same value */
static void
advise_encoding(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;

	for (int i = 0; i < inspection->nformats; i++)
	{
		const FormatAmount *f = &inspection->formats[i];
		double		text = (double) f->amount.text_bytes;
		Advice	   *advice;

		if (f->format == NULL || !is_much(text, (double) inspection->steps.text_bytes))
			continue;
		if (strcmp(f->format, "DBOS_JSON") == 0)
			advice = add_advice(inspection, "encoding",
								"DBOS_JSON is base64 around JSON, whatever the value: a quarter of the %s of text in %s outputs is base64's. A portable workflow (portable_json) stores the JSON as it is.",
								short_bytes(text), short_count((double) f->amount.rows));
		else if (strcmp(f->format, "py_pickle") == 0)
			advice = add_advice(inspection, "encoding",
								"py_pickle is base64 around a pickle: a quarter of the %s of text in %s outputs is base64's. Where the values are text, numbers or lists of them, a serializer that writes JSON does without; where they are bytes, nothing is saved, since JSON needs base64 as well.",
								short_bytes(text), short_count((double) f->amount.rows));
		else
			continue;
		advice->bytes = (double) f->amount.stored_bytes / 4.0;
		estimate_shorter(advisor, advice, &f->recent, 0.75, 0.75);
	}
}

/* superjson's arrays of numbers compress, and base64 does not: that much can be read */
static void
advise_buffers(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;

	for (int i = 0; i < inspection->nformats; i++)
	{
		const FormatAmount *f = &inspection->formats[i];
		double		text = (double) f->amount.text_bytes;
		double		stored = (double) f->amount.stored_bytes;
		Advice	   *advice;

		if (f->format == NULL || strcmp(f->format, "js_superjson") != 0 || stored > 0.7 * text ||
			!is_much(text, (double) inspection->steps.text_bytes))
			continue;
		advice = add_advice(inspection, "encoding",
							"js_superjson: %s of text in %s outputs are compressed to %.0f %%, which base64 would not be. Where these are Buffers, each byte of theirs is 3.6 bytes of text (an array of numbers); returned as base64 strings they would be 1.33, and take a quarter less on disk.",
							short_bytes(text), short_count((double) f->amount.rows), 100.0 * stored / text);
		advice->bytes = stored * (1.0 - 1.3334 / 1.7324);
		estimate_shorter(advisor, advice, &f->recent, 1.3334 / 3.5703, 1.3334 / 1.7324);
	}
}

/* many quick steps: each has a commit of its own */
static void
advise_batching(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;

	for (int i = 0; i < inspection->nworkflows && i < 3; i++)
	{
		const NamedWorkflows *w = &inspection->workflows[i];
		double		fewer = (double) w->steps_p50 - 1.0;
		double		workflows = per_day(inspection, w->recent);
		Advice	   *advice;

		if (w->steps_p50 < 3 || !(w->in_steps_p50_ms <= 10.0 * (double) w->steps_p50) || workflows < 1.0)
			continue;
		advice = add_advice(inspection, "batch",
							"Workflows \"%s\" have %" PRId64 " steps in the median, which by their own record take %.0f ms together: each is a commit of its own. Steps that may be repeated together could be one: up to %" PRId64 " commits fewer a workflow, %s a day at the present rate.",
							short_name(w->name, 60), w->steps_p50, w->in_steps_p50_ms, w->steps_p50 - 1,
							short_count(fewer * workflows));
		if (advisor->model != NULL)
		{
			advice->ms_per_day = workflows * fewer * model_ms(advisor->model, 0);
			advice->wal_bytes_per_day = workflows * fewer * model_wal(advisor->model, 0);
		}
	}
}

/* large outputs */
static void
advise_reference(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;
	Amount		large = {0, 0, 0};
	Amount		recent = {0, 0, 0};
	double		mean;
	Advice	   *advice;

	for (int i = REFERENCE_DIGITS; i < inspection->nsizes; i++)
	{
		const SizeClass *size = &inspection->sizes[i];

		large.rows += size->amount.rows;
		large.text_bytes += size->amount.text_bytes;
		large.stored_bytes += size->amount.stored_bytes;
		recent.rows += size->recent.rows;
		recent.text_bytes += size->recent.text_bytes;
		recent.stored_bytes += size->recent.stored_bytes;
	}
	if (!is_much((double) large.text_bytes, (double) inspection->steps.text_bytes))
		return;
	mean = recent.rows > 0 ? (double) recent.text_bytes / (double) recent.rows : REFERENCE_BYTES;
	advice = add_advice(inspection, "reference",
						"%s output%s of 1 MB and more (%.2f %% of all steps) hold%s %.0f %% of the text. A step that puts such bytes into a file or an object store and returns their name stores some %d bytes; the store's own time is not counted here.",
						short_count((double) large.rows), plural(large.rows), 100.0 * (double) large.rows / (double) inspection->steps.rows,
						large.rows == 1 ? "s" : "", 100.0 * (double) large.text_bytes / (double) inspection->steps.text_bytes, REFERENCE_BYTES);
	advice->bytes = (double) large.stored_bytes - (double) large.rows * REFERENCE_BYTES;
	estimate_shorter(advisor, advice, &recent, REFERENCE_BYTES / mean, REFERENCE_BYTES / mean);
}

/* the run's sides, if they are pglz and lz4; false: they are not */
static bool
find_methods(const Figures *run, Model *pglz, Model *lz4)
{
	int			of_pglz = -1;
	int			of_lz4 = -1;

	for (int side = 0; run != NULL && side < run->nsides; side++)
	{
		const char *method = environment_setting(&run->sides[side].environment, "default_toast_compression");

		if (method != NULL && strcmp(method, "pglz") == 0)
			of_pglz = side;
		if (method != NULL && strcmp(method, "lz4") == 0)
			of_lz4 = side;
	}
	return of_pglz >= 0 && of_lz4 >= 0 && run->parameters.compressible > 0 &&
		model_make(run, of_pglz, pglz) && model_make(run, of_lz4, lz4);
}

static void
advise_lz4(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;
	Amount		pglz = {0, 0, 0};
	int			removed;
	Model		of_pglz;
	Model		of_lz4;
	Advice	   *advice;

	for (int i = 0; i < inspection->ncolumns; i++)
		if (inspection->columns[i].pglz.rows > 0)
		{
			pglz.rows += inspection->columns[i].pglz.rows;
			pglz.text_bytes += inspection->columns[i].pglz.text_bytes;
			pglz.stored_bytes += inspection->columns[i].pglz.stored_bytes;
		}
	if (!inspection->has_lz4 || !is_much((double) pglz.text_bytes, (double) inspection->steps.text_bytes))
		return;
	removed = (int) (100.5 - 100.0 * (double) pglz.stored_bytes / (double) pglz.text_bytes);
	if (find_methods(advisor->run, &of_pglz, &of_lz4))
	{
		double		mean = (double) pglz.text_bytes / (double) pglz.rows;

		advice = add_advice(inspection, "lz4",
							"%s values are compressed by pglz, %s to %s. This server has lz4 (ALTER TABLE ... ALTER COLUMN ... SET COMPRESSION lz4, for new values): by the run's two sides a step of %s takes %.3f ms by pglz and %.3f ms by lz4.",
							short_count((double) pglz.rows), short_bytes((double) pglz.text_bytes), short_bytes((double) pglz.stored_bytes),
							short_bytes(mean), model_ms(&of_pglz, mean), model_ms(&of_lz4, mean));
		for (int i = 0; i < inspection->ncolumns; i++)
			if (strcmp(inspection->columns[i].column, "output") == 0 &&
				strcmp(inspection->columns[i].table, "operation_outputs") == 0 && inspection->steps.rows > 0)
			{
				/* as large a part of new steps as of all */
				double		share = (double) inspection->columns[i].pglz.rows / (double) inspection->steps.rows;
				int64_t		recent = 0;

				for (int n = 0; n < inspection->nnames; n++)
					recent += inspection->names[n].recent.rows;
				advice->ms_per_day = share * per_day(inspection, recent) * (model_ms(&of_pglz, mean) - model_ms(&of_lz4, mean));
			}
	}
	else
		add_advice(inspection, "lz4",
				   "%s values are compressed by pglz, %s to %s. This server has lz4 too (ALTER TABLE ... ALTER COLUMN ... SET COMPRESSION lz4, for new values); what it would save was not measured: run --compressible %d CONNINFO --against \"... options='-c default_toast_compression=lz4'\" measures it, for a column without a method of its own.",
				   short_count((double) pglz.rows), short_bytes((double) pglz.text_bytes), short_bytes((double) pglz.stored_bytes), removed);
}

static void
advise_retention(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;
	double		all = 0;

	for (int i = 0; i < inspection->ncolumns; i++)
		all += (double) inspection->columns[i].amount.stored_bytes;
	for (int i = 0; i < inspection->ndeletables; i++)
	{
		const Deletable *d = &inspection->deletables[i];
		double		bytes = (double) (d->steps.stored_bytes + d->own_stored_bytes);

		if (d->days != RETENTION_DAYS || !is_much(bytes, all))
			continue;
		add_advice(inspection, "retention",
				   "%s workflows ended more than %d days ago: with their %s steps they hold %s of payloads, %.0f %% of all. Deleted, that room is there for new rows after a vacuum; the files do not shrink by it.",
				   short_count((double) d->workflows), d->days, short_count((double) d->steps.rows), short_bytes(bytes),
				   fmin(100.0, 100.0 * bytes / all))->bytes = bytes;
	}
}

static void
advise_duplicates(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;
	const Amount *same = &inspection->duplicates.same_length;

	if (is_much((double) same->text_bytes, (double) inspection->steps.text_bytes))
		add_advice(inspection, "duplicates",
				   "%s steps hold a child's result of the same length as the child's own output: %s is stored twice. A child that returns a reference is stored twice as well, and short.",
				   short_count((double) same->rows), short_bytes((double) same->text_bytes))->bytes = (double) same->stored_bytes;
}

/* what no SDK can send */
static void
advise_limit(const Advisor *advisor)
{
	Inspection *inspection = advisor->inspection;
	int64_t		near = 0;

	for (int i = NEAR_DIGITS; i < inspection->nsizes; i++)
		near += inspection->sizes[i].amount.rows;
	if (near > 0 && inspection->nlargest > 0)
		add_advice(inspection, "limit",
				   "%s output%s of 100 MB and more; the largest has %s, %.0f %% of what a message to PostgreSQL, and a value, can have (1 GB). Above it the step cannot be recorded, however often it is tried.",
				   short_count((double) near), plural(near), short_bytes((double) inspection->largest[0].text_bytes),
				   100.0 * (double) inspection->largest[0].text_bytes / MESSAGE_BYTES);
}

void
inspection_advise(Inspection *inspection, const Figures *run)
{
	Model		model;
	Advisor		advisor = {.inspection = inspection, .run = run};

	if (run != NULL && model_make(run, 0, &model))
		advisor.model = &model;
	advise_encoding(&advisor);
	advise_buffers(&advisor);
	advise_batching(&advisor);
	advise_reference(&advisor);
	advise_lz4(&advisor);
	advise_retention(&advisor);
	advise_duplicates(&advisor);
	advise_limit(&advisor);
}
