/* From a request to the handler of its path: finds the row of a table, checks who asks, and says
 * what there is where nothing fits. */
#ifndef LB_RUN_ROUTES_H
#define LB_RUN_ROUTES_H

#include "lb/run/admin.h"
#include "lb/run/admin_access.h"

struct request {
    const struct head *head;
    struct text name;  /* what stood for "*" in the path, decoded */
    struct view query; /* behind '?', as it came */
};

enum route_kind {
    ROUTE_GUARDED,
    ROUTE_EMPTY,  /* tells nothing: no token is needed */
    ROUTE_HEALTH, /* answered to everybody */
};

struct route {
    const char *method;  /* GET, which is HEAD too, or POST, which changes something */
    const char *pattern; /* "*" stands for one part of the path */
    enum route_kind kind;
    void (*handle)(void *owner, const struct request *request, struct admin_answer *answer);
};

/* Answers by the table, whose last row has no method. */
void routes_respond(const struct route *routes, const struct admin_rules *rules, void *owner,
                    const struct head *head, struct admin_answer *answer);

/* The value of "key=value" in the query, or an empty view. Borrowed from the request. */
struct view routes_query(const struct request *request, struct view key);

#endif
