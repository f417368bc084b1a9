/* All listeners of TCP and UDP that the port keeper has, in the order in which they came. Thread: control. */
#ifndef LB_RUN_KEPT_PORTS_H
#define LB_RUN_KEPT_PORTS_H

#include "lb/run/kept_port.h"

/* Zeroed memory has none. */
struct kept_ports {
    struct kept_port **all;
    unsigned count;
    struct listener_standings standings; /* of all, in the same order; then those of TLS */
    struct listener_standing *tls;       /* of listeners that are not kept here, as they last */
    unsigned tls_count;
};

/* Gives one that is new (kept_port_new), and stays these ports'. */
struct kept_port *kept_ports_add(struct kept_ports *ports, enum service_kind kind,
                                 const struct address *at, bool is_dynamic);

/* At that address lb itself speaks TLS, from now on. */
void kept_ports_add_tls(struct kept_ports *ports, const struct address *at);
bool kept_ports_has_tls(const struct kept_ports *ports, const struct address *at);

/* NULL: there is none. */
struct kept_port *kept_ports_find(const struct kept_ports *ports, enum service_kind kind,
                                  const struct address *at);

/* How many of containers are open. */
unsigned kept_ports_count_dynamic(const struct kept_ports *ports);

/* Whether others listen at one of them when lb is gone. */
bool kept_ports_last(const struct kept_ports *ports);

/* A look at all that is wanted begins: it has met none yet. */
void kept_ports_forget_met(struct kept_ports *ports);

/* Frees those that are neither wanted nor held by anybody. */
void kept_ports_remove_ended(struct kept_ports *ports);

/* Frees all, and closes what no worker has. */
void kept_ports_fini(struct kept_ports *ports);

#endif
