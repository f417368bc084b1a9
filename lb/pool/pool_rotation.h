/* The order in which a service's endpoints take turns. Pure. */
#ifndef LB_POOL_POOL_ROTATION_H
#define LB_POOL_POOL_ROTATION_H

#include "lb/pool/pool.h"

/* Fills rotation, rotation_count, turn_count, the candidates and is_warming from the endpoints whose
 * next state is one of the usable ones, each by its weight, or by an operator's, and by what slow start
 * leaves of it at `now_ms`. Costs turns × different weights. Thread: control. */
void pool_rotation_build(struct pool_service *service, uint64_t now_ms);

#endif
