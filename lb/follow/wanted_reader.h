/* The services of a line of lb-discovery, as the pool wants them. Thread: control. */
#ifndef LB_FOLLOW_WANTED_READER_H
#define LB_FOLLOW_WANTED_READER_H

#include "lb/follow/reach.h"
#include "lb/follow/serving.h"
#include "lb/pool/pool_wanted.h"

struct wanted_reading {
    /* given */
    struct leading leading; /* which services are served */
    const struct reach *reach;
    /* what comes of it: strings are those of the line, or live in the arena */
    struct pool_wanted wanted; /* only its endpoints and services */
    struct arena names;
    struct text passed_over; /* of services: what lb cannot do */
};

/* Reads the line. To be handed to wanted_reader_forget, unless all that came of it is taken. Fails: false,
 * `problem` names the JSON path and what is wrong. */
bool wanted_reader_read(struct wanted_reading *reading, const json_t *line, struct text *problem);

void wanted_reader_forget(struct wanted_reading *reading);

/* Frees endpoints and services. */
void wanted_reader_free(struct pool_wanted *wanted);

#endif
