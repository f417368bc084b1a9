/* What the middlewares of a router come to. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_TREATMENT_H
#define DISCOVERY_DIALECT_TRAEFIK_TREATMENT_H

#include "discovery/dialect/claims.h"
#include "discovery/dialect/traefik_catalog.h"

#define TRAEFIK_STRIPS_MAX 16u
#define TRAEFIK_RANGES_MAX 64u

struct traefik_treatment {
    struct view strips[TRAEFIK_STRIPS_MAX]; /* the first one that the path begins with goes */
    size_t strip_count;
    struct view add; /* comes before the path then */
    bool is_limited; /* to clients in one of the ranges */
    struct view ranges[TRAEFIK_RANGES_MAX];
    size_t range_count;
    unsigned refused_status; /* 0: it is served; else nothing is, and this is answered */
    char refused[256];       /* why not, a sentence */
};

/* By the option "middlewares" of the router; what cannot be done is told to `claims`, which keep what
 * the treatment borrows, unless nothing may be served without it. */
void traefik_treatment_read(const struct traefik_catalog *catalog,
                            const struct traefik_item *router, struct claims *claims,
                            struct traefik_treatment *out);

#endif
