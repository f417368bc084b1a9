/* How the routes of a table stand to each other: which is overruled by another one for the same
 * requests, and which is there only because its container may come back. */
#ifndef LB_ADMIN_ROUTE_STANDING_H
#define LB_ADMIN_ROUTE_STANDING_H

#include "lb/follow/route_keeper.h"

struct route_standing {
    const struct route_table *table;
    const struct route_keeper *keeper;
    struct arena arena;
    uint32_t *kinds;      /* of each rule; those that are alike are of one */
    uint32_t *winners;    /* of each kind: the rule that wins among them */
    struct name_map lost; /* by likeness: of the keeper's */
};

/* Borrows both; they stay as they are. To be handed to route_standing_fini. Thread: control. */
void route_standing_init(struct route_standing *standing, const struct route_table *table,
                         const struct route_keeper *keeper);
void route_standing_fini(struct route_standing *standing);

/* The rule that gets the requests that rule `number` is for as well; often itself. */
uint32_t route_standing_winner(const struct route_standing *standing, uint32_t number);

/* Whether that is another one, which does something else with them. */
bool route_standing_is_overruled(const struct route_standing *standing, uint32_t number);

/* Why the rule is there though its container is not; NULL: it is. */
const struct lost_route *route_standing_lost(const struct route_standing *standing,
                                             uint32_t number);

/* Appends what is to be said of the rule, as sentences behind a blank: "Overruled by …". Nothing where
 * all is well. `now_ms`: the loop's clock. */
void route_standing_append(const struct route_standing *standing, uint32_t number, uint64_t now_ms,
                           struct text *out);

#endif
