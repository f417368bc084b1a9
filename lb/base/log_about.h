/* What a line of the operator log is about, and its form for machines: JSON with the names of the
 * Elastic Common Schema (ECS 8). What is about a server has the names that the access log has for it. */
#ifndef LB_BASE_LOG_ABOUT_H
#define LB_BASE_LOG_ABOUT_H

#include "lb/base/text.h"

/* NULL: not told. All is borrowed for the call. */
struct log_about {
    const char *action;  /* event.action: a word, "pool-change" */
    const char *outcome; /* event.outcome: "success" or "failure" */
    const char *service; /* lb.service: of the pool */
    const char *name;    /* lb.upstream.name, .id, .address: of an endpoint */
    const char *id;
    const char *address;
    const char *state;        /* lb.state */
    const char *state_before; /* lb.state_before */
    const char *cause;        /* lb.cause */
};

/* Appends the line without its newline. `program` is log.logger; what stands before its first "-"
 * is service.name. `about` may be NULL. */
void log_about_write(const struct log_about *about, const char *program, const char *level,
                     struct view message, struct text *line);

#endif
