/* What lb-report is told of an incident and of a change, as JSON (REPORT_INCIDENT and REPORT_CHANGE of
 * lb/contract/report.h). Of a request only its URL and trace id are in it, and no output of a container. Pure but for
 * the clock. */
#ifndef LB_FOLLOW_INCIDENT_H
#define LB_FOLLOW_INCIDENT_H

#include "lb/base/text.h"
#include "lb/contract/report.h"
#include "lb/pool/endpoint.h"

enum incident_kind {
#define X(word) INCIDENT_##word,
    REPORT_INCIDENT_WORDS
#undef X
        INCIDENT_KIND_COUNT
};

enum incident_phase {
#define X(word) INCIDENT_PHASE_##word,
    REPORT_PHASE_WORDS
#undef X
};

/* All is borrowed; NULL: there is none. */
struct incident {
    enum incident_kind kind;
    enum incident_phase phase;
    const char *level;   /* "error", "warning" or "info" */
    const char *message; /* a sentence, with its remedy */
    const char *subject; /* what it is about: the same each time */
    const char *service;
    const struct endpoint *endpoint; /* with its container */
    const char *image;
    const char *source; /* of discovery */
    uint64_t lasted_ms; /* of one that has ended */
    const char *host;   /* that lb runs on */
    const char *url;    /* of a request, as the next */
    const char *trace_id;
};

void incident_write(const struct incident *incident, struct text *out);

/* Whether it is a port of a container, or like one: not what --backend names. */
bool incident_has_container(const struct endpoint *endpoint);

/* The endpoint has its new state. */
void incident_write_change(const struct endpoint *endpoint, enum endpoint_state before,
                           struct text *out);

/* A change of no endpoint, in words. */
void incident_write_note(const char *message, struct text *out);

#endif
