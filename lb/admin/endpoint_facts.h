/* An endpoint for /pool and /events. Writes fields without the braces. Borrows. Thread: control. */
#ifndef LB_ADMIN_ENDPOINT_FACTS_H
#define LB_ADMIN_ENDPOINT_FACTS_H

#include "lb/base/json_writer.h"
#include "lb/follow/backends.h"
#include "lb/pool/endpoint.h"

/* What it is and how it is: what seldom changes. */
void endpoint_facts_write(const struct endpoint *endpoint, const struct backends *backends,
                          struct json_writer *json);

/* What was counted of it, and what changes with the time: `now_ms` is by the loop's clock. */
void endpoint_facts_write_counts(const struct endpoint *endpoint, uint64_t now_ms,
                                 struct json_writer *json);

/* The same without what is 0: for many endpoints, each second. */
void endpoint_facts_write_some_counts(const struct endpoint *endpoint, uint64_t now_ms,
                                      struct json_writer *json);

#endif
