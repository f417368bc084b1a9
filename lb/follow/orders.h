/* What the operator ordered by hand, by the id of an endpoint or of a container, which then means all
 * of its endpoints: kept over snapshots and restarts of discovery. Forgotten when a line tells nothing
 * of the container any more, neither as an endpoint nor as left out; for the order of one port too
 * that alone counts, not whether the line tells that port. Thread: control. */
#ifndef LB_FOLLOW_ORDERS_H
#define LB_FOLLOW_ORDERS_H

#include "lb/follow/membership.h"
#include "lb/follow/service_orders.h"

struct orders {
    struct order {
        char *id;
        enum endpoint_order order;
        unsigned weight; /* 0: the source's counts */
    } * orders;
    unsigned count;
    struct service_orders services;
};

void orders_fini(struct orders *orders);

/* Change one thing, and keep the other, of the endpoint that has that id. */
void orders_set(struct orders *orders, const char *id, enum endpoint_order order);
void orders_set_weight(struct orders *orders, const char *id, unsigned weight);

/* The same of a container whose endpoints are its ports, in place of what was ordered of them. */
void orders_set_of_container(struct orders *orders, const char *container,
                             enum endpoint_order order);
void orders_set_weight_of_container(struct orders *orders, const char *container, unsigned weight);

/* What was kept of that id, no more: another that is kept stays as it is. */
void orders_add(struct orders *orders, const char *id, enum endpoint_order order, unsigned weight);

/* The order that is in force for all of that container; NONE where there is none. */
enum endpoint_order orders_of_container(const struct orders *orders, const char *container);

/* Writes the orders into what is wanted, which borrows those of services; those of an endpoint outrank those of its container. */
void orders_apply(const struct orders *orders, struct pool_wanted *wanted);

/* Forgets those whose container the last line does not tell. True: there were some. */
bool orders_forget_gone(struct orders *orders, const struct membership *membership);

#endif
