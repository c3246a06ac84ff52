/*
 * fields_internal.h
 *	  Where a field is, for fields*.c alone.
 */
#ifndef FIELDS_INTERNAL_H
#define FIELDS_INTERNAL_H

#include "figures/fields.h"

extern void *field_at(const Field *field, const void *structure);
extern int *field_count(const Field *field, const void *structure);

/* structures that follow one another at *items: how many */
extern int	field_items(const Field *field, const void *structure, char **items);

#endif							/* FIELDS_INTERNAL_H */
