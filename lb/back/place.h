/* Places of endpoints that have a limit, and idle connections, which hold them: who waits hears of
 * them. Thread: worker. */
#ifndef LB_BACK_PLACE_H
#define LB_BACK_PLACE_H

#include "lb/back/fleet_state.h"

/* Whether somebody waits who could use one of the endpoint. */
static inline bool place_is_wanted(const struct fleet *fleet, const struct endpoint *endpoint,
                                   const struct service *service)
{
    return admit_waiting_count(service) > 0 ||
           (atomic_load_explicit(&endpoint->has_kin, memory_order_relaxed) &&
            atomic_load(&fleet->office->waiting_count) > 0);
}

/* There is one. */
static inline void place_tell(const struct fleet *fleet, struct endpoint *endpoint,
                              struct service *service)
{
    if (place_is_wanted(fleet, endpoint, service))
        fleet->on_place(fleet->place_owner, endpoint, service);
}

#endif
