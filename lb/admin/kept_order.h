/* Orders for what is no endpoint at the moment: they are kept as long as lines tell of the container, and
 * hold again for what comes back. */
#ifndef LB_ADMIN_KEPT_ORDER_H
#define LB_ADMIN_KEPT_ORDER_H

#include "lb/base/text.h"
#include "lb/follow/publisher.h"

struct kept_order {
    struct text id; /* a container's, or a port's of one */
    bool is_of_container;
    struct text name;          /* as people are told */
    enum endpoint_order other; /* of those meant: an order that is not the wanted one */
    unsigned count;            /* of different ids that are meant */
};

/* The orders that `subject` means, by the names of what is told or left out, or by its id. Gives:
 * kept_order_fini(), either way. False: there is none. Thread: control. */
bool kept_order_find(const struct publisher *publisher, struct view subject,
                     enum endpoint_order wanted, struct kept_order *out);

void kept_order_fini(struct kept_order *kept);

#endif
