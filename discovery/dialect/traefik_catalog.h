/* What all containers define for Traefik together: a router of one may name a service or a
 * middleware of another. Of two that define the same name otherwise the older one counts, but for
 * middlewares, which protect: such a name then stands for nothing. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_CATALOG_H
#define DISCOVERY_DIALECT_TRAEFIK_CATALOG_H

#include "discovery/dialect/traefik_items.h"

struct traefik_entry {
    const struct traefik_item *item;
    bool is_disputed; /* a later container defines it otherwise */
};

/* Borrows the items. Zeroed memory is empty. */
struct traefik_catalog {
    struct traefik_entry *entries; /* by kind, then by name */
    size_t count;
};

/* Adds what a container defines; the oldest container comes first. */
void traefik_catalog_add(struct traefik_catalog *catalog, const struct traefik_items *items);
void traefik_catalog_fini(struct traefik_catalog *catalog);

/* NULL: there is none. Borrowed until the next change. */
const struct traefik_entry *traefik_catalog_find(const struct traefik_catalog *catalog,
                                                 enum traefik_kind kind, struct view name);

#endif
