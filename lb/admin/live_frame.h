/* What one object of /events is made of, for live*.c. Thread: control. */
#ifndef LB_ADMIN_LIVE_FRAME_H
#define LB_ADMIN_LIVE_FRAME_H

#include "lb/admin/live_differ.h"
#include "lb/admin/pool_page.h"
#include "lb/admin/window.h"

struct live_frame {
    struct live_differ *differ;
    const struct pool_page *page;
    const struct window *window;
    uint64_t span_ms; /* of the window; 0: no rates yet */
    uint64_t number;  /* of looks, for what is looked at in turn */
};

/* A member with three digits; null where it is not known. */
static inline void live_frame_number(struct json_writer *json, const char *key, double value,
                                     bool is_known)
{
    json_writer_key(json, key);
    if (is_known)
        json_writer_rounded(json, value);
    else
        json_writer_null(json);
}

static inline double live_frame_percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100 * (double)part / (double)whole : 0;
}

static inline double live_frame_rate(uint64_t count, uint64_t span_ms)
{
    return span_ms > 0 ? (double)count * 1000 / (double)span_ms : 0;
}

#endif
