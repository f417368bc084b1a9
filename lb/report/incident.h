/* A REPORT_INCIDENT (lb/contract/report.h) as it is read: views into the object. Pure. */
#ifndef LB_REPORT_INCIDENT_H
#define LB_REPORT_INCIDENT_H

#include <jansson.h>
#include <stdbool.h>

#include "lb/contract/report.h"
#include "lb/sentry/sentry_event.h"

#define INCIDENT_KIND_BYTES_MAX 40u

enum incident_phase {
#define X(word) INCIDENT_PHASE_##word,
    REPORT_PHASE_WORDS
#undef X
};

struct incident {
    struct view kind, message, subject, service, endpoint, host, trace_id;
    struct view
        url; /* without user and password, and without its query and fragment unless that is asked for */
    struct view container_name, container_id, container_image;
    enum incident_phase phase;
    enum sentry_level level; /* of one that has ended: info */
    uint64_t timestamp_ns;
    bool has_lasted;
    double lasted_seconds;
    const json_t *extra; /* an object, or NULL */
};

/* Borrows `object`. `wall_ns` is its time where it has none. Fails: false, it has no kind, no phase or no message. */
bool incident_read(const json_t *object, uint64_t wall_ns, bool has_queries, struct incident *out);

/* "begun", "ended" or "happened". */
const char *incident_phase_word(enum incident_phase phase);

#endif
