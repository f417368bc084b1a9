/* Containers that came to the services of lost routes from one line to the next: a route that is kept
 * for who is gone does not lead to somebody else. */
#ifndef LB_FOLLOW_NEWCOMERS_H
#define LB_FOLLOW_NEWCOMERS_H

#include <jansson.h>

#include "lb/route/name_map.h"
#include "lb/route/rule_set.h"

/* What is looked at. Borrows all. */
struct newcomers_line {
    const json_t *before, *now; /* arrays of services; NULL: there are none */
    const struct rule_wanted *routes;
    uint32_t route_count;
    uint64_t now_ms, kept_ms; /* so long a route is kept */
    json_t *left; /* an object of who left such a service, and when; is brought up to date */
};

/* Since when, of the newcomers of each name, the one who left first had been away. */
struct newcomers_marks {
    struct name_map map;
    uint64_t *away_from_ms;
    uint32_t count;
};

struct newcomers {
    struct newcomers_line line;
    struct arena arena;
    struct newcomers_marks services; /* that lost routes lead to */
    struct newcomers_marks claims;   /* of such a service with a host */
    struct name_map first_route;     /* by container: of `line.routes` */
    uint32_t *next_route;            /* of the same container */
};

/* For `count` lost routes. To be handed to newcomers_fini. */
void newcomers_init(struct newcomers *newcomers, const struct newcomers_line *line, uint32_t count);
void newcomers_fini(struct newcomers *newcomers);

/* First all of them; then newcomers_find. */
void newcomers_watch(struct newcomers *newcomers, const struct route *lost);
void newcomers_find(struct newcomers *newcomers);

/* Whether somebody came to its service who was not there at `lost_ms`. */
bool newcomers_came(const struct newcomers *newcomers, const struct route *lost, uint64_t lost_ms);

/* Whether one of these has routes for its host as well. */
bool newcomers_claim(const struct newcomers *newcomers, const struct route *lost, uint64_t lost_ms);

#endif
