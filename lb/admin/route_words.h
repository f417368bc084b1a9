/* A route in words, for people: which requests it is for, what is done with them, who says so. What
 * labels say is in them as it is; who shows them escapes it (lb/base/shown.h). */
#ifndef LB_ADMIN_ROUTE_WORDS_H
#define LB_ADMIN_ROUTE_WORDS_H

#include "lb/base/json_writer.h"
#include "lb/contract/route.h"

/* "host shop.test, path /api, method POST"; "all requests". */
void route_words_append_match(const struct route *route, struct text *out);

/* "not header X-K: v" */
void route_words_append_condition(const struct route_condition *condition, struct text *out);

/* "to the service shop, without /api, with rate 10/s, auth"; "answered with 503, as the middleware auth
 * is not supported". */
void route_words_append_target(const struct route *route, struct text *out);

/* "by lb.path of shop-1 (lb, priority 5)" */
void route_words_append_origin(const struct route *route, struct text *out);

/* All three, one behind the other. */
void route_words_append(const struct route *route, struct text *out);

/* As lines have it, but for what is shown to nobody. */
void route_words_write(const struct route *route, struct json_writer *json);

#endif
