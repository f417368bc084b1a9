/* The part of /metrics that comes and goes with containers. */
#ifndef LB_ADMIN_ENDPOINT_METRICS_H
#define LB_ADMIN_ENDPOINT_METRICS_H

#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* Writes the families of the pool's endpoints, with the labels `service` and `name` (the
 * container's, as cAdvisor has it); endpoints of one name are added up. `pool` may be NULL.
 * Thread: control. */
void endpoint_metrics_write(const struct pool *pool, struct prometheus_text *writer);

#endif
