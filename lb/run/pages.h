/* What each page of the admin listener says. */
#ifndef LB_RUN_PAGES_H
#define LB_RUN_PAGES_H

#include "lb/config/config.h"
#include "lb/run/access_log.h"
#include "lb/run/admin.h"
#include "lb/run/child.h"
#include "lb/run/publisher.h"

/* Where the pages look; all of it is borrowed. */
struct pages {
    const struct config *config;
    const struct publisher *publisher;
    const struct child *child; /* NULL: no discovery process */
    const struct access_log *access_log;
    bool is_shutting_down;
};

/* The admin listener's `respond`; `owner` is the struct pages. Thread: control. */
void pages_respond(void *owner, struct view path, struct admin_answer *answer);

#endif
