/* The part of /metrics about certificates. */
#ifndef LB_ADMIN_CERTIFICATE_METRICS_H
#define LB_ADMIN_CERTIFICATE_METRICS_H

#include "lb/admin/acme_orders.h"
#include "lb/certs/certs_picture.h"
#include "lb/observe/prometheus_text.h"

#define CERTIFICATE_METRICS_MAX                                                                    \
    1000u /* certificates with a series of their own: those that run out first */

/* `picture` may be NULL: nothing is written. Borrows. Thread: control. */
void certificate_metrics_write(const struct certs_picture *picture, struct prometheus_text *writer);

/* How many of them are in each state. Borrows. Thread: control. */
void certificate_metrics_write_orders(const struct acme_orders *orders,
                                      struct prometheus_text *writer);

#endif
