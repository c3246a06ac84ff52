/*
 * fields_internal.h
 *	  Where a field is, for fields*.c alone.
 */
#ifndef FIELDS_INTERNAL_H
#define FIELDS_INTERNAL_H

#include "figures/fields.h"

extern void *field_at(const Field *field, const void *structure);
extern int *field_count(const Field *field, const void *structure);

/* how many values there are, one after another from *first, element_size apart */
extern int	field_elements(const Field *field, const void *structure, char **first);
extern size_t element_size(const Field *field);

#endif							/* FIELDS_INTERNAL_H */
