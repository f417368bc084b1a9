/* Requests of a histogram whose trace is known: few, as there may be many histograms; the latest of the quick ones, of
 * the slow ones and of those between. One thread writes, without a lock; others read, and get none of a place that is
 * being written. Zeroed memory has none. */
#ifndef LB_OBSERVE_EXEMPLARS_H
#define LB_OBSERVE_EXEMPLARS_H

#include <stdbool.h>

#include "lb/base/view.h"
#include "lb/observe/histogram.h"

#define EXEMPLARS_TRACE_BYTES 32u

/* Up to 2.5 ms, 100 ms, 5 s, and longer. */
#define EXEMPLARS_PLACE_COUNT 4u

struct exemplars {
    struct exemplars_place {
        counter64 turn; /* odd while it is being written; 0: it never was */
        counter64 trace[EXEMPLARS_TRACE_BYTES / sizeof(uint64_t)]; /* its characters */
        counter64 value_ns;
        counter64 wall_ns;
    } places[EXEMPLARS_PLACE_COUNT];
};

struct exemplar {
    char trace_id[EXEMPLARS_TRACE_BYTES + 1];
    uint64_t value_ns;
    uint64_t wall_ns; /* when it was observed */
};

/* One of that bucket. `trace_id` is not kept where it has another length. Thread: the one writer. */
void exemplars_note(struct exemplars *exemplars, unsigned bucket, struct view trace_id,
                    uint64_t value_ns, uint64_t wall_ns);

/* One of exactly that bucket. False: there is none, or it is being written. Thread: any. */
bool exemplars_read(const struct exemplars *exemplars, unsigned bucket, struct exemplar *exemplar);

/* Each place gets the later one of both. Thread: the writer of `sum`. */
void exemplars_merge(struct exemplars *sum, const struct exemplars *from);

#endif
