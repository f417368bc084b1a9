/* One question to the system's resolver, on a thread of its own: it may take its time, also longer
 * than lb lives. */
#ifndef LB_FOLLOW_LOOKUP_H
#define LB_FOLLOW_LOOKUP_H

#include <uv.h>

#include "lb/base/address.h"

#define LOOKUP_ADDRESSES_MAX 64u /* of a name; the rest is not used */

struct lookup_answer {
    struct address addresses[LOOKUP_ADDRESSES_MAX]; /* in the resolver's order */
    unsigned count;
    char problem[128]; /* why there are none; "" else */
};

struct lookup;

/* Asks for `host`; the answer comes on the loop's thread, and the lookup ends with it. Copies.
 * Fails: the answer says so. Thread: control, as for all of this module. */
struct lookup *lookup_start(uv_loop_t *loop, const char *host, uint16_t port,
                            void (*on_answer)(void *owner, const struct lookup_answer *answer),
                            void *owner);

/* Nobody waits for the answer any more. The loop must run once more. */
void lookup_abandon(struct lookup *lookup);

#endif
