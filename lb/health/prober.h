/* First contact: an endpoint gets requests once a look at it has succeeded, what its check asks,
 * or else a TCP connect or a datagram, so that a container that is up but not ready yet costs nobody
 * a try. One prober on control's loop. */
#ifndef LB_HEALTH_PROBER_H
#define LB_HEALTH_PROBER_H

#include "lb/health/look.h"
#include "lb/pool/endpoint.h"

struct prober_options {
    struct loop *loop;
    /* A probe of `endpoint` succeeded; borrowed. */
    void (*on_admitted)(void *owner, struct endpoint *endpoint);
    /* A try failed, and the endpoint's problem says why; borrowed. Gives whether that was told: then it is not called again
     * until a probe has succeeded. NULL: nobody wants to know. */
    bool (*on_failed)(void *owner, const struct endpoint *endpoint);
    void *owner;
};

struct prober {
    struct prober_options options;
    struct look_queue queue;
    struct list probes;
    unsigned probe_count;
};

/* Copies the options. */
void prober_init(struct prober *prober, const struct prober_options *options);

/* Probes until it succeeds or the endpoint no longer wants it: at once, then with growing pauses of
 * at most 80 ms in the first minute and a second later on; with many endpoints at a time longer
 * ones. What fails is noted as the endpoint's problem. Does nothing when it is being probed. Keeps
 * a reference meanwhile. */
void prober_start(struct prober *prober, struct endpoint *endpoint);

/* A snapshot has settled: ends the probes that are not wanted any more, or that ask for another certificate than is wanted now, so that what they are still
 * waiting for does not count when the endpoint comes back. */
void prober_follow(struct prober *prober);

/* Ends all probes; the loop must run once more. */
void prober_close(struct prober *prober);

#endif
