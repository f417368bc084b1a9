/* One upstream address of a service, or of several: what it is, its state, and its counters. The same object lives
 * on through all snapshots that list it. Holds no libuv handle, so any thread may drop the last
 * reference. */
#ifndef LB_POOL_ENDPOINT_H
#define LB_POOL_ENDPOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/base/err.h"
#include "lb/base/list.h"
#include "lb/contract/check.h"
#include "lb/contract/endpoint_state.h"
#include "lb/contract/capacity.h"
#include "lb/contract/waits.h"
#include "lb/observe/coarse_histogram.h"
#include "lb/observe/traffic.h"
#include "lb/pool/service_policy.h"
#include "lb/pool/witness.h"

/* What an operator says of an endpoint; it stays until the operator says otherwise. */
enum endpoint_order { ENDPOINT_ORDER_NONE, ENDPOINT_ORDER_DRAIN, ENDPOINT_ORDER_DISABLE };

/* The errors that an endpoint can be blamed for. */
#define ENDPOINT_FAILURE_FIRST TRAFFIC_FAILURE_FIRST
#define ENDPOINT_FAILURE_COUNT TRAFFIC_FAILURE_COUNT

/* What one worker keeps of a server. Only that worker writes; counters are read by control. A
 * request that ends well and soon touches the first two lines of the cache only. */
struct endpoint_local {
    _Alignas(64) struct list idle;   /* its idle connections, latest used first; worker only */
    struct list with_idle;           /* in the worker's list of endpoints with idle connections */
    atomic_uint idle_count;          /* of them; others may ask for some of them */
    bool is_distrusted;              /* speaks unasked: one request a connection; worker only */
    atomic_uint inflight_count;      /* requests it is working on */
    atomic_uint_fast64_t answers[6]; /* by status / 100 */
    struct coarse_histogram
        durations; /* of attempts that were answered, to the end of the answer */
    atomic_uint_fast64_t failure_count; /* connects refused or timed out, resets, bad answers */
    atomic_uint_fast64_t failures[ENDPOINT_FAILURE_COUNT]; /* the same by error */
    atomic_uint_fast64_t retry_count;   /* attempts that another one followed, whoever got it */
    atomic_uint_fast64_t connect_count; /* that succeeded */
    atomic_uint_fast64_t connect_ns;    /* what they took, in all */
    uint64_t idle_closed_at_ms; /* when it last closed an idle connection, by the worker's loop … */
    uint64_t distrusted_at_ms;   /* by the worker's loop; worker only */
    unsigned idle_closed_age_ms; /* … and how long that had been idle; worker only */
    uint64_t refuses_since_ms;   /* it has refused all connects since; 0: none; worker only */
    uint64_t refused_ms;         /* the latest of them */
    uint64_t listens_since_ms;   /* the first connect after some that were refused; 0: none */
    atomic_uint asked_count;     /* idle connections that it is to close, see lb/policy/admit.h */
};

/* By worker index. An endpoint and its successor under another name or weight have the same ones:
 * they are one server. */
struct endpoint_locals {
    atomic_uint ref_count;
    struct endpoint_local of[];
};

/* An endpoint and its successor have the same ones, and so has one that left and comes back. */
struct endpoint_places {
    _Alignas(64) atomic_uint ref_count;
    /* Requests of all workers that were let in by lb/policy/admit; others are not counted here, and
     * the line of the cache is nobody's that has not to be let in. */
    atomic_uint admitted_count;
    struct witness last_straw; /* lb/back/outcome.h notes it */
};

/* What lb/health has under way for an endpoint, at most one of each kind. It holds a reference, and
 * goes over to a successor. Thread: control. */
enum endpoint_tie_kind { ENDPOINT_WATCH, ENDPOINT_PROBE, ENDPOINT_TIE_COUNT };

struct endpoint_tie {
    struct endpoint *endpoint; /* NULL: the tie has been cut */
};

/* In lines of the cache by who needs it when: a request the first one and a line of its worker's
 * `locals`, the building of a snapshot the second one as well. */
struct endpoint {
    _Alignas(64) atomic_uint ref_count;
    _Atomic(enum endpoint_state) state;
    /* Failures in a row, of all workers: of attempts in the low half, answers 5xx in the high one.
     * lb/policy/outlier counts. */
    atomic_uint streaks;
    atomic_uint idle_limit_ms;       /* how long it keeps an idle connection; 0: not known */
    atomic_uint wait_ms[WAIT_COUNT]; /* its own deadlines; WAITS_UNGIVEN: those of the settings */
    atomic_uint aborts_on_close;     /* enum waits_choice; WAITS_UNSAID: as the settings say */
    atomic_uint max_inflight;        /* connections, of all workers; 0: no limit; lb/policy/admit */
    atomic_bool is_kept_alive;       /* a connection may serve more than one request */
    atomic_bool has_kin;             /* several services have it */
    enum protocol protocol;          /* of it and its address */
    unsigned weight;
    unsigned worker_count;
    struct endpoint_local *locals; /* by worker index */
    char *container;               /* its id, as people are told; `id` where there is none */
    char *name;
    char *service;          /* control only; of several the first one */
    atomic_uint complaints; /* that were made, as bits; see lb/back/complaint.h */
    char *id;          /* its source's: of a port of a container; "address:port" of --backend */
    char *server_name; /* by which the operator named its host; NULL: by none */
    struct endpoint_places *places;

    /* control only, from here on: a successor takes over all of it, but for what endpoint_inherit
     * names. First what endpoint_judge makes the state of */
    _Alignas(64) enum endpoint_order order;
    enum endpoint_state source_state; /* READY, STARTING, UNHEALTHY, PAUSED or DRAINING */
    bool is_admitted; /* a first contact succeeded since its source called it ready */
    bool is_failing;  /* by lb's own checks */
    bool is_ejected;  /* until a probe has succeeded after ejected_until_ms */
    bool is_suspect;  /* it would be ejected, were not too many already */
    bool is_local;    /* it runs on the host that lb runs on */
    bool is_by_tls;   /* requests go there by https */

    /* the rest */
    enum endpoint_state
        next_state; /* as judged for the latest snapshot; pool_build_settle applies it */
    enum endpoint_state told_state; /* the latest that on_change told */
    unsigned ordered_weight;        /* an operator's, instead of `weight`; 0: none */
    unsigned slow_start_ms;
    uint64_t ready_ms; /* when it last became ready: slow start counts from it; as all `_ms` here by
                        * the loop's clock */
    struct endpoint_tie *ties[ENDPOINT_TIE_COUNT];
    struct check *check; /* what its labels say of checks, owned; NULL: nothing */
    /* Of the service that listed it last; one reference. NULL: none has. */
    struct service_policy *policy;

    unsigned ejection_count; /* in a row: each is longer than the last */
    uint64_t ejected_count;  /* how often, in all */
    uint64_t ejected_until_ms;
    uint64_t returned_ms;    /* when the last ejection ended */
    uint64_t taken_version;  /* the latest snapshot that has it */
    uint64_t listed_version; /* the snapshot in which its service's members last changed; 0: none */
    uint64_t state_since_ns; /* wall clock */
    uint64_t cause_time_ns;  /* wall clock of what last changed it at the source; 0: unknown */
    char cause[48];          /* and the source's word for it */
    char problem[160];       /* why it is not ready, for a human; "" where the state says all */

    struct address address;
    char address_text[ADDRESS_TEXT_BYTES]; /* "ip:port" */
};

struct endpoint_options {
    const char *id;
    const char *container; /* NULL: as the id */
    const char *name;
    const char *service;
    const char *server_name; /* NULL: none */
    struct address address;
    enum protocol protocol;
    unsigned weight;
    unsigned worker_count;
};

/* Gives one reference. Strings are copied. State: PROBING. Thread: control. */
struct endpoint *endpoint_new(const struct endpoint_options *options);

/* Thread: any. */
struct endpoint *endpoint_ref(struct endpoint *endpoint);

/* Takes a reference; the last one frees. NULL is allowed. Thread: any. */
void endpoint_unref(struct endpoint *endpoint);

/* Thread: any. */
static inline enum endpoint_state endpoint_state(const struct endpoint *endpoint)
{
    return atomic_load_explicit(&endpoint->state, memory_order_acquire);
}

static inline bool endpoint_is_usable(const struct endpoint *endpoint)
{
    return endpoint_state(endpoint) == ENDPOINT_READY;
}

/* Its share of the rotation. Thread: control. */
static inline unsigned endpoint_weight(const struct endpoint *endpoint)
{
    return endpoint->ordered_weight ? endpoint->ordered_weight : endpoint->weight;
}

/* Thread: control. */
void endpoint_set_state(struct endpoint *endpoint, enum endpoint_state state);

/* The state that follows from all causes, the first of these that holds. Pure.
 *   1 DISABLED   an operator's order        4 EJECTED   requests failed; its time runs, or the
 *   2 DRAINING   an operator's order                    probe after it has not succeeded yet
 *   3 what its source says, where that      5 PROBING   no first contact has succeeded yet
 *     is not "ready"                        6 FAILING   lb's checks fail       7 READY
 * So what is decided by people comes before what was observed. Thread: control. */
enum endpoint_state endpoint_judge(const struct endpoint *endpoint);

/* Notes the source's word. One that is not "ready" ends what lb had observed: the endpoint begins
 * anew with a first contact. Thread: control. */
void endpoint_take_source_state(struct endpoint *endpoint, enum endpoint_state state);

/* Takes over what is known of `from`, of which `endpoint`, which is new, is another name or weight:
 * counters and connections too. What is under way for `from` goes on for `endpoint`. Thread:
 * control.
 */
void endpoint_inherit(struct endpoint *endpoint, struct endpoint *from);

/* Takes over the places of `from` alone: `endpoint`, which is new, is the same server, come back. Thread:
 * control. */
void endpoint_share_places(struct endpoint *endpoint, const struct endpoint *from);

/* Ties, and unties again: takes a reference, or drops it. Thread: control. */
void endpoint_tie(struct endpoint *endpoint, enum endpoint_tie_kind kind, struct endpoint_tie *tie);
void endpoint_untie(enum endpoint_tie_kind kind, struct endpoint_tie *tie);

/* Whether a first contact is what its state waits for. Thread: control. */
bool endpoint_wants_probe(const struct endpoint *endpoint, uint64_t now_ms);

/* Replaces `problem`; cut where it is too long. NULL empties it. Thread: control. */
void endpoint_note_problem(struct endpoint *endpoint, const char *problem);

/* The share of its weight that slow start gives it now, in percent: 1 to 100. Thread: control. */
unsigned endpoint_share_percent(const struct endpoint *endpoint, uint64_t now_ms);

/* What all workers counted, added up. */
struct endpoint_sums {
    uint64_t inflight_count;
    uint64_t failures[ENDPOINT_FAILURE_COUNT];
    uint64_t answers[6];
    uint64_t retry_count;
    uint64_t connect_count;
    uint64_t connect_ns;
    struct coarse_histogram durations;
};

/* Adds the endpoint's counters to `*sums`. Thread: control. */
void endpoint_add_to(const struct endpoint *endpoint, struct endpoint_sums *sums);

/* Sums over the workers: reads a line of the cache of each. Thread: any, the others control. */
uint64_t endpoint_inflight_count(const struct endpoint *endpoint);
uint64_t endpoint_request_count(const struct endpoint *endpoint);
uint64_t endpoint_failure_count(const struct endpoint *endpoint);

/* Of all who have the same places. Thread: any. */
static inline atomic_uint *endpoint_admitted_count(const struct endpoint *endpoint)
{
    return &endpoint->places->admitted_count;
}

/* Thread: any. */
static inline unsigned endpoint_idle_count(const struct endpoint *endpoint, unsigned worker_index)
{
    return atomic_load(&endpoint->locals[worker_index].idle_count);
}

/* Adds to a counter of which the calling worker is the only writer. */
static inline void endpoint_count(atomic_uint_fast64_t *counter, int64_t change)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + (uint64_t)change, memory_order_relaxed);
}

/* Begins or ends a request. Thread: the worker of `local`. */
static inline void endpoint_count_inflight(struct endpoint_local *local, int change)
{
    unsigned value = atomic_load_explicit(&local->inflight_count, memory_order_relaxed);
    atomic_store_explicit(&local->inflight_count, value + (unsigned)change, memory_order_relaxed);
}

#endif
