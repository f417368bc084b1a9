/* Who of several sources has which ids: endpoints, or what is left out. Pure. */
#ifndef DISCOVERY_MERGE_CLAIMS_H
#define DISCOVERY_MERGE_CLAIMS_H

#include <stddef.h>

#include "discovery/merge_part.h"
#include "lb/base/view.h"

/* An entry of a part, by its id. Borrowed. */
struct merge_claim {
    const char *id;
    size_t part;
    size_t at;
};

/* Sorted by id, then by part and place. */
struct merge_claims {
    struct merge_claim *list;
    size_t count;
};

void merge_claims_of_endpoints(const struct merge_part *parts, size_t count,
                               struct merge_claims *out);
void merge_claims_of_left_out(const struct merge_part *parts, size_t count,
                              struct merge_claims *out);
void merge_claims_fini(struct merge_claims *claims);

/* The first one with that id, where its part is before `part`; else NULL. */
const struct merge_claim *merge_claims_find(const struct merge_claims *claims, struct view id,
                                            size_t part);

/* The same for any port of that container. */
const struct merge_claim *merge_claims_find_port_of(const struct merge_claims *claims,
                                                    const char *container, size_t part);

#endif
