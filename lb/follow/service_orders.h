/* What the operator ordered of services, by name: which share of their routes' requests they get, kept as
 * other orders are, and until when they are paused, which ends with lb at the latest. A share is forgotten
 * when no route leads to the service any more; a pause outlasts that. Thread: control. */
#ifndef LB_FOLLOW_SERVICE_ORDERS_H
#define LB_FOLLOW_SERVICE_ORDERS_H

#include "lb/pool/pool_wanted.h"

#define SERVICE_ORDERS_PAUSE_MS     30000u
#define SERVICE_ORDERS_PAUSE_MAX_MS 3600000u

/* Zeroed memory has none. */
struct service_orders {
    struct pool_wanted_order *orders; /* each service once; its name is owned */
    unsigned count;
};

void service_orders_fini(struct service_orders *orders);

/* POOL_WANTED_NO_SHARE takes it back. */
void service_orders_share(struct service_orders *orders, const char *service, int percent);

/* 0 ends it. In place of a pause that was there. */
void service_orders_pause(struct service_orders *orders, const char *service, uint64_t until_ms);

/* By the loop's clock; 0: it is not paused. */
uint64_t service_orders_paused_until(const struct service_orders *orders, struct view service);

/* POOL_WANTED_NO_SHARE: nothing is ordered. */
int service_orders_share_of(const struct service_orders *orders, const char *service);

/* Ends the pauses that are over, and says so in the log. True: there were some. */
bool service_orders_expire(struct service_orders *orders, uint64_t now_ms);

/* When that has something to do; UINT64_MAX: never. */
uint64_t service_orders_next_ms(const struct service_orders *orders);

#endif
