/* All clients of a worker together: when it ends, and when they hold too much. Thread: worker. */
#ifndef LB_PROXY_CROWD_H
#define LB_PROXY_CROWD_H

#include "lb/proxy/env.h"

/* Ends kept connections that are idle with FIN, so that no request on its way meets a reset, and
 * lets the others finish. One that has not asked yet gets CROWD_FIRST_REQUEST_MS for it: its
 * request may be on its way, and nobody has told it to expect an end. Idempotent. */
#define CROWD_FIRST_REQUEST_MS 1000u
void crowd_drain(struct env *env);

/* More waits than may: cuts off those who hold most, until there is room again. Who has not been
 * answered yet is told so. At the end of a turn of the loop. False: nobody holds anything. */
bool crowd_relieve(struct env *env);

/* Closes every connection; who has not been answered yet is told so first. */
void crowd_close(struct env *env);

#endif
