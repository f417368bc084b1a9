/* One pass over the services that people are told of: those with endpoints, and those without that a route, a
 * listener or the default leads to. Left out is one of TCP or UDP that no listener leads to, as servers of
 * --backend have, which shows nothing that the HTTP service of its name does not show. Thread: control. */
#ifndef LB_ADMIN_SERVICE_WALK_H
#define LB_ADMIN_SERVICE_WALK_H

#include "lb/base/text.h"
#include "lb/pool/pool.h"

struct service_seen {
    struct service *service;
    const struct pool_service *listed; /* NULL: it has no endpoints */
    bool is_default;                   /* what no route holds for goes there */
};

/* Begins as zeroed memory with `pool`, which is borrowed and may be NULL. */
struct service_walk {
    const struct pool *pool;
    unsigned next;
};

/* False: that was the last one. */
bool service_walk_next(struct service_walk *walk, struct service_seen *out);

/* What it is called where all kinds stand side by side: "shop", "shop/tcp", "shop/udp"; of HTTP one that is named
 * "shop/tcp" is "shop/tcp/http". No two have the same. */
void service_walk_append_key(const struct service *service, struct text *out);
void service_walk_append_name_key(const char *name, enum service_kind kind, struct text *out);

#endif
