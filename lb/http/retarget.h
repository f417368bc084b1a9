/* A head that was forwarded, once more with another target: what a route cuts off a path or puts before
 * it. */
#ifndef LB_HTTP_RETARGET_H
#define LB_HTTP_RETARGET_H

#include "lb/base/block.h"

struct retarget {
    struct view head;    /* as forward_request wrote it */
    struct view target;  /* where its target is in it */
    struct view path[3]; /* the new one, in pieces */
    struct view query;   /* with its "?", or empty */
    struct view prefix;  /* goes behind what X-Forwarded-Prefix has; empty: there is none */
};

/* Room that retarget_write needs at most. */
size_t retarget_bound(const struct retarget *retarget);

/* Appends the head to `out`, which has the room. */
void retarget_write(const struct retarget *retarget, struct block *out);

#endif
