/* The connects of one attempt. One that takes long is not given up for it: another endpoint is
 * tried beside it, the first connection that stands is taken, and the others are let go. Only an
 * endpoint that accepted nobody while another was quick is to blame. Thread: worker. */
#ifndef LB_BACK_DIAL_H
#define LB_BACK_DIAL_H

#include "lb/back/h1_upstream.h"

/* Calls up; the dial is over after on_connected and on_failed. The endpoints are borrowed. */
struct dial_handler {
    /* The first connection that stands, with its place among the endpoint's requests in flight; it
     * was begun at that time. Its next owner is to be set. */
    void (*on_connected)(void *owner, struct back *back, uint64_t began_ns);
    /* The last of the connects failed. */
    void (*on_failed)(void *owner, struct endpoint *endpoint, enum err err);
    /* One takes long, or failed beside others that go on: dial_open may be called again. */
    void (*on_slow)(void *owner, struct endpoint *endpoint, enum err err);
};

/* Connects at the same time. */
#define DIAL_TRIES_MAX 8u

struct dial;

struct dial_try {
    struct dial *dial;
    struct h1_upstream *upstream; /* NULL: not in use */
    uint64_t began_ns;
    uint64_t accepted_count; /* connections that the endpoint had accepted by then */
};

struct dial {
    struct fleet *fleet;
    const struct dial_handler *handler;
    void *owner;
    unsigned count; /* tries in use */
    struct dial_try tries[DIAL_TRIES_MAX];
};

/* One that connects to nobody yet; dial_close frees it. */
struct dial *dial_new(struct fleet *fleet, const struct dial_handler *handler, void *owner);

/* Whether as many connect as can. NULL is allowed. */
static inline bool dial_is_full(const struct dial *dial)
{
    return dial && dial->count == DIAL_TRIES_MAX;
}

/* Connects for a service, beside what runs already; not while it is full.
 * Takes over that the request is counted as in flight. False: it failed at once, `*status` is a
 * negative libuv error; UV_EBUSY: the endpoint has as many as it takes. */
bool dial_open(struct dial *dial, struct service_local *service, struct endpoint *endpoint,
               uint64_t began_ns, int *status);

/* Lets go of all. NULL is allowed. */
void dial_close(struct dial *dial);

#endif
