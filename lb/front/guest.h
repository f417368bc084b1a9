/* A client that speaks no HTTP, as the crowd knows it: it counts for the limits as the others do, ends with them,
 * and is cut off like them when it holds too much. What it speaks is its owner's. Thread: worker. */
#ifndef LB_FRONT_GUEST_H
#define LB_FRONT_GUEST_H

#include "lb/base/err.h"
#include "lb/front/crowd_state.h"
#include "lb/front/peer.h"

struct guest;

struct guest_handler {
    /* A question: bytes that wait because of it. */
    size_t (*count_held)(const struct guest *guest);
    /* It is to leave at once. */
    void (*on_cut)(struct guest *guest, enum err why);
};

struct guest {
    struct list node; /* in crowd->guests, until it leaves */
    struct crowd *crowd;
    const struct guest_handler *handler;
    struct peer peer;
};

/* One has come; guest_leave and guest_go follow, whether it is let in or not. */
void guest_come(struct guest *guest, struct crowd *crowd, const struct guest_handler *handler,
                const struct address *address);

/* Whether there is room for it: an HTTP client that is idle gives way. Fails: ERR_TOO_MANY. */
enum err guest_enter(struct guest *guest);

/* It asks for `client`, which may be another than the one that connected, and whose connections it is one of.
 * Once. Fails: ERR_TOO_MANY_OF_CLIENT. */
enum err guest_present(struct guest *guest, const struct address *client);

/* Its descriptor is given back. Idempotent. */
void guest_leave(struct guest *guest);

/* Its memory is. */
void guest_go(struct guest *guest);

#endif
