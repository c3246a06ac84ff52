/*
 * model.h
 *	  What a step costs by the bytes that it stores, of the figures of a run.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>

#include "figures/figures.h"

typedef struct Model
{
	int			n;
	double		bytes[MAX_SIZES];	/* ascending */
	double		ms[MAX_SIZES];	/* mean round trip of a call */
	double		wal[MAX_SIZES]; /* bytes; NAN: unknown */
	Origin		origin;
} Model;

/*
 * Steps by calls of one side, whose payloads the client made where there are such.
 * False where it has fewer than two sizes.
 */
extern bool model_make(const Figures *run, int side, Model *model);

/*
 * By straight lines between the sizes that were measured; beyond the largest by the
 * last two.
 */
extern double model_ms(const Model *model, double bytes);
extern double model_wal(const Model *model, double bytes);

#endif							/* MODEL_H */
