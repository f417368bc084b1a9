/* The pool snapshot that a worker uses. */
#ifndef LB_PROXY_SNAPSHOT_H
#define LB_PROXY_SNAPSHOT_H

#include "lb/proxy/env.h"

/* Takes over a newer snapshot if control has left one in env->slot: idle connections to endpoints
 * that are not to be used any more are closed, all others stay. False: there was none. */
bool snapshot_refresh(struct env *env);

#endif
