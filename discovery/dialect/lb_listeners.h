/* lb's own labels for TCP and UDP listeners: lb.tcp=LISTENER[:PORT],…, lb.udp, lb.tcp.sni and lb.tcp.alpn,
 * and the same with a name between, for the service of that name. Pure. */
#ifndef DISCOVERY_DIALECT_LB_LISTENERS_H
#define DISCOVERY_DIALECT_LB_LISTENERS_H

#include "discovery/dialect/statement.h"

/* What was said of one service; borrowed from the labels. A NULL view is not said. */
struct lb_listeners {
    struct view tcp, udp, server_names, alpns;
    struct view misspelt_tcp, misspelt_udp; /* labels that may say which connections are meant */
};

/* Whose they are, and what else is said of it. */
struct lb_listeners_owner {
    struct view name; /* empty: the container's own service */
    struct view port; /* that its labels name, or empty */
    bool has_site;    /* it is for requests, too: the port is theirs */
};

/* A word behind lb.tcp. or lb.udp. that is none: whether it may say which connections are meant. */
bool lb_listeners_may_select(struct view word);

/* Their rules become claims. What cannot be used is told, and its rule left out, never widened. */
void lb_listeners_claim(const struct lb_listeners *listeners,
                        const struct lb_listeners_owner *owner,
                        const struct statement_source *source, struct claims *claims);

#endif
