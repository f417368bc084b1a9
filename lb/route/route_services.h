/* The services that the routes of a table lead to, by number. Immutable, counted: tables in a row that
 * lead to the same ones share them. */
#ifndef LB_ROUTE_ROUTE_SERVICES_H
#define LB_ROUTE_ROUTE_SERVICES_H

#include <stdatomic.h>

#include "lb/route/name_map.h"
#include "lb/route/rule.h"

#define ROUTE_SERVICES_NONE NAME_MAP_NONE

struct route_services {
    atomic_uint ref_count;
    uint32_t count;
    struct view *names; /* each once; they live in the arena */
    struct name_map map;
    struct arena arena;
};

/* Gives them with one reference, and the number of each rule's service in place of what `numbers` had:
 * that of `before`, which may be NULL, or ROUTE_SERVICES_NONE. Thread: control. */
struct route_services *route_services_new(const struct rule *const *rules, uint32_t *numbers,
                                          uint32_t count, struct route_services *before);

/* Thread: any. The last one frees them. NULL is allowed. */
void route_services_unref(struct route_services *services);

#endif
