/* Services whose requests wait by order: when workers learn that they do, and that they do not any more.
 * Thread: control. */
#ifndef LB_POOL_POOL_PAUSES_H
#define LB_POOL_POOL_PAUSES_H

#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

/* Of a service of the snapshot that is being built: whether it is paused. Workers know that at once. */
bool pool_pauses_note(const struct pool_wanted *wanted, struct service *service);

/* Of all services of a snapshot which the workers have by now: those that are not paused any more are
 * not, and whoever finds nobody in an older snapshot looks for this one. */
void pool_pauses_settle(const struct pool *pool);

#endif
