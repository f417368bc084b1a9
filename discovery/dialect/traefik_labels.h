/* The labels of Traefik's Docker provider: traefik.enable, routers with their rules, services and
 * middlewares, as version 3 reads them. A service is called NAME@docker. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_LABELS_H
#define DISCOVERY_DIALECT_TRAEFIK_LABELS_H

#include "discovery/dialect/statement.h"
#include "discovery/dialect/traefik_catalog.h"

/* All is borrowed. */
struct traefik_settings {
    bool
        requires_enable; /* exposedByDefault=false: without traefik.enable=true nothing is routed */
    const char *default_rule; /* of containers without a rule, whatever labels they have; NULL:
                                 Traefik's own, and only for those that have labels of Traefik */
    const char *entry_points; /* those that lb's listeners stand for, "," between; NULL: web,http */
    const char *tls_entry_points; /* the same, of those that end TLS; NULL: websecure,https */
    const struct traefik_catalog
        *catalog; /* of all containers, this one too; NULL: this one alone */
};

/* What they say of a container. `statement` says nothing before. */
void traefik_labels_read(const struct statement_source *source, struct statement *statement);

#endif
