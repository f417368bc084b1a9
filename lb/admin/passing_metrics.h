/* The part of /metrics that is counted for each TCP and UDP service: connections, flows, and what they carry. */
#ifndef LB_ADMIN_PASSING_METRICS_H
#define LB_ADMIN_PASSING_METRICS_H

#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* Writes the families lb_tcp_… and lb_udp_…, each only where a listener leads to a service of that kind. `pool` may
 * be NULL. Borrows. Thread: control. */
void passing_metrics_write(const struct pool *pool, struct prometheus_text *writer);

#endif
