/* The part of /metrics that is counted for each service. */
#ifndef LB_ADMIN_SERVICE_METRICS_H
#define LB_ADMIN_SERVICE_METRICS_H

#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

struct service_metrics {
    const struct pool *pool; /* NULL: before the first */
    const char *routed;      /* what "/" leads to, also where nobody has asked for it yet */
    struct traffic unrouted; /* requests that were for no service */
};

/* Writes the families with the label `service`: of what "/" leads to, and of each other one of the
 * pool that has had requests; one of TCP or UDP has `protocol` as well. Borrows. Thread: control. */
void service_metrics_write(const struct service_metrics *metrics, struct prometheus_text *writer);

#endif
