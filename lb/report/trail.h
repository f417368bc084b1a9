/* The last changes of the pool, which go with each incident as breadcrumbs. Of a fixed size. */
#ifndef LB_REPORT_TRAIL_H
#define LB_REPORT_TRAIL_H

#include <jansson.h>

#include "lb/sentry/sentry_event.h"

#define TRAIL_LENGTH        30u
#define TRAIL_DATA_MAX      8u
#define TRAIL_NAME_BYTES    24u
#define TRAIL_VALUE_BYTES   128u
#define TRAIL_MESSAGE_BYTES 256u

struct trail_change {
    uint64_t timestamp_ns;
    enum sentry_level level;
    char message[TRAIL_MESSAGE_BYTES];
    struct {
        char name[TRAIL_NAME_BYTES], value[TRAIL_VALUE_BYTES];
    } data[TRAIL_DATA_MAX];
    unsigned data_count;
};

/* Zeroed memory: nothing has changed yet. */
struct trail {
    struct trail_change changes[TRAIL_LENGTH]; /* a ring */
    unsigned first, count;
};

/* Copies what is kept of a REPORT_CHANGE. Fails: false, it says nothing. */
bool trail_add(struct trail *trail, const json_t *change, uint64_t wall_ns);

/* As an event has them; views into a trail. */
struct trail_breadcrumbs {
    struct sentry_breadcrumb items[TRAIL_LENGTH];
    struct sentry_pair data[TRAIL_LENGTH][TRAIL_DATA_MAX];
    size_t count;
};

/* The oldest first. Borrows `trail`. */
void trail_list(const struct trail *trail, struct trail_breadcrumbs *out);

#endif
