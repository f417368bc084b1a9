/* The latest changes of the pool, for people who look now: what the log has said, kept in memory: some 60 KB,
 * and the names. */
#ifndef LB_FOLLOW_RECENT_H
#define LB_FOLLOW_RECENT_H

#include "lb/base/json_writer.h"
#include "lb/pool/endpoint.h"

#define RECENT_COUNT 200u

/* Zeroed memory is an empty one. */
struct recent {
    struct recent_change {
        uint64_t number;  /* 1, 2, 3 … */
        uint64_t time_ns; /* wall clock */
        char *name;
        char *service;                     /* of several the first one */
        char *id;                          /* of the endpoint */
        enum endpoint_state before, after; /* GONE before: it came; after: it went */
        char problem[160];
        char cause[48];
    } changes[RECENT_COUNT]; /* change n lies at n % RECENT_COUNT */
    uint64_t last_number;    /* 0: none yet */
};

/* Keeps what happened to the endpoint, which has its new state; forgets the oldest. Borrows.
 * Thread: control, as for all of this module. */
void recent_note(struct recent *recent, const struct endpoint *endpoint,
                 enum endpoint_state before);

/* That of the number, borrowed until the next one is noted. NULL: it is forgotten, or has not happened. */
const struct recent_change *recent_at(const struct recent *recent, uint64_t number);

/* Writes a JSON object. Its "endpoint" is the key of /events. */
void recent_write(const struct recent_change *change, struct json_writer *json);

void recent_fini(struct recent *recent);

#endif
