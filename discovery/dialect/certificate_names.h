/* The names of a certificate that a container wishes for, as they are read; and the wish then. What can be in none is told.
 * Pure. */
#ifndef DISCOVERY_DIALECT_CERTIFICATE_NAMES_H
#define DISCOVERY_DIALECT_CERTIFICATE_NAMES_H

#include "discovery/dialect/claims.h"

struct certificate_names {
    struct claims *claims;
    const char *word; /* that says so, for people: "LETSENCRYPT_HOST"; borrowed */
    struct view names[CERTIFICATE_WISH_NAMES_MAX];
    unsigned count;
};

/* Adds it, each once, without blanks around. */
void certificate_names_add(struct certificate_names *names, struct view name);

/* The hosts of routes that requests are served by: those of exactly one name. */
void certificate_names_add_routes(struct certificate_names *names, const struct route *routes,
                                  size_t count);

/* Claims a certificate for them, called as the first one is, as `base` is for the rest; where there are none, nothing. */
void certificate_names_wish(const struct certificate_names *names,
                            const struct certificate_wish *base);

#endif
