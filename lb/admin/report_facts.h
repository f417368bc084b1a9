/* What lb-report has delivered, by its page of counts, and what never got to it. That page is written by another process:
 * what stands there is shown and believed in nothing else. Thread: control. */
#ifndef LB_ADMIN_REPORT_FACTS_H
#define LB_ADMIN_REPORT_FACTS_H

#include "lb/base/json_writer.h"
#include "lb/crew/access_log.h"
#include "lb/follow/outbox.h"
#include "lb/observe/prometheus_text.h"

/* Zeroed memory: there is no lb-report. All is borrowed. */
struct report_facts {
    bool has_gelf, has_sentry;
    int counts_fd; /* of the page; -1: there is none */
    const struct outbox *outbox;
    const struct access_log *access_log;
};

static inline bool report_facts_are_any(const struct report_facts *facts)
{
    return facts->has_gelf || facts->has_sentry;
}

/* An object, and families of /metrics; only where there are any. */
void report_facts_write(const struct report_facts *facts, struct json_writer *json);
void report_facts_write_metrics(const struct report_facts *facts, struct prometheus_text *writer);

#endif
