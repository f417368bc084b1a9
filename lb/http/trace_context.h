/* Which trace a request belongs to: traceparent (W3C Trace Context level 1), else sentry-trace. What
 * came is passed on as it came, but where lb is to begin a trace. */
#ifndef LB_HTTP_TRACE_CONTEXT_H
#define LB_HTTP_TRACE_CONTEXT_H

#include "lb/base/rng.h"
#include "lb/http/head.h"
#include "lb/http/head_writer.h"

#define TRACE_CONTEXT_ID_BYTES   32
#define TRACE_CONTEXT_LINE_BYTES 72 /* what trace_context_put appends at most */

/* The trace id in a value of traceparent: version 00, or what a higher one begins with (§ 3.2.4). Empty:
 * it is not valid. */
struct view trace_context_of_parent(struct view value);

/* The same of sentry-trace: TRACE-ID[-SPAN-ID[-0|1]]. */
struct view trace_context_of_sentry(struct view value);

struct trace_context {
    const struct field *field; /* that says it; NULL: none that is valid */
    struct view id;            /* in its value */
    bool is_begun;             /* by lb, as there is no valid traceparent */
};

/* Of a header that came twice nothing is believed. What Connection names goes no further and says
 * nothing. */
struct trace_context trace_context_find(const struct head *head);

/* Of most requests nothing is to be found. */
static inline struct trace_context trace_context_of(const struct head *head, bool begins_traces)
{
    struct trace_context trace = {0};
    if (head->field_at[FIELD_TRACEPARENT] | head->field_at[FIELD_SENTRY_TRACE])
        trace = trace_context_find(head);
    trace.is_begun = begins_traces && !(trace.field && trace.field->id == FIELD_TRACEPARENT);
    return trace;
}

/* Whether fields of that id give way to a traceparent of lb's: without one that is valid, tracestate says
 * nothing (§ 4.2). */
static inline bool trace_context_replaces(enum field_id id)
{
    return id == FIELD_TRACEPARENT || id == FIELD_TRACESTATE;
}

/* Writes a new traceparent: of the trace that sentry-trace names, else of a new one. Gives its trace id
 * where it was written. */
struct view trace_context_put(const struct head *head, const struct trace_context *found,
                              struct rng *rng, struct head_writer *writer);

#endif
