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

/* The same where TLS is spoken: hands are shaken first. */
void entrance_accept_tls(struct crowd *crowd, struct listener *listener,
                         const struct front_handler *handler);

/* Who came to another listener, and was let in there. */
struct entrance_guest {
    int fd;            /* of the connection; taken */
    struct peer peer;  /* with its share of connections, which is taken */
    struct view early; /* what was read of it; borrowed */
};

/* The same with one of those: it counts as one client more, and was accepted before. */
void entrance_take_tls(struct crowd *crowd, const struct entrance_guest *guest,
                       const struct front_handler *handler);

#endif
