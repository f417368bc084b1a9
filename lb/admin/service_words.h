/* What is asked of a service as a whole, for people and as JSON. Thread: control. */
#ifndef LB_ADMIN_SERVICE_WORDS_H
#define LB_ADMIN_SERVICE_WORDS_H

#include "lb/base/json_writer.h"
#include "lb/pool/pool_wanted.h"

/* Appends `before` and "balance least-requests, queue 10"; nothing where nothing is asked. A way to balance that
 * this kind of a service cannot follow is marked. */
void service_words_append(const struct pool_wanted *wanted, const char *service,
                          enum service_kind of_kind, const char *before, struct text *out);

/* Writes "options", an object of strings, where something is asked. */
void service_words_write(const struct pool_wanted *wanted, const char *service,
                         struct json_writer *json);

#endif
