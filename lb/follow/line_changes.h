/* What a line of lb-discovery changes of the endpoints that the last one named, where that is
 * little: the rest need not be read again. */
#ifndef LB_FOLLOW_LINE_CHANGES_H
#define LB_FOLLOW_LINE_CHANGES_H

#include "lb/follow/member.h"
#include "lb/follow/reach.h"
#include "lb/follow/serving.h"

/* Of endpoints, between two lines: more are not looked for one by one. */
#define LINE_CHANGES_MAX 32u

/* Of an endpoint, in the place of which the last line had the same one. */
struct line_change {
    struct pool_wanted_endpoint *at, to;
};

/* The two lines and what was made of the first, all borrowed; then what has changed. */
struct line_changes {
    struct leading leading; /* which services are served */
    const struct reach *reach;
    const struct pool_wanted *wanted;
    unsigned count;
    struct line_change list[LINE_CHANGES_MAX];
};

/* Whether the services of the line `now`, which are served by HTTP alone, have the endpoints of `before` in the same order; then
 * what of them is another object is the change. False also where anything is wrong, or much has
 * changed: it is all to be read then, after line_changes_forget. */
bool line_changes_find(struct line_changes *changes, const json_t *before, const json_t *now);

/* Puts each change in its place. */
void line_changes_apply(struct line_changes *changes);

void line_changes_forget(struct line_changes *changes);

#endif
