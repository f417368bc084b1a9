/* What a router of Traefik says of TLS: by which scheme it is served, and the certificates that it has ordered. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_TLS_H
#define DISCOVERY_DIALECT_TRAEFIK_TLS_H

#include "discovery/dialect/claims.h"
#include "discovery/dialect/traefik_item.h"
#include "discovery/dialect/traefik_rule.h"

/* Which of lb's entry points it names. */
struct traefik_entries {
    bool has_any;     /* it names some, whichever they are */
    bool has_plain;   /* by http */
    bool has_secured; /* by https */
};

/* The scheme by which clients have to come: "http", "https"; empty: either. */
struct view traefik_tls_scheme(const struct traefik_item *router,
                               const struct traefik_entries *entries);

/* Claims the certificates of a router that has a resolver: for each of tls.domains, else one for the hosts of its rule.
 * What is not followed is told. `label` lives as long as the claims. */
void traefik_tls_read(struct claims *claims, const struct traefik_item *router,
                      const struct traefik_rule *rule, struct view label);

#endif
