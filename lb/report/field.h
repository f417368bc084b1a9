/* Fields of a foreign JSON object: what is not there, or of another type, is not given. Pure. */
#ifndef LB_REPORT_FIELD_H
#define LB_REPORT_FIELD_H

#include <jansson.h>
#include <stdbool.h>

#include "lb/base/view.h"
#include "lb/sentry/sentry_event.h"

/* Borrowed; empty: there is no such text. */
struct view field_text(const json_t *object, const char *name);

/* Finite and not below zero. */
bool field_number(const json_t *object, const char *name, double *out);

/* Seconds since 1970 as nanoseconds; `otherwise` where it is none of this century. */
uint64_t field_timestamp(const json_t *object, uint64_t otherwise);

/* "debug" … "fatal", also "warn"; `otherwise` where it is none. */
enum sentry_level field_level(const json_t *object, enum sentry_level otherwise);

/* A number, a truth or a text as text; anything else as JSON. Gives: free(). NULL: null, or too deep. */
char *field_as_text(const json_t *value);

#endif
