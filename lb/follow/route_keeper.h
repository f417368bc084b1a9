/* The routes of the latest good line as a table, and those that the line does not have any more: they
 * stay for a while, so that a container that is created anew finds its requests waiting, and nobody
 * else gets them: neither by another route, nor by coming to the same service. */
#ifndef LB_FOLLOW_ROUTE_KEEPER_H
#define LB_FOLLOW_ROUTE_KEEPER_H

#include <jansson.h>

#include "lb/follow/route_reader.h"
#include "lb/follow/service_orders.h"
#include "lb/route/route_table.h"

/* So long a route stays after its last container is gone. */
#define ROUTE_KEEPER_MS 30000u

/* One that its line has lost. It is answered by lb itself once a container came to its service that
 * has nothing to do with it. */
struct lost_route {
    struct rule_box *box; /* one reference */
    uint64_t until_ms;    /* by the loop's clock */
};

/* Zeroed memory has none. */
struct route_keeper {
    const struct service_orders
        *orders;               /* a paused service keeps its routes; borrowed; NULL: none */
    struct route_table *table; /* NULL: there are no routes; one reference */
    struct route_list list;    /* of the line; strings are those of its JSON */
    struct lost_route *lost;
    uint32_t lost_count, lost_room;
    json_t *left; /* of newcomers_line; NULL: nothing is lost */
};

void route_keeper_fini(struct route_keeper *keeper);

enum route_keeper_news {
    ROUTE_KEEPER_REFUSED, /* `problem` says why */
    ROUTE_KEEPER_SAME,
    ROUTE_KEEPER_OTHER, /* `*next` is what is to follow it; both are to be handed to route_keeper_fini */
};

/* What a line says, and the services of the one before. NULL: there are none. */
struct route_keeper_line {
    json_t *routes;
    const json_t *services, *services_before;
    uint64_t now_ms;
};

/* What follows from a line. Changes nothing. */
enum route_keeper_news route_keeper_read(const struct route_keeper *keeper,
                                         const struct route_keeper_line *line,
                                         struct route_keeper *next, struct text *problem);

/* Lets go of what has stayed long enough. False: there was nothing. */
bool route_keeper_expire(struct route_keeper *keeper, uint64_t now_ms);

/* When that has something to do; UINT64_MAX: never. */
uint64_t route_keeper_next_ms(const struct route_keeper *keeper);

/* Whether that service is served: it is the default one, or a route leads to it. */
bool route_keeper_serves(const struct route_keeper *keeper, const char *otherwise,
                         const char *service);

#endif
