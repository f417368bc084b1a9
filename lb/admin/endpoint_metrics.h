/* The part of /metrics that comes and goes with endpoints. */
#ifndef LB_ADMIN_ENDPOINT_METRICS_H
#define LB_ADMIN_ENDPOINT_METRICS_H

#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* How many endpoints have a histogram of their own; metrics tell how many have not. */
#define ENDPOINT_METRICS_DURATIONS_MAX 1000u

/* Writes the families of the pool's endpoints, with the labels `service`, `name` (the container's, as
 * cAdvisor has it) and `id`, which tells apart endpoints of one name: ports of a container, or what
 * a file names alike. So a series has one endpoint, and goes with it. `pool` may be NULL.
 * Thread: control. */
void endpoint_metrics_write(const struct pool *pool, struct prometheus_text *writer);

#endif
