/* Wishes for certificates of several containers, or sources, put together: each name is in one of them. Pure. */
#ifndef DISCOVERY_CERTIFICATE_LIST_H
#define DISCOVERY_CERTIFICATE_LIST_H

#include "discovery/set.h"
#include "lb/base/arena.h"

/* Adds them to `set`, in their order: of a name that several have the first one counts, and who is left without any is
 * no wish. There is room for CERTIFICATE_WISHES_MAX wishes and CERTIFICATE_WISHES_NAME_BYTES. Gives how many were looked
 * at: those behind are not told. `kept` has what the set then borrows. */
size_t certificate_list_take(const struct certificate_wish *wishes, size_t count,
                             struct arena *kept, struct set *set);

#endif
