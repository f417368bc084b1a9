/* The TCP and UDP listeners there are to be: an immutable list, counted, that control gives to all workers as
 * a whole. A listener that stays is the same object in each list, so that nobody touches its sockets. */
#ifndef LB_CREW_LISTENER_SET_H
#define LB_CREW_LISTENER_SET_H

#include "lb/crew/listener_port.h"

struct listener_set {
    atomic_uint ref_count;
    struct listener_port *
        *ports; /* one reference each; in the order of their addresses in memory */
    unsigned count;
};

/* Copies the list, and refers to each. Gives one reference. Thread: control. */
struct listener_set *listener_set_new(struct listener_port *const *ports, unsigned count);

/* Thread: any, as for the next. */
struct listener_set *listener_set_ref(struct listener_set *set);
void listener_set_unref(struct listener_set *set); /* NULL is allowed */

bool listener_set_has(const struct listener_set *set, const struct listener_port *port);

#endif
