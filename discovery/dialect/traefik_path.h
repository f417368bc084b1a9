/* Traefik's middlewares that change the path which a backend sees: stripPrefix, stripPrefixRegex,
 * addPrefix, replacePath, replacePathRegex. What lb, which replaces before it strips and strips before it
 * adds, cannot do in their order is refused. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_PATH_H
#define DISCOVERY_DIALECT_TRAEFIK_PATH_H

#include "discovery/dialect/traefik_treatment.h"

void traefik_path_strip(struct traefik_treatment *treatment, const struct traefik_item *item);
void traefik_path_strip_regex(struct traefik_treatment *treatment, const struct traefik_item *item);
void traefik_path_add(struct traefik_treatment *treatment, const struct traefik_item *item);
void traefik_path_replace(struct traefik_treatment *treatment, const struct traefik_item *item);
void traefik_path_replace_regex(struct traefik_treatment *treatment,
                                const struct traefik_item *item);

/* Whether the path is another one than the client's. */
bool traefik_path_is_changed(const struct traefik_treatment *treatment);

#endif
