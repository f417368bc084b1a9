/* A question to the system's resolver (lb/base/name_query.h) whose answer comes on a loop. */
#ifndef LB_FOLLOW_LOOKUP_H
#define LB_FOLLOW_LOOKUP_H

#include <uv.h>

#include "lb/base/name_query.h"

struct lookup;

/* Asks for `host`; the answer comes on the loop's thread, and the lookup ends with it. Copies.
 * Fails: the answer says so. Thread: control, as for all of this module. */
struct lookup *lookup_start(uv_loop_t *loop, const char *host, uint16_t port,
                            void (*on_answer)(void *owner, const struct name_query_answer *answer),
                            void *owner);

/* Nobody waits for the answer any more. The loop must run once more. */
void lookup_abandon(struct lookup *lookup);

#endif
