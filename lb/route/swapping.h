/* A path in place of that of a request. Pure; for workers and for explain. */
#ifndef LB_ROUTE_SWAPPING_H
#define LB_ROUTE_SWAPPING_H

#include "lb/route/treatment.h"

#define SWAPPING_BYTES_MAX  8192u
#define SWAPPING_ROOM_BYTES (2 * SWAPPING_BYTES_MAX) /* that swapping_find needs */

enum swapping_way {
    SWAPPING_MADE,     /* `*out`; the same path where the regex does not hold */
    SWAPPING_IN_DOUBT, /* the regex takes too many steps */
    SWAPPING_REFUSED,  /* what comes out leads up */
    SWAPPING_TOO_LONG,
};

/* `path` is normalised, and so is `*out`, which is `path` or lies in `room`, or in the treatment. */
enum swapping_way swapping_find(const struct treatment_swap *swap, struct view path,
                                struct pattern_scratch *scratch, char *room, struct view *out);

#endif
