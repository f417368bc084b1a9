/* What has happened, and what is left out: "changes" and "left_out" of /events. */
#ifndef LB_ADMIN_LIVE_NEWS_H
#define LB_ADMIN_LIVE_NEWS_H

#include "lb/admin/live_frame.h"
#include "lb/follow/recent.h"

#define LIVE_NEWS_LEFT_OUT_MAX 200u /* that are told; "left_out_count" has all */

/* Begins as zeroed memory: of which world the left out were told, as looking at all of them costs. */
struct live_news {
    uint64_t pool_version, line_count;
    bool is_told;
};

/* Thread: control. */
void live_news_look(struct live_news *news, const struct live_frame *frame,
                    const struct recent *recent);

#endif
