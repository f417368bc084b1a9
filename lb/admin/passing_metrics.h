/* The part of /metrics that is counted for each TCP and UDP service: connections, flows, and what they carry. */
#ifndef LB_ADMIN_PASSING_METRICS_H
#define LB_ADMIN_PASSING_METRICS_H

#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* Writes the families lb_tcp_… and lb_udp_…, each only where a listener leads to a service of that kind. `pool` may
 * be NULL; `unrouted` is what was for no service. Borrows. Thread: control. */
void passing_metrics_write(const struct pool *pool, const struct passing *unrouted,
                           struct prometheus_text *writer);

#endif
