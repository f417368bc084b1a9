/* What is known of a request's tries: for attempt.c and its parts. */
#ifndef LB_PROXY_ATTEMPT_STATE_H
#define LB_PROXY_ATTEMPT_STATE_H

#include "lb/back/back.h"
#include "lb/back/dial.h"
#include "lb/policy/balance.h"
#include "lb/policy/retry.h"
#include "lb/proxy/env.h"

/* One that was refused so often asks nobody any more who has just refused another one: what a
 * request costs has a bound, however many are dead. */
#define ATTEMPT_REFUSED_MAX     16u
#define ATTEMPT_JUST_REFUSED_MS 1000u

/* What only the request can say, asked by its attempt. */
struct attempt_asker {
    /* When the first snapshot has come since, or one without the service: where it goes now. */
    enum err (*route)(void *request, const struct routes_target **target);
    /* Whether its route is not in force any more, or says something else. */
    bool (*is_moot)(void *request);
    /* Whom it goes to of a service that takes no turns, and has not tried yet. Borrowed from the snapshot.
     * NULL: there is nobody. */
    struct endpoint *(*choose)(void *request);
    /* Whether another service may have it, as its own has nobody who takes it; another one each time.
     * Only where `is_shared`. */
    bool (*move)(void *request, const struct routes_target **target);
    /* It is tried once more. NULL: that need not be said. */
    void (*note_retry)(void *request);
};

struct attempt {
    struct env *env;
    struct service_local *service;     /* what the request goes to, as this worker has it; in use */
    const struct pool_service *listed; /* the same in the snapshot of `version`; NULL: nobody is */
    uint64_t version;                  /* 0: before the first */
    const struct attempt_asker *asker;
    void *request;
    const struct forwarded *forwarded; /* of the request, for lb/back/outcome.h; NULL: it is none */
    const struct treatment *treatment; /* what the request's route asks for; NULL: nothing */
    struct back *back; /* of the running try; NULL between tries and while it connects */
    struct dial *dial; /* NULL unless it connects */
    const struct back_handler *handler; /* of the exchange, while it connects */
    void *owner;
    struct endpoint *endpoint; /* of the latest try, one reference; NULL before the first */
    struct balance_tried tried;
    unsigned count;        /* tries so far */
    unsigned free_count;   /* of them, those that follow one that cost nothing: see retry_is_free */
    unsigned replay_count; /* how often the request was sent again */
    uint64_t retried_after;    /* bit 1 << err for each failure that another try followed */
    uint64_t began_ns;         /* the latest try; monotonic clock */
    uint64_t connected_ns;     /* its connection; 0: reused */
    uint64_t refused_ns;       /* the first refusal since it last had a connection; 0: none */
    unsigned refused_count;    /* connects, in all */
    uint64_t refused_since_ms; /* of those that refused it the latest to begin; 0: none refused */
    bool is_running;           /* counted as in flight */
    bool is_reused;            /* the latest try took an idle connection */
    bool is_resumed;           /* after a wait: the next try costs nothing of the budget */
    bool is_called;            /* after a wait in the queue: it goes before those that wait */
    bool lacked_place;         /* it was to go to `endpoint`, which was full */
    bool was_free;             /* the try before cost nothing, so the next one does not either */
    bool wants_fresh;          /* the next try takes no idle connection */
    bool was_sent;             /* bytes of the running try may have reached the backend */
    bool is_astray;            /* its route has led nowhere: the next snapshot's may lead on */
    bool is_shared;            /* its service is one of several that its route chose among */
};

/* Its service in the snapshot in use, as of the last attempt_aim_follow; NULL: it has no endpoints. */
static inline const struct pool_service *attempt_listed(const struct attempt *attempt)
{
    return attempt->listed;
}

/* Tries that count, the running one included. */
static inline unsigned attempt_paid_count(const struct attempt *attempt)
{
    return attempt->count - attempt->free_count;
}

/* What this worker keeps of the endpoint. */
static inline struct endpoint_local *attempt_local(const struct attempt *attempt)
{
    return fleet_local(&attempt->env->fleet, attempt->endpoint);
}

#endif
