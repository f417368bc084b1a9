/* What one worker lends to its connections and exchanges. Everything here belongs to the worker's
 * thread but the counters and endpoints, which say so themselves. */
#ifndef LB_PROXY_ENV_H
#define LB_PROXY_ENV_H

#include "lb/base/rng.h"
#include "lb/base/slab.h"
#include "lb/http/answer.h"
#include "lb/http/date.h"
#include "lb/http/forwarded_for.h"
#include "lb/http/parser.h"
#include "lb/net/loop.h"
#include "lb/observe/metrics.h"
#include "lb/policy/outlier.h"
#include "lb/policy/quota.h"
#include "lb/policy/retry_budget.h"
#include "lb/pool/pool_slot.h"
#include "lb/proxy/relay.h"

#define ENV_ERROR_PAGE_MAX 32

/* So much of a body must be left for a pipe to be worth its system calls. */
#define ENV_SPLICE_BYTES_MIN 131072u

struct env_options {
    unsigned head_timeout_ms;
    unsigned idle_timeout_ms;
    unsigned connect_timeout_ms;     /* to private addresses */
    unsigned far_connect_timeout_ms; /* to all others */
    unsigned
        last_connect_timeout_ms; /* when it is given up; after the others another one is tried */
    unsigned response_timeout_ms;
    unsigned body_timeout_ms;
    unsigned stream_timeout_ms;
    unsigned tunnel_timeout_ms;
    unsigned upstream_idle_timeout_ms;
    uint64_t max_body_bytes;    /* 0: no limit */
    uint64_t max_buffer_bytes;  /* of this worker */
    unsigned max_request_count; /* on one connection; 0: no limit */
    unsigned max_client_count;
    unsigned max_refused_count;  /* clients above it that get an answer at the same time */
    unsigned max_upstream_count; /* above it idle ones are closed; 0: no limit */
    unsigned max_pipe_count;
    unsigned retry_budget_percent;
    unsigned hold_ms;        /* how long a request waits for an endpoint; 0: not at all */
    unsigned max_held_count; /* of this worker */
    struct trust trust;      /* borrowed until proxy_configure gives others */
    uint32_t instance;       /* a number that no other lb has, for Via */
    bool adds_forwarded;
    bool omits_via;
    bool aborts_on_close; /* a client that has shut its sending side has gone */
    struct answer_page error_pages[ENV_ERROR_PAGE_MAX]; /* bytes borrowed likewise */
    unsigned error_page_count;
    struct quota *quota; /* connections by client address, of all workers; NULL: no limit */
    struct view service; /* a Host for requests without one; borrowed as `trust` is */
    struct parser_limits request_limits;
    struct parser_limits response_limits;
    struct outlier_rules outlier;
};

struct env {
    struct loop *loop;
    struct env_options options;
    unsigned worker_index;
    struct pool *pool;      /* the snapshot in use; one reference; NULL before the first */
    struct service_local *nowhere; /* in place of a service where there is none; in use */
    struct pool_slot slot;  /* where control leaves the next one */
    uint64_t swept_version; /* its members_version when all of with_idle was last swept */
    struct parser_setup request_setup;
    struct parser_setup response_setup;
    struct rng rng;
    struct metrics metrics;
    struct retry_budget retry_budget;
    /* Gets the record of each finished request; NULL: nobody reads it, and only what the counters
     * need is filled in. */
    void (*on_record)(void *owner, const struct record *record);
    void *record_owner;
    /* An endpoint fails too often; called on the worker's thread. NULL: nobody wants to know. */
    void (*on_suspect)(void *owner);
    void *suspect_owner;
    /* Something is wrong with an endpoint's answers, of which `sample` is a piece; both borrowed. On
     * the worker's thread. NULL: nobody wants to know. */
    void (*on_complaint)(const struct endpoint *endpoint, const char *sentence, struct view sample);
    /* lb itself, not an endpoint, was at fault when it could not connect; a negative libuv error.
     * On the worker's thread. NULL: nobody wants to know. */
    void (*on_own_fault)(int status);

    /* Clients were cut off because more waited than may. On the worker's thread. NULL: nobody wants
     * to know. */
    void (*on_full)(void);

    /* Too many are there: a client that has not asked yet is refused or gives way. Likewise. */
    void (*on_crowded)(void);

    struct list idle_clients; /* between requests, longest first */
    struct list busy_clients; /* all others */
    struct list held;         /* struct hold of requests that wait, longest first */
    unsigned held_count;
    uint64_t started_ms;   /* by the loop's clock */
    struct list with_idle; /* endpoint_local of endpoints with idle connections */
    unsigned client_count;
    unsigned closing_client_count; /* of these */
    unsigned upstream_count;
    bool is_leaving;  /* answers say that the connection closes */
    bool is_draining; /* and so do connections that were told otherwise */

    struct date date;         /* see env_date */
    struct relay to_upstream; /* what the running read collects; empty in between */
    struct relay to_client;

    struct slab client_slab;
    struct slab upstream_slab;
    struct slab exchange_slab;
    struct slab parser_slab;
    struct slab hold_slab;
    struct slab dial_slab;
    struct slab tunnel_slab;
};

/* Clients that are not closing: those have given their descriptors back. */
static inline unsigned env_present_count(const struct env *env)
{
    return env->client_count - env->closing_client_count;
}

/* Now, as the value of Date; made anew when a second is over. */
static inline struct view env_date(struct env *env)
{
    if (loop_now_ms(env->loop) >= env->date.until_ms)
        date_make(&env->date, loop_now_ms(env->loop), loop_wall_ns(env->loop));
    return date_text(&env->date);
}

#endif
