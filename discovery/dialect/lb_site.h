/* A site that lb.* labels tell: a host, a path or a port of the container, and what becomes of them.
 * Thread: the only one. */
#ifndef DISCOVERY_DIALECT_LB_SITE_H
#define DISCOVERY_DIALECT_LB_SITE_H

#include "discovery/dialect/lb_listeners.h"
#include "discovery/dialect/route_wishes.h"

#define LB_SITE_NAME_BYTES_MAX 64u

/* What was said of one site; borrowed from the labels. */
struct lb_site {
    struct view name; /* empty: the container's own */
    struct view host, path, strip, priority, port, weight, protocol, tls;
    struct route_wishes wishes;
    struct service_options of_service;
    struct lb_listeners listeners;
    struct view misspelt; /* a label that may mean an option it is not served without; or empty */
    enum route_option_kind meant; /* by that */
};

/* Its routes, its listeners, its server and what it asks of its service become claims; what cannot be used is told
 * there, and holds what it was said of. */
void lb_site_claim(const struct lb_site *site, const struct statement_source *source,
                   struct claims *claims);

#endif
