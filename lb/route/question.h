/* What routes are asked by: one request, as it is compared. Borrows all of it. */
#ifndef LB_ROUTE_QUESTION_H
#define LB_ROUTE_QUESTION_H

#include "lb/base/address.h"
#include "lb/base/view.h"
#include "lb/contract/pattern.h"

struct question {
    struct view host;  /* by host_name_of */
    struct view path;  /* by url_path_normalise; "*" of OPTIONS is in no path */
    struct view query; /* without its "?" */
    struct view method;
    struct view scheme;           /* that the client used */
    const struct address *client; /* NULL: see find_client */
    /* Who asks, where that is not known without looking: into `*room`. NULL: unknown, in no range. */
    void (*find_client)(const void *asker, struct address *room);
    const void *asker;
    /* The next field of that name after `*seen` of all fields, which starts at 0; a NULL pointer
     * after the last. */
    struct view (*next_field)(const void *message, struct view name, unsigned *seen);
    const void *message;
    struct pattern_scratch *scratch; /* of the thread that asks */
};

#endif
