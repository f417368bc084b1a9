/* lb's own labels for routes: lb.host, lb.path, lb.strip, lb.priority and the options of routes, as
 * lb.rate, for the service of the container, or for that of the host and the path where nobody has named one; with a name between,
 * lb.shop.host, for the service of that name, whose port may be lb.shop.port. Pure. */
#ifndef DISCOVERY_DIALECT_LB_SITES_H
#define DISCOVERY_DIALECT_LB_SITES_H

#include "discovery/dialect/statement.h"

#define LB_SITES_MAX 64u

/* What they claim. A word that cannot be used is told, and its own site is held: lb answers for it, too
 * where a label that is none may mean an option that keeps somebody out. */
void lb_sites_read(const struct statement_source *source, struct claims *claims);

/* Whether it is one with a name. */
bool lb_sites_is_named(const char *label);

/* Each word that may stand behind lb.NAME. */
const char *lb_sites_word_at(size_t index);

#endif
