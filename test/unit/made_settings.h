/*
 * made_settings.h
 *	  Settings of servers and hosts that never were, for made-up runs.
 */
#ifndef MADE_SETTINGS_H
#define MADE_SETTINGS_H

#include "environment/environment.h"
#include "util/memory.h"

/* One more in a list; a copy is made of both texts, of which the value may be NULL. */
static inline void
made_setting(Setting **settings, int *n, const char *name, const char *value)
{
	*settings = xrealloc(*settings, (size_t) (*n + 1) * sizeof(Setting));
	(*settings)[*n].name = xstrdup(name);
	(*settings)[*n].value = value != NULL ? xstrdup(value) : NULL;
	(*n)++;
}

#endif							/* MADE_SETTINGS_H */
