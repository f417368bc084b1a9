/* What was served, as numbers for Prometheus. Thread: the loop's. */
#ifndef APPSERVER_METRICS_H
#define APPSERVER_METRICS_H

#include <stdint.h>

#include "appserver/answer.h"

#define METRICS_STATUS_END 600

struct metrics {
    uint64_t started_ns;                   /* wall clock */
    uint64_t requests[METRICS_STATUS_END]; /* by the answer's status; 0: none was sent */
    uint64_t body_bytes;
};

/* Everything is zero, and it begins now. */
void metrics_init(struct metrics *metrics);

/* A request is over, and that is its answer, as far as it was sent. */
void metrics_count(struct metrics *metrics, const struct answer *answer);

/* Appends all of them in Prometheus' text format 0.0.4. */
void metrics_write(const struct metrics *metrics, unsigned connection_count, struct text *out);

#endif
