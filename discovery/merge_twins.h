/* Servers that several sources have: a container that the swarm and Docker tell, an entry of a catalog that
 * was registered of a container. Each stands once in the whole, as the earlier source tells it, but in
 * the most careful state that any of them gives it. Pure. */
#ifndef DISCOVERY_MERGE_TWINS_H
#define DISCOVERY_MERGE_TWINS_H

#include <stdbool.h>
#include <stddef.h>

#include "discovery/merge_claims.h"
#include "discovery/set.h"

/* One that is told by a later source too. */
struct merge_twin {
    const char *id; /* under which it stands */
    const struct set_endpoint *endpoint;
    size_t part;  /* of the later source */
    bool is_gone; /* what it is the twin of has ended: neither stands */
};

/* Zeroed memory is a good start. */
struct merge_twins {
    struct merge_twin *list; /* of this time; borrows from the parts */
    size_t count, capacity;
    struct merge_twin **containers; /* of the list, those that are a container's; sorted */
    size_t container_count;
    char **known; /* sorted ids of those that an earlier source had, this time and before */
    size_t known_count;
};

void merge_twins_fini(struct merge_twins *twins);

/* Whether two endpoints of the same id are the same port of the same container. */
bool merge_twins_are_one(const struct set_endpoint *one, const struct set_endpoint *other);

/* `endpoint`, of `part`, is told by an earlier source, under `id`. Borrowed until the next settling. */
void merge_twins_add(struct merge_twins *twins, const char *id, const struct set_endpoint *endpoint,
                     size_t part);

/* Whether the endpoint of `claim` does not stand for itself: its twin does, or has ended and the catalog
 * does not know yet, or is left out for a reason that holds for both. Takes it down where it stands. */
bool merge_twins_take(struct merge_twins *twins, const struct merge_part *parts,
                      const struct merge_claims *endpoints, const struct merge_claims *left_out,
                      const struct merge_claim *claim);

/* Gives those in `set`, whose endpoints are sorted by id, the state that they have, and adds them to the
 * services that only a later source has them in. */
void merge_twins_settle(struct merge_twins *twins, struct set *set);

/* After all were settled: whether what `container` asks for in `part` counts no more. */
bool merge_twins_has(const struct merge_twins *twins, struct view container, size_t part);

/* Forgets those of this time, and remembers their ids. */
void merge_twins_end(struct merge_twins *twins);

#endif
