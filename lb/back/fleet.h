/* All connections of a worker to backends together. Thread: worker. */
#ifndef LB_BACK_FLEET_H
#define LB_BACK_FLEET_H

#include "lb/back/fleet_state.h"

/* No connection yet. Borrows all three. */
void fleet_init(struct fleet *fleet, struct loop *loop, struct metrics *metrics,
                struct slab *parsers, unsigned worker_index);

/* Other options from now on, copied; what has begun keeps the deadlines it was given. */
void fleet_configure(struct fleet *fleet, const struct back_options *options);

/* Frees what is pooled. All connections must be gone. */
void fleet_fini(struct fleet *fleet);

#endif
