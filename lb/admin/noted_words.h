/* A request that is over, for people: /requests, and "seen" of /events. */
#ifndef LB_ADMIN_NOTED_WORDS_H
#define LB_ADMIN_NOTED_WORDS_H

#include "lb/admin/pool_page.h"
#include "lb/observe/noted.h"

/* Fields without the braces: time, request_id, client, listener, route, service, endpoint, name, method, host, path, status,
 * end, ms, attempts; what is not known is left out. Borrows. Thread: control. */
void noted_words_write(const struct noted *noted, const struct pool_page *page,
                       struct json_writer *json);

/* How it ended: "The server answered 503.", "No server could be reached; one attempt was refused before."; and
 * the array of why others followed its attempts: "sentence", "retried_after". */
void noted_words_write_end(const struct noted *noted, struct json_writer *json);

#endif
