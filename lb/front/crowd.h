/* All clients of a worker together: when it ends, and when they hold too much. Thread: worker. */
#ifndef LB_FRONT_CROWD_H
#define LB_FRONT_CROWD_H

#include "lb/front/crowd_state.h"

/* Nobody is there yet. Borrows all three. */
void crowd_init(struct crowd *crowd, struct loop *loop, struct metrics *metrics,
                struct slab *parsers);

/* Other options from now on, copied; what has begun keeps the deadlines it was given. */
void crowd_configure(struct crowd *crowd, const struct front_options *options);

/* Frees what is pooled. All clients must be gone. */
void crowd_fini(struct crowd *crowd);

/* Ends kept connections that are idle with FIN, so that no request on its way meets a reset, and
 * lets the others finish. One that has not asked yet gets CROWD_FIRST_REQUEST_MS for it: its
 * request may be on its way, and nobody has told it to expect an end. Idempotent. */
void crowd_drain(struct crowd *crowd);

/* More waits than may: cuts off those who hold most, until there is room again. Who has not been
 * answered yet is told so. At the end of a turn of the loop. False: nobody holds anything. */
bool crowd_relieve(struct crowd *crowd);

/* Closes every connection; who has not been answered yet is told so first. */
void crowd_close(struct crowd *crowd);

#endif
