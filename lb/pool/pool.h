/* A snapshot of all services and their endpoints: immutable once published, counted. */
#ifndef LB_POOL_POOL_H
#define LB_POOL_POOL_H

#include "lb/base/view.h"
#include "lb/pool/endpoint.h"
#include "lb/pool/pool_listeners.h"
#include "lb/pool/pool_leavers.h"
#include "lb/pool/pool_split.h"
#include "lb/pool/routes.h"
#include "lb/pool/service.h"

/* Turns of the rotation at most; larger sums of weights are scaled down. */
#define POOL_ROTATION_MAX 65536u

/* The endpoints of a service: one list for all snapshots in a row that have the same ones. */
struct pool_members {
    atomic_uint ref_count;
    unsigned count;
    struct endpoint *endpoints[]; /* a reference to each */
};

#define POOL_STATE_BIT(state) (1u << (state))

struct pool_sticky;

/* One that can get requests, for algorithms that look at all of them. */
struct pool_candidate {
    struct endpoint *endpoint; /* borrowed from the members */
    uint64_t hash;             /* of its id */
    unsigned weight;           /* with what slow start leaves of it */
};

struct pool_service {
    struct service *kept;          /* what stays of it; one reference */
    const char *name;              /* its */
    enum service_kind kind;        /* the same */
    struct service_policy *policy; /* its own, or that of all who say nothing; one reference */
    struct pool_members *members;
    struct endpoint **endpoints; /* theirs: all, sorted by name, then id */
    unsigned endpoint_count;
    unsigned ready_count; /* of them, once the snapshot has settled */
    unsigned
        good_count; /* of the ready ones: all but those that should be ejected, were not too many already */
    struct endpoint **unready; /* the others, in no order; borrowed from `members` */
    /* Panic: of those that would be ready but for checks, lb's and their own, and ejections, too
     * few are. Then more likely something else is wrong, and these states are usable as well. */
    bool is_panicking;
    bool is_paused;         /* by order: nobody is usable, and its requests wait */
    bool is_warming;        /* an endpoint is in its slow start: shares change with time */
    unsigned usable_states; /* POOL_STATE_BIT of each */
    /* The usable ones, each as often as its weight says, spread evenly: turn n of the round robin
     * goes to rotation[n % rotation_count], on whichever worker. Where local ones are preferred and some
     * are usable, these are theirs, and the turns of the others stand behind them. */
    struct endpoint **rotation;
    unsigned rotation_count;
    unsigned other_turn_count;
    /* Where both have their turns: which is whose. Else `whole` is 0: the others get what none of the
     * first can take. */
    struct pool_split split;
    /* How many of the first are taken whoever asks: all, or 0 where a request has something to say
     * in the matter, or how busy they are, or they are split. */
    unsigned turn_count;
    struct pool_candidate
        *candidates;            /* in the order of `endpoints`; only where no turns are taken */
    unsigned candidate_count;   /* of those with the turns from 0 on … */
    unsigned other_count;       /* … and of the others, behind them */
    bool are_alike;             /* the candidates have the same weight */
    struct pool_sticky *sticky; /* NULL: it is not sticky */
};

struct pool {
    atomic_uint ref_count;
    uint64_t version;              /* 1, 2, 3 … */
    uint64_t members_version;      /* in which an endpoint last came or went */
    atomic_bool is_settled;        /* the endpoints' states are those that it was built with */
    struct pool_service *services; /* sorted by name, then kind */
    unsigned service_count;
    bool is_followed; /* its source tells at once when an endpoint goes */
    struct routes routes;
    struct pool_listeners listeners;
    struct pool_leavers leavers;   /* control only */
    struct service_policy *policy; /* of services that say nothing; one reference */
};

/* Whether new requests of that service may go to the endpoint now. Thread: any. */
static inline bool pool_may_use(const struct pool_service *service, const struct endpoint *endpoint)
{
    return service->usable_states & POOL_STATE_BIT(endpoint_state(endpoint));
}

struct pool_candidates {
    const struct pool_candidate *list;
    unsigned count;
};

/* Those with the turns from 0 on, or the others. Thread: any. */
static inline struct pool_candidates pool_candidates_of(const struct pool_service *service,
                                                        bool are_others)
{
    return are_others ? (struct pool_candidates){service->candidates + service->candidate_count,
                                                 service->other_count}
                      : (struct pool_candidates){service->candidates, service->candidate_count};
}

/* How many turns `rotation` has in all: each usable endpoint has one. Thread: any. */
static inline unsigned pool_turns(const struct pool_service *service)
{
    return service->rotation_count + service->other_turn_count;
}

/* Thread: any. */
struct pool *pool_ref(struct pool *pool);

/* Takes a reference; the last one frees the snapshot and drops its endpoints. NULL is allowed.
 * Thread: any. */
void pool_unref(struct pool *pool);

/* The service of that name and kind, or NULL. Borrowed from the pool. Thread: any. */
const struct pool_service *pool_find_kind(const struct pool *pool, struct view name,
                                          enum service_kind kind);

/* That of HTTP. */
static inline const struct pool_service *pool_find(const struct pool *pool, struct view name)
{
    return pool_find_kind(pool, name, SERVICE_HTTP);
}

/* The same, soon where it is number `*near`, which becomes the one behind it: for who goes through
 * another snapshot's services in order. */
const struct pool_service *pool_find_next(const struct pool *pool, const char *name,
                                          enum service_kind kind, unsigned *near);

#endif
