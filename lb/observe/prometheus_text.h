/* Writes the Prometheus text format 0.0.4 or OpenMetrics 1.0: families with their samples, escaped,
 * always valid UTF-8. The caller writes each family once, all of its samples together. */
#ifndef LB_OBSERVE_PROMETHEUS_TEXT_H
#define LB_OBSERVE_PROMETHEUS_TEXT_H

#include "lb/base/text.h"
#include "lb/observe/coarse_histogram.h"
#include "lb/observe/exemplars.h"

#define PROMETHEUS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* The same for OpenMetrics, also https://github.com/OpenObservability/OpenMetrics, 1.0. */
#define PROMETHEUS_TEXT_OPEN_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct prometheus_text {
    struct text *out;   /* borrowed */
    const char *family; /* the open one; borrowed */
    bool is_open;       /* OpenMetrics */
};

struct prometheus_label {
    const char *name;  /* NULL ends a list of labels */
    const char *value; /* any bytes but NUL; those that are no UTF-8 become U+FFFD */
};

/* A list of labels in place: PROMETHEUS_LABELS({"service", name}, {"code", "200"}). */
#define PROMETHEUS_LABELS(...)                                                                     \
    ((const struct prometheus_label[]){__VA_ARGS__, {.name = NULL, .value = NULL}})

/* Opens a family. `type`: "counter", whose name ends in _total, "gauge" or "histogram". `help` needs no escapes.
 * Borrows `name` until the next one. */
void prometheus_text_family(struct prometheus_text *writer, const char *name, const char *type,
                            const char *help);

/* One sample of the open family. `labels` may be NULL. */
void prometheus_text_uint(struct prometheus_text *writer, const struct prometheus_label *labels,
                          uint64_t value);

/* As seconds, exactly. */
void prometheus_text_seconds(struct prometheus_text *writer, const struct prometheus_label *labels,
                             uint64_t ns);

/* The buckets, cumulative and up to +Inf, with sum and count. `labels` has at most 6 entries. */
void prometheus_text_histogram(struct prometheus_text *writer,
                               const struct prometheus_label *labels,
                               const struct histogram *histogram);

/* The same with exemplars, which only OpenMetrics has. */
void prometheus_text_traced(struct prometheus_text *writer, const struct prometheus_label *labels,
                            const struct histogram *histogram, const struct exemplars *exemplars);

void prometheus_text_coarse(struct prometheus_text *writer, const struct prometheus_label *labels,
                            const struct coarse_histogram *histogram);

/* After the last family. */
void prometheus_text_end(struct prometheus_text *writer);

#endif
