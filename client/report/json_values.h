/*
 * json_values.h
 *	  Values of the result file: what is unknown is null.
 */
#ifndef JSON_VALUES_H
#define JSON_VALUES_H

#include <stdint.h>

#include <jansson.h>

#include "statistics/model.h"
#include "statistics/stats.h"

/*
 * From here on jansson's memory ends the program where there is none, so that
 * no value is ever left out in silence.
 */
extern void json_values_begin(void);

/* all return a new reference */
extern json_t *real_or_null(double value);
extern json_t *integer_or_null(int64_t value);

/* NULL is null; where the text is not UTF-8 each byte above 127 becomes "?" */
extern json_t *string_or_null(const char *text);

/* text that can be a connection string, without its password */
extern json_t *redacted_or_null(const char *text);

/* the object of times that the whole file is made of */
extern json_t *times_json(const Summary *summary);

/* put a new reference under a key */
extern void put(json_t *object, const char *key, json_t *value);

/* json_model.c: what the measured curve predicts */
extern json_t *model_json(const Result *result);

#endif							/* JSON_VALUES_H */
