/* What a line has room for. Where all together ask for more, everybody gets a small share first, the
 * oldest first, and what is left goes round in larger and larger shares: whoever asks for little
 * loses nothing to those who ask for much, and of these the youngest lose first. What was cut is
 * among what is left out, with the reason. Pure. */
#ifndef DISCOVERY_RATION_H
#define DISCOVERY_RATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/demand.h"
#include "discovery/set.h"
#include "lb/base/text.h"

/* How much a line may have. */
struct ration_room {
    size_t routes, endpoints, listeners, left_out;
    size_t bytes;      /* of all of it */
    size_t kept_bytes; /* of these, for nothing but what is left out */
};

/* Zeroed memory is a good start; without a room it is what lb/contract/limits.h says. */
struct ration {
    struct ration_room room;
    struct set set;
    struct ration_cut {
        char *id, *name, *detail;
        uint64_t since_ns;
        bool is_new;
    } * cuts; /* of the latest set, by id */
    size_t cut_count;
    size_t untold_count; /* of what is left out, for which there is no room */
};

/* Gives the set, or what there is room for, sorted and borrowed: valid until the next call and as long
 * as the set is. `is_too_long`: a line of it would be. `wall_ns` is now, for what is newly cut. */
const struct set *ration_take(struct ration *ration, const struct set *set, bool is_too_long,
                              uint64_t wall_ns);

/* Writes a sentence, into an empty text, on those that the latest call was the first to cut, and on what
 * is not told. False: there is nothing to say. */
bool ration_tell(const struct ration *ration, struct text *out);

void ration_fini(struct ration *ration);

#endif
