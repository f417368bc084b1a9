/* The TCP and UDP listeners of one worker: opens those that a set has anew, and closes those that it has no
 * more, without losing who is at the door. Thread: worker. */
#ifndef LB_CREW_GATEWAY_H
#define LB_CREW_GATEWAY_H

#include "lb/crew/listener_set.h"
#include "lb/proxy/env.h"

struct gateway {
    struct env *env;
    unsigned worker_index;
    struct list gates; /* struct gate: open ones, and those about to end */
    bool is_closed;    /* no set is taken any more */
};

/* Borrows. */
void gateway_init(struct gateway *gateway, struct env *env, unsigned worker_index);

/* These there are from now on. Borrows the set. Of a TCP listener that ends the kernel answers no more
 * handshakes; who had been answered is accepted and served, and LISTENER_HANDSHAKE_MS later it is closed. */
void gateway_take(struct gateway *gateway, const struct listener_set *set);

/* The worker is to end: as listener_stop_handshakes, listener_finish and listener_close, of all that there
 * are. */
void gateway_stop_handshakes(struct gateway *gateway);
void gateway_finish(struct gateway *gateway);
void gateway_close(struct gateway *gateway);

/* Others serve them from now on, with the same sockets: who waits there is theirs. */
void gateway_yield(struct gateway *gateway);

#endif
