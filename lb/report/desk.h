/* Makes events for Sentry of what is told: incidents and crashes, with the last changes as breadcrumbs; the same once a minute, and not too
 * many of all. Time is given, and where events go, so that it is pure. Messages are foreign: what cannot be read is
 * left out. */
#ifndef LB_REPORT_DESK_H
#define LB_REPORT_DESK_H

#include "lb/report/quota.h"
#include "lb/report/trail.h"

struct desk_options {
    const char *release, *environment, *server_name; /* borrowed */
    bool has_queries;
    void *owner;
    void (*put)(void *owner, const struct sentry_event *event); /* the event is borrowed */
};

struct desk {
    struct desk_options options;
    struct quota quota;
    struct trail trail;
    unsigned limited_count; /* since the last one that was put */
};

enum desk_end {
    DESK_PUT,
    DESK_KEPT,    /* a change: for later */
    DESK_GROUPED, /* the same was put within the last minute */
    DESK_LIMITED, /* too much else was */
    DESK_BROKEN,  /* no such message */
};

/* When it is. */
struct desk_time {
    uint64_t mono_ns, wall_ns;
};

void desk_init(struct desk *desk, const struct desk_options *options);

/* The content of a message of that kind (enum report_kind: REPORT_CHANGE, REPORT_INCIDENT, REPORT_CRASH), without its first byte. */
enum desk_end desk_take(struct desk *desk, char kind, struct view message, struct desk_time time);

#endif
