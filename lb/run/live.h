/* /events: one JSON object a second about the pool and its traffic, as server-sent events, for
 * those who follow; without followers nothing is computed. */
#ifndef LB_RUN_LIVE_H
#define LB_RUN_LIVE_H

#include "lb/run/admin.h"
#include "lb/run/pages.h"
#include "lb/run/window.h"

#define LIVE_INTERVAL_MS  1000u
#define LIVE_ENDPOINT_MAX 500u /* listed in one object; those that are not ready come first */

struct live {
    const struct pages *pages;
    struct admin *admin;
    uv_timer_t second; /* runs while somebody follows */
    struct window window;
    struct text frame;
};

/* Borrows both. Thread: control, as for all of this module. */
void live_init(struct live *live, uv_loop_t *loop, const struct pages *pages, struct admin *admin);

/* Somebody begins to follow: appends what is known now to `out`; admin_tell goes on with it. */
void live_begin(struct live *live, struct text *out);

/* Closes the timer and forgets what it has kept; the loop must run once more. Idempotent. */
void live_close(struct live *live);

#endif
