/* Between an early 101 and the tunnel: the backend speaks its other protocol already, while it still
 * gets a request in HTTP. Its bytes go up as they are. */
#ifndef LB_BACK_H1_SWITCHED_H
#define LB_BACK_H1_SWITCHED_H

#include "lb/back/h1_upstream_state.h"

/* A 101 was read. Until back_lend or the end its stream is heard here. */
void h1_switched_begin(struct h1_upstream *upstream);

#endif
