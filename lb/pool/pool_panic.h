/* When so few endpoints of a service are good that others are used as well. Thread: control. */
#ifndef LB_POOL_POOL_PANIC_H
#define LB_POOL_POOL_PANIC_H

#include "lb/pool/pool.h"

/* Of a service of the snapshot that is being built, whose endpoints were judged: counts the ready ones,
 * and says which states are usable. */
void pool_panic_judge(struct pool_service *service);

#endif
