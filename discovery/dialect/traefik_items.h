/* What the labels of a container define for Traefik: routers, services and middlewares by name, each
 * with its options as they are written. Whether it may be is looked at, what it means is not. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_ITEMS_H
#define DISCOVERY_DIALECT_TRAEFIK_ITEMS_H

#include <jansson.h>

#include "discovery/dialect/traefik_item.h"
#include "lb/base/text.h"

#define TRAEFIK_ITEMS_MAX   512u
#define TRAEFIK_OPTIONS_MAX 128u /* of one item */

/* All is owned. */
struct traefik_items {
    struct traefik_item *items; /* by kind, then by name */
    size_t count;
    char *problem;          /* a sentence: with this mistake none of it counts; or NULL */
    char *enable, *network; /* traefik.enable and traefik.docker.network, or NULL */
    struct text remark;     /* sentences about words that are not supported, "; " between them */
};

/* Borrows the labels, an object or anything else. Gives: traefik_items_fini(). */
void traefik_items_read(const json_t *labels, struct traefik_items *out);
void traefik_items_fini(struct traefik_items *items);

/* Whether there is one of HTTP. */
bool traefik_items_have_http(const struct traefik_items *items);

size_t traefik_items_count(const struct traefik_items *items, enum traefik_kind kind);

#endif
