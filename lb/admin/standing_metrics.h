/* The part of /metrics about what was decided of services, endpoints and containers: panic, orders, who is left out. */
#ifndef LB_ADMIN_STANDING_METRICS_H
#define LB_ADMIN_STANDING_METRICS_H

#include "lb/follow/membership.h"
#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* `pool` may be NULL. Borrows. Thread: control. */
void standing_metrics_write(const struct pool *pool, const struct membership *membership,
                            struct prometheus_text *writer);

#endif
