/* "totals" and "saturation" of /events. */
#ifndef LB_ADMIN_LIVE_TOTALS_H
#define LB_ADMIN_LIVE_TOTALS_H

#include "lb/admin/live_frame.h"
#include "lb/crew/crew_load.h"
#include "lb/observe/process_stats.h"

/* Descriptors are counted one by one, so not each time. */
#define LIVE_TOTALS_STATS_EVERY 5u

/* Begins as zeroed memory: what is to be known of the look before. */
struct live_totals {
    struct crew_load load; /* of the look before */
    uint64_t load_ms;      /* the loop's clock; 0: there was none */
    struct process_stats stats;
};

/* Thread: control, as for the next. */
void live_totals_look(const struct live_frame *frame);
void live_totals_look_at_load(struct live_totals *totals, const struct live_frame *frame,
                              struct crew *crew);

#endif
