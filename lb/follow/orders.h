/* What the operator ordered by hand, by endpoint id: kept over snapshots and restarts of discovery,
 * forgotten when the container is gone. Thread: control. */
#ifndef LB_FOLLOW_ORDERS_H
#define LB_FOLLOW_ORDERS_H

#include "lb/follow/membership.h"

struct orders {
    struct order {
        char *id;
        enum endpoint_order order;
        unsigned weight; /* 0: the source's counts */
    } * orders;
    unsigned count;
};

void orders_fini(struct orders *orders);

/* Change one thing, and keep the other, of the endpoint of that id. */
void orders_set(struct orders *orders, const char *id, enum endpoint_order order);
void orders_set_weight(struct orders *orders, const char *id, unsigned weight);

/* Writes the orders into what is wanted. */
void orders_apply(const struct orders *orders, struct pool_wanted *wanted);

/* Forgets those whose container is not known any more. True: there were some. */
bool orders_forget_gone(struct orders *orders, const struct membership *membership);

#endif
