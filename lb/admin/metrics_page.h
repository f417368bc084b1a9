/* /metrics: everything that is counted, for Prometheus. */
#ifndef LB_ADMIN_METRICS_PAGE_H
#define LB_ADMIN_METRICS_PAGE_H

#include "lb/admin/acme_orders.h"
#include "lb/admin/process_facts.h"
#include "lb/certs/certs_picture.h"
#include "lb/admin/service_metrics.h"
#include "lb/admin/settings_facts.h"
#include "lb/follow/publisher.h"
#include "lb/observe/metrics.h"
#include "lb/observe/prometheus_text.h"

struct metrics_page {
    const struct metrics *totals; /* of all workers */
    struct service_metrics services;
    struct passing unrouted; /* connections and flows that were for no service */
    const struct publisher *publisher;
    uint64_t discovery_start_count;      /* 0: no discovery process */
    const struct process_facts *process; /* NULL: nothing is known of it */
    struct settings_facts settings;
    uint64_t log_drop_count;                  /* lines of the access log that nobody took */
    const struct certs_picture *certificates; /* NULL: there are no directories of them */
    const struct acme_orders *acme_orders;    /* NULL: lb-acme gets none */
    bool speaks_tls;                          /* with clients */
    bool is_compatible;                       /* also under the names of the nginx exporter */
    bool is_open;                             /* in OpenMetrics, with exemplars */
};

/* Appends the page to `out`. Borrows everything. Thread: control. */
void metrics_page_write(const struct metrics_page *page, struct text *out);

#endif
