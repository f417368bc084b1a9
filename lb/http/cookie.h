/* The cookies of a request, RFC 6265 § 4.2 as clients keep to it: pairs with semicolons between, in any
 * number of fields. The head is one that forward_request wrote. What stands in them is foreign. Pure;
 * borrows. */
#ifndef LB_HTTP_COOKIE_H
#define LB_HTTP_COOKIE_H

#include "lb/base/block.h"
#include "lb/base/view.h"
#include "lb/http/field_line.h"

/* A walk through all cookies of one name. */
struct cookie_walk {
    struct view lines, pairs; /* what is left of the head, and of the field */
};

static inline struct cookie_walk cookie_walk_of(struct view head)
{
    return (struct cookie_walk){.lines = field_line_first(head)};
}

/* The value of the next one, without quotes around it. False: there is none. */
bool cookie_next(struct cookie_walk *walk, struct view name, struct view *value);

/* The value of the first cookie of that name, without quotes around it; a NULL pointer: there is none. */
struct view cookie_find(struct view head, struct view name);

/* Appends the head without the cookies of that name to `out`, which has room for it as it was; a field that
 * had no other ones is left out. */
void cookie_remove(struct view head, struct view name, struct block *out);

#endif
