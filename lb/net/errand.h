/* Work that takes too long for a loop's thread: it is done on a thread of libuv's pool, with less of the
 * CPU than the loops get where it is short, and the loop is told. So many at once, and no more. */
#ifndef LB_NET_ERRAND_H
#define LB_NET_ERRAND_H

#include <stdbool.h>
#include <uv.h>

#include "lb/net/loop.h"

#define ERRAND_MAX 64u /* of one loop, those that wait included */

/* Lies in what the work is about, whose owner keeps it until `on_done`. */
struct errand {
    uv_work_t work;
    struct loop *loop;
    void (*run)(struct errand *errand); /* on a thread of the pool */
    /* On the loop, once, last; `was_run`: else it was called off before it began. */
    void (*on_done)(struct errand *errand, bool was_run);
};

/* Both functions are set. Fails: false, and nothing has happened; too many are under way. Thread: the
 * loop's. */
bool errand_start(struct errand *errand, struct loop *loop);

/* It need not begin any more. Where it has, it ends as if nothing had been said. Thread: the loop's. */
void errand_call_off(struct errand *errand);

#endif
