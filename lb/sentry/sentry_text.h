/* Foreign text as it goes into an event: not longer than is wanted, cut between characters, without what follows a NUL. Pure. */
#ifndef LB_SENTRY_SENTRY_TEXT_H
#define LB_SENTRY_SENTRY_TEXT_H

#include "lb/base/json_writer.h"

/* The beginning of `foreign`. Borrows. */
struct view sentry_text_cut(struct view foreign, size_t bytes_max);

/* A field, where there is something in it. */
void sentry_text_field(struct json_writer *json, const char *key, struct view foreign,
                       size_t bytes_max);

/* A field by a foreign name. */
void sentry_text_pair(struct json_writer *json, struct view name, size_t name_bytes_max,
                      struct view value, size_t value_bytes_max);

#endif
