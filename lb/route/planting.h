/* Makes an index. The trees of hosts whose rules stay are copied from the index before, the others are
 * made of what is filed. They lie in the order of their hosts, and nothing between them. */
#ifndef LB_ROUTE_PLANTING_H
#define LB_ROUTE_PLANTING_H

#include "lb/route/filing.h"

/* Borrows the rules, of a table that is being made. What `before` has of them, which may be NULL, is
 * taken over. To be handed to route_index_fini. Thread: control. */
void planting_make(struct route_index *index, const struct rule *const *rules, uint32_t count,
                   const struct route_index *before);

#endif
