/* What all connections of a worker to backends share. */
#ifndef LB_BACK_FLEET_STATE_H
#define LB_BACK_FLEET_STATE_H

#include "lb/back/back_options.h"
#include "lb/base/slab.h"
#include "lb/http/relay.h"
#include "lb/net/loop.h"
#include "lb/observe/metrics.h"
#include "lb/policy/admit.h"
#include "lb/policy/backend_tls.h"
#include "lb/pool/pool.h"

struct fleet {
    struct loop *loop;
    struct metrics *metrics; /* of the worker */
    struct slab *parsers;    /* of the worker */
    unsigned worker_index;
    struct back_options options;
    struct parser_setup response_setup;
    unsigned upstream_count;
    struct list with_idle;    /* endpoint_local of endpoints with idle connections */
    uint64_t swept_version;   /* the pool's members_version when all of these were last swept */
    struct relay to_upstream; /* what the running read collects; empty in between */
    struct slab upstream_slab;
    struct slab dial_slab;
    struct backend_tls tls;      /* with endpoints by https */
    struct admit_office *office; /* of all workers; borrowed */
    /* A place of an endpoint was given back, or an idle connection can be had, while requests wait;
     * the service is the one it was used for. Not to end in calls up. */
    void (*on_place)(void *owner, struct endpoint *endpoint, struct service *service);
    void *place_owner;
    /* An endpoint fails too often. NULL: nobody wants to know. */
    void (*on_suspect)(void *owner);
    void *suspect_owner;
    /* Something is wrong with an endpoint's answers, of which `sample` is a piece; both borrowed.
     * NULL: nobody wants to know. */
    void (*on_complaint)(const struct endpoint *endpoint, const char *sentence, struct view sample);
};

/* What this worker keeps of an endpoint. */
static inline struct endpoint_local *fleet_local(const struct fleet *fleet,
                                                 struct endpoint *endpoint)
{
    return &endpoint->locals[fleet->worker_index];
}

#endif
