/* From a request's path to what is answered. */
#ifndef APPSERVER_ROUTES_H
#define APPSERVER_ROUTES_H

#include <stdbool.h>

#include "appserver/answer.h"
#include "appserver/request.h"

struct routes {
    struct answer_ready root;
    bool unhealthy; /* what /healthz says */
};

/* Borrows `name` for the call. */
void routes_init(struct routes *routes, const char *name);
void routes_fini(struct routes *routes);

/* Decides from the head alone, before a body is read. POST /healthy and /unhealthy take effect
 * here. Gives a plan that borrows from `routes` and `request`. */
struct answer_plan routes_find(struct routes *routes, const struct request *request);

#endif
