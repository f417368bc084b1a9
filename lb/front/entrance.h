/* Who is let in: limits of clients, of all and by address. Thread: worker. */
#ifndef LB_FRONT_ENTRANCE_H
#define LB_FRONT_ENTRANCE_H

#include "lb/front/front.h"
#include "lb/net/listener.h"

/* There is one client more: where they are too many, the one that has been idle for the longest gives way, unless
 * it is the newcomer itself (its node; NULL: it is none that can be idle). False: all are busy. */
bool entrance_make_room(struct crowd *crowd, const struct list *newcomer);

/* Takes the connection that waits at `listener`, and serves it or tells it why not. */
void entrance_accept(struct crowd *crowd, struct listener *listener,
                     const struct front_handler *handler);

#endif
