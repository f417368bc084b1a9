/* Which trace a request belongs to: traceparent (W3C Trace Context level 1), else sentry-trace. Of a header
 * that came twice nothing is believed. Pure. */
#ifndef APPSERVER_TRACE_H
#define APPSERVER_TRACE_H

#include "lb/base/view.h"

struct trace {
    struct view parent, sentry; /* values as they came */
    unsigned parent_count, sentry_count;
};

/* Takes a field of the head, whatever its name. Borrows. */
void trace_take(struct trace *trace, struct view name, struct view value);

/* 32 hexadecimal digits, or empty. */
struct view trace_id(const struct trace *trace);

#endif
