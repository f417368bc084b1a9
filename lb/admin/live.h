/* /events: one JSON object a second about the pool and its traffic, as server-sent events, for
 * those who follow; without followers nothing is computed. */
#ifndef LB_ADMIN_LIVE_H
#define LB_ADMIN_LIVE_H

#include "lb/admin/admin.h"
#include "lb/admin/pool_page.h"
#include "lb/admin/window.h"
#include "lb/follow/recent.h"

#define LIVE_INTERVAL_MS  1000u
#define LIVE_SERVICE_MAX  100u /* of TCP and UDP, of a frame */
#define LIVE_ENDPOINT_MAX 500u /* listed in one object; those that are not ready come first */

struct live_options {
    struct loop *loop;
    struct admin *admin;         /* who follows */
    const struct recent *recent; /* changes */
    /* The pool and its traffic, with the counters of all workers added to `*totals`. */
    struct pool_page (*describe)(const void *owner, struct metrics *totals);
    const void *owner;
};

struct live {
    struct live_options options;
    uv_timer_t second; /* runs while somebody follows */
    struct window window;
    struct text frame;
};

/* Copies the options, borrows what they point to. Thread: control, as for all of this module. */
void live_init(struct live *live, const struct live_options *options);

/* Somebody begins to follow: appends what is known now to `out`; admin_tell goes on with it. */
void live_begin(struct live *live, struct text *out);

/* Closes the timer and forgets what it has kept; the loop must run once more. Idempotent. */
void live_close(struct live *live);

#endif
