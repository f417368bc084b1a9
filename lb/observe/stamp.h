/* Wall-clock time as logs write it. The text of a second is made once and kept. */
#ifndef LB_OBSERVE_STAMP_H
#define LB_OBSERVE_STAMP_H

#include "lb/observe/line.h"

/* Zeroed memory is ready. */
struct stamp {
    uint64_t second; /* that the texts below are of */
    unsigned nanosecond;
    char iso[20]; /* 2026-11-22T02:30:00. */
    char clf[20]; /* 22/Nov/2026:02:30:00 */
    bool is_made;
};

/* Nanoseconds since 1970, for all calls that follow. */
void stamp_set(struct stamp *stamp, uint64_t wall_ns);

/* 2026-11-22T02:30:00.123456Z, as RFC 3339. */
void stamp_put_iso(const struct stamp *stamp, struct line *line);

/* 22/Nov/2026:02:30:00 +0000, as Apache. */
void stamp_put_clf(const struct stamp *stamp, struct line *line);

/* 22/Nov/2026:02:30:00.123, as haproxy. */
void stamp_put_haproxy(const struct stamp *stamp, struct line *line);

#endif
