/* A bounded text that is put together of a replacement and what a regex found. */
#ifndef LB_ROUTE_EXPANSION_H
#define LB_ROUTE_EXPANSION_H

#include "lb/contract/pattern.h"

/* The caller's bytes: from `begin`, filled up to `at`. */
struct expansion {
    char *begin, *at;
    const char *end;
    bool is_full;      /* something had no room, and is not there */
    bool escapes;      /* what no URL has bare is written as %XX */
    const char *bound; /* in a subject; NULL: nothing is noted */
    const char *noted; /* where the first of its bytes from `bound` on was put; NULL: nowhere */
};

void expansion_put(struct expansion *out, struct view bytes);

/* `subject` with what was found in it replaced. */
void expansion_put_replaced(struct expansion *out, struct view subject, struct view replacement,
                            const struct view parts[PATTERN_PARTS_MAX]);

static inline struct view expansion_view(const struct expansion *expansion)
{
    return view_of(expansion->begin, (size_t)(expansion->at - expansion->begin));
}

#endif
