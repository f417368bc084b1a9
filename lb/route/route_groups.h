/* The rules of a table whose requests go to more than one service: shared among several, or mirrored.
 * All others cost nothing here. */
#ifndef LB_ROUTE_ROUTE_GROUPS_H
#define LB_ROUTE_ROUTE_GROUPS_H

#include "lb/route/route_services.h"

#define ROUTE_GROUPS_NONE UINT32_MAX

struct route_group {
    uint32_t rule;     /* its number in the table */
    uint32_t mirror;   /* the number of that service; ROUTE_SERVICES_NONE: it is not mirrored */
    uint32_t *members; /* of each of the rule's shares the number of its service; NULL: no shares */
};

struct route_groups {
    uint32_t count;
    struct route_group *list; /* by the rules' numbers */
    struct arena arena;
};

/* Of a table's rules in their order. Borrows `services`, which has all that they lead to. Gives: to be
 * handed to route_groups_fini. */
void route_groups_init(struct route_groups *groups, const struct rule *const *rules, uint32_t count,
                       const struct route_services *services);
void route_groups_fini(struct route_groups *groups);

/* The number of the group of that rule, or ROUTE_GROUPS_NONE. Thread: any. */
uint32_t route_groups_find(const struct route_groups *groups, uint32_t rule);

#endif
