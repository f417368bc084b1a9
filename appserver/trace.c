#include "appserver/trace.h"

#include <string.h>

/* What a value looks like: 'h' is a lower-case hexadecimal digit, all else stands for itself. */
#define PARENT "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh"
#define SENTRY "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
#define SPAN   "-hhhhhhhhhhhhhhhh"

#define ID_BYTES 32

void trace_take(struct trace *trace, struct view name, struct view value)
{
    if (view_eq_nocase(name, VIEW("traceparent"))) {
        trace->parent = value;
        trace->parent_count++;
    } else if (view_eq_nocase(name, VIEW("sentry-trace"))) {
        trace->sentry = value;
        trace->sentry_count++;
    }
}

static bool begins_like(struct view value, const char *shape)
{
    size_t len = strlen(shape);
    if (value.len < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = value.ptr[i];
        bool fits = shape[i] == 'h' ? c != '\0' && strchr("0123456789abcdef", c) : c == shape[i];
        if (!fits)
            return false;
    }
    return true;
}

static bool is_zero(const char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (digits[i] != '0')
            return false;
    return true;
}

static struct view of_parent(struct view value)
{
    size_t known = strlen(PARENT);
    if (!begins_like(value, PARENT) || view_starts_with(value, VIEW("ff")))
        return view_of(NULL, 0);
    bool is_first = view_starts_with(value, VIEW("00"));
    if (value.len > known && (is_first || value.ptr[known] != '-'))
        return view_of(NULL, 0);
    if (is_zero(value.ptr + 3, ID_BYTES) || is_zero(value.ptr + 36, 16))
        return view_of(NULL, 0);
    return view_of(value.ptr + 3, ID_BYTES);
}

static struct view of_sentry(struct view value)
{
    struct view id = view_of(value.ptr, ID_BYTES), rest;
    if (!begins_like(value, SENTRY) || is_zero(id.ptr, ID_BYTES))
        return view_of(NULL, 0);
    rest = view_skip(value, ID_BYTES);
    if (rest.len > 0) {
        if (!begins_like(rest, SPAN) || is_zero(rest.ptr + 1, 16))
            return view_of(NULL, 0);
        rest = view_skip(rest, strlen(SPAN));
    }
    bool is_whole = rest.len == 0 || view_eq(rest, VIEW("-0")) || view_eq(rest, VIEW("-1"));
    return is_whole ? id : view_of(NULL, 0);
}

struct view trace_id(const struct trace *trace)
{
    struct view id = view_of(NULL, 0);
    if (trace->parent_count == 1)
        id = of_parent(trace->parent);
    if (id.len == 0 && trace->sentry_count == 1)
        id = of_sentry(trace->sentry);
    return id;
}
