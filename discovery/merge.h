/* Puts together what several sources collected. Their order decides: where two have an endpoint of
 * the same id, the first one's counts and the other is left out, with that reason. A service has
 * the endpoints of all of them, and their routes stand one after the other; where two want the same requests, or the
 * same connections of a listener, that is remarked. What is the same server, as containers are told by the
 * swarm, by Docker and by the catalog that they are registered in, is told once, and is no conflict. Pure. */
#ifndef DISCOVERY_MERGE_H
#define DISCOVERY_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "discovery/merge_part.h"
#include "discovery/merge_twins.h"
#include "lb/base/arena.h"
#include "lb/base/text.h"

/* Zeroed memory is a good start. */
struct merge {
    struct set set;
    struct overruled {
        char *id;
        char *detail;
        size_t part;
        uint64_t since_ns;
    } * overruled;
    size_t overruled_count;
    struct merge_twins twins;
    struct arena shared;  /* routes of several sources */
    struct text disputed; /* sentences on routes that another source has for others; may be empty */
    struct text remark;   /* those and what the parts remark */
    char *remark_shown;   /* the same, made fit to be shown */
};

/* Gives the whole, sorted and borrowed: valid until the next call and as long as the parts are. The
 * only part is its own whole. `wall_ns` is now, for the endpoints that are newly overruled. */
const struct set *merge_take(struct merge *merge, const struct merge_part *parts, size_t count,
                             uint64_t wall_ns);

/* Of several parts, after merge_take: it turned out since which of them were not read to the end. */
void merge_note_unread(struct merge *merge, const struct merge_part *parts, size_t count);

void merge_fini(struct merge *merge);

#endif
