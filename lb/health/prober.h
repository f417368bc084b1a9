/* First contact: an endpoint gets requests once a TCP connect to it has succeeded, so that a
 * container that is up but not listening yet costs nobody a try. One prober on control's loop. */
#ifndef LB_HEALTH_PROBER_H
#define LB_HEALTH_PROBER_H

#include "lb/net/loop.h"
#include "lb/pool/endpoint.h"

struct prober {
    struct loop *loop;
    unsigned connect_timeout_ms;     /* to private addresses */
    unsigned far_connect_timeout_ms; /* to all others */
    struct list probes;
    void (*on_admitted)(void *owner, struct endpoint *endpoint);
    void *owner;
};

struct prober_options {
    struct loop *loop;
    unsigned connect_timeout_ms;     /* to private addresses */
    unsigned far_connect_timeout_ms; /* to all others */
    /* A probe of `endpoint` succeeded; borrowed. */
    void (*on_admitted)(void *owner, struct endpoint *endpoint);
    void *owner;
};

void prober_init(struct prober *prober, const struct prober_options *options);

/* Probes until it succeeds or the endpoint leaves the state PROBING: at once, then with growing
 * pauses of at most 80 ms in the first minute and a second later on. Keeps a reference meanwhile.
 */
void prober_start(struct prober *prober, struct endpoint *endpoint);

/* What the last probe of this endpoint found ("connection refused"), or NULL. Static text. */
const char *prober_last_problem(const struct prober *prober, const struct endpoint *endpoint);

/* Ends all probes; the loop must run once more. */
void prober_close(struct prober *prober);

#endif
