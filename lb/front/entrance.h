/* Who is let in: limits of clients, of all and by address. Thread: worker. */
#ifndef LB_FRONT_ENTRANCE_H
#define LB_FRONT_ENTRANCE_H

#include "lb/front/front.h"
#include "lb/net/listener.h"

/* Takes the connection that waits at `listener`, and serves it or tells it why not. */
void entrance_accept(struct crowd *crowd, struct listener *listener,
                     const struct front_handler *handler);

#endif
