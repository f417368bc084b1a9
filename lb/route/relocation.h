/* Where a redirect sends a request: the value of Location. Pure; for workers and for explain. */
#ifndef LB_ROUTE_RELOCATION_H
#define LB_ROUTE_RELOCATION_H

#include "lb/route/treatment.h"

#define RELOCATION_BYTES_MAX 8192u

struct relocation {
    struct view scheme; /* by which the request came: "http" or "https" */
    struct view host;   /* with its port, as it was asked for */
    struct view target; /* path and query as they came */
    struct pattern_scratch *scratch;
};

enum relocation_way {
    RELOCATION_NONE, /* it is where it should be: its regex does not hold, or it would come again */
    RELOCATION_MADE, /* `*out` */
    RELOCATION_IN_DOUBT, /* the regex takes too many steps */
    RELOCATION_UNSAFE,   /* what the request says would name the host, or no URL comes out */
    RELOCATION_TOO_LONG,
};

/* Room that relocation_find needs. */
size_t relocation_bound(const struct relocation *of);

/* `*out` lies in `room`. */
enum relocation_way relocation_find(const struct treatment_redirect *redirect,
                                    const struct relocation *of, char *room, struct view *out);

#endif
