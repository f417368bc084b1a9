/* What lb-discovery last told about itself: that it lives, and what it has counted. */
#ifndef LB_FOLLOW_SIGN_OF_LIFE_H
#define LB_FOLLOW_SIGN_OF_LIFE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/follow/life_source.h"
#include "lb/follow/obstacle.h"

struct sign_of_life {
    json_t *events;  /* word to count; one reference; NULL: never heard of */
    json_t *resyncs; /* likewise */
    bool is_connected;
    uint64_t last_event_ns; /* wall clock; 0: none yet */
    uint64_t last_sync_ns;
    struct obstacle obstacle;                    /* why it does not follow its source */
    bool is_obstacle_told;                       /* by itself, and not found by lb */
    struct life_source sources[LIFE_SOURCE_MAX]; /* where there are several */
    unsigned source_count;
};

void sign_of_life_fini(struct sign_of_life *life);

/* Takes the "alive" of a line (discovery/FORMAT.md). Fails: false, `problem` says what is wrong,
 * and what was known stays. */
bool sign_of_life_read(struct sign_of_life *life, const json_t *alive, struct text *problem);

#endif
