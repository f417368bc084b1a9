/* TLS handshakes with clients, in metrics. */
#ifndef LB_ADMIN_HANDSHAKE_METRICS_H
#define LB_ADMIN_HANDSHAKE_METRICS_H

#include "lb/observe/handshakes.h"
#include "lb/observe/prometheus_text.h"

/* Thread: control. */
void handshake_metrics_write(const struct handshakes *handshakes, struct prometheus_text *writer);

#endif
