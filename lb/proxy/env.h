/* What one worker lends to its exchanges, and its two sides: clients and backends. Everything here
 * belongs to the worker's thread but the counters and endpoints, which say so themselves. */
#ifndef LB_PROXY_ENV_H
#define LB_PROXY_ENV_H

#include "lb/back/fleet_state.h"
#include "lb/base/rng.h"
#include "lb/contract/https_rule.h"
#include "lb/contract/pattern.h"
#include "lb/front/crowd_state.h"
#include "lb/http/answer.h"
#include "lb/net/errand_turn.h"
#include "lb/observe/notables.h"
#include "lb/policy/rate_table.h"
#include "lb/pool/pool_slot.h"
#include "lb/proxy/challenge.h"
#include "lb/proxy/table_use.h"
#include "lb/tls/tls_server.h"

#define ENV_ERROR_PAGE_MAX 32

struct flow_table;

struct exchange_options {
    unsigned max_held_count;   /* of this worker */
    uint64_t max_body_bytes;   /* 0: no limit */
    uint64_t max_buffer_bytes; /* of this worker */
    unsigned max_pipe_count;
    unsigned max_flow_count;  /* of this worker; 0: FLOW_COUNT_USUAL of flow_table.h */
    struct rate_table *rates; /* of all workers; borrowed; NULL: nobody is limited */
    uint32_t instance;        /* a number that no other lb has, for Via */
    bool adds_forwarded;
    bool omits_via;
    bool begins_traces;
    struct answer_page error_pages[ENV_ERROR_PAGE_MAX]; /* bytes borrowed, as front.trust is */
    unsigned error_page_count;
    struct https_rule https;            /* of all routes that do not say otherwise */
    struct challenge_places challenges; /* borrowed likewise */
    struct view service;                /* a Host for requests without one; borrowed likewise */
};

struct env_tls_options {
    bool is_spoken; /* some listener is for it */
    enum tls_policy policy;
    struct tls_tickets *tickets; /* of all workers; borrowed; NULL: none are given */
    const char *acme_dir; /* with alpn/NAME.pem, for acme-tls/1; borrowed; NULL: there is none */
};

struct env_options {
    struct front_options front;
    struct back_options back;
    struct exchange_options exchange;
    struct env_tls_options tls;
    struct service_policy policy; /* until a snapshot says how services are served */
};

struct env {
    struct crowd crowd;
    struct fleet fleet;
    struct loop *loop;
    struct exchange_options options;
    struct pool *pool;             /* the snapshot in use; one reference; NULL before the first */
    struct table_use *table_use;   /* of the snapshot's routes; NULL: it has none */
    struct service_local *nowhere; /* in place of a service where there is none; in use */
    struct pool_slot slot;         /* where control leaves the next one */
    struct rng rng;
    struct passing passing;          /* connections and flows that are for no service */
    struct library *library;         /* one reference; NULL: nothing is known of any file */
    struct tls_server *tls_server;   /* NULL: no listener is for TLS */
    struct env_tls_options tls;      /* of that */
    struct tls_store *certificates;  /* one reference; NULL: there are none */
    struct errand_turns sign_ins;    /* passwords that are tried */
    struct auth_cache *auth_cache;   /* NULL: nobody has signed in yet */
    struct pattern_scratch *scratch; /* for the regexes of routes */
    struct metrics metrics;
    /* Gets the record of each finished request; NULL: nobody reads it, and only what the counters
     * need is filled in. */
    void (*on_record)(void *owner, const struct record *record);
    void *record_owner;
    /* What is kept of requests that are over; NULL: nothing. A request that ended well need not be told of
     * when it took less than that, and nobody reads records. */
    struct notables *notables;
    _Atomic uint64_t told_from_ns;
    /* lb itself, not an endpoint, was at fault when it could not connect; a negative libuv error.
     * On the worker's thread. NULL: nobody wants to know. */
    void (*on_own_fault)(int status);

    /* A request was refused, as it is not known whether this route holds for it. On the worker's
     * thread. NULL: nobody wants to know. */
    void (*on_doubt)(struct view route);

    struct flow_table *flows; /* NULL: no UDP listener was ever opened here */
    struct list mirrors;      /* struct mirror: copies of requests that are under way */
    unsigned mirror_count;
    struct list held; /* struct hold of requests that wait, longest first */
    unsigned held_count;
    struct deadline knock; /* when it is looked who of those that refused them listens again */
    uint64_t started_ms;   /* by the loop's clock */

    struct admit_office office; /* of this worker alone, where there are no others */
    struct list queues;         /* struct queue: what waits for a place, by service */
    unsigned queue_count;
    struct loop_task queue_call; /* they are looked at after the running call */

    unsigned
        resettable_count; /* struct passage: those that joined an endpoint of a service that drains by reset */

    _Atomic uint32_t
        *running; /* where others read how many requests and passages there are; never NULL */
    _Atomic uint32_t running_here; /* while nobody has given a place for that */

    struct slab exchange_slab;
    struct slab parser_slab;
    struct slab hold_slab;
    struct slab tunnel_slab;
    struct slab passage_slab;
    struct slab hello_slab;
    struct slab queue_slab;
    struct slab wait_slab;
};

/* Where connections and flows of that service are counted. */
static inline struct passing *env_passing(struct env *env, const struct service_local *local)
{
    const struct service *service = service_of(local);
    return service->passings ? service_passing(service, env->fleet.worker_index) : &env->passing;
}

/* One more or one less. */
static inline void env_note_running(struct env *env)
{
    atomic_store_explicit(env->running,
                          env->exchange_slab.used_count + env->passage_slab.used_count,
                          memory_order_relaxed);
}

/* Whether somebody wants to be told of a request that ended well after so long. */
static inline bool env_tells(const struct env *env, uint64_t total_ns)
{
    return total_ns >= atomic_load_explicit(&env->told_from_ns, memory_order_relaxed);
}

/* Tells whoever reads records, and keeps what is to be kept. */
static inline void env_tell(struct env *env, const struct record *record)
{
    if (env->on_record)
        env->on_record(env->record_owner, record);
    if (env->notables)
        notables_take(env->notables, record, env->on_record != NULL);
}

/* Whose clients they are. */
static inline struct env *env_of(struct crowd *crowd)
{
    return list_entry(crowd, struct env, crowd);
}

#endif
