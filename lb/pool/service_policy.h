/* How a service is served: what control took from the settings for it, and from what is said of the
 * service. One object for all services that have the same; immutable, counted. Without pointers, so
 * that two compare by their bytes. Labels of an endpoint override some of it. */
#ifndef LB_POOL_SERVICE_POLICY_H
#define LB_POOL_SERVICE_POLICY_H

#include "lb/contract/balance_rule.h"
#include "lb/contract/check.h"
#include "lb/contract/passage_option.h"
#include "lb/contract/preference.h"
#include "lb/contract/protocol.h"
#include "lb/contract/service_option.h"
#include "lb/contract/sticky_rule.h"
#include "lb/contract/upstream_tls.h"
#include "lb/contract/waits.h"

/* When endpoints are left out because requests fail on them. */
struct outlier_rules {
    unsigned failures_max; /* attempts that failed in a row; 0: they do not count */
    unsigned errors_max;   /* answers 5xx in a row; 0: they do not count */
    unsigned eject_ms;     /* the first ejection; each that follows is twice as long */
    unsigned max_percent;  /* of the pool, that may be ejected */
};

/* When a request that failed goes to another endpoint: see lb/policy/retry.h. */
struct retry_rules {
    unsigned attempts_max;   /* tries that a backend may have had trouble with, in all */
    unsigned replays_max;    /* of them, how often it is sent again after it was sent */
    unsigned budget_percent; /* retries for a hundred requests */
};

/* Of replays: one for an idle connection that had gone stale, one for the fresh one after it, as
 * several backends may be stopped at once. */
#define RETRY_USUAL_ATTEMPTS_MAX 8u
#define RETRY_USUAL_REPLAYS_MAX  2u

struct service_policy {
    /* deadlines; 0: none */
    unsigned connect_timeout_ms;      /* to private addresses */
    unsigned far_connect_timeout_ms;  /* to all others */
    unsigned last_connect_timeout_ms; /* it is given up; after the others another one is tried */
    unsigned wait_ms[WAIT_COUNT];     /* for the answer, for more of it, for more of a stream */
    unsigned dead_after_ms;           /* the host of an endpoint acknowledges nothing */
    unsigned tunnel_timeout_ms;
    unsigned upstream_idle_timeout_ms;
    unsigned hold_ms;         /* how long a request waits for an endpoint; 0: not at all */
    unsigned aborts_on_close; /* 1: a client that has shut its sending side has gone */

    /* what its endpoints take at a time */
    unsigned max_inflight;     /* requests of one of them; 0: no limit */
    unsigned closes_upstreams; /* 1: one request a connection */
    unsigned queue_max;        /* requests that wait for a free one, of all workers; 0: none */
    unsigned queue_timeout_ms; /* how long one waits; 0: not at all */

    struct upstream_tls tls; /* of endpoints by https */

    struct retry_rules retry;
    struct outlier_rules outlier;
    struct check check;
    unsigned slow_start_ms;
    unsigned panic_below_percent; /* panic when less than this share is ready; 0: never */
    unsigned panic_includes_unhealthy;

    struct balance_rule balance;
    unsigned preference; /* enum preference */
    /* of TCP and UDP services */
    unsigned proxy_version;   /* enum proxy_version: what its endpoints are told of the client */
    unsigned drains_by_reset; /* 1: connections to an endpoint that drains end */
    unsigned tcp_idle_timeout_ms; /* without a byte either way; 0: for ever */
    unsigned udp_idle_timeout_ms; /* without a datagram; never 0 */
    struct sticky_rule sticky;    /* the cookie; read where `balance` is sticky */
    unsigned char sticky_key[16]; /* of its value */
};

/* Copies the values. Gives one reference. Thread: control. */
struct service_policy *service_policy_new(const struct service_policy *values);

/* Thread: any, as for the next. */
struct service_policy *service_policy_ref(struct service_policy *policy);

/* The last one frees it. NULL is allowed. */
void service_policy_unref(struct service_policy *policy);

#define SERVICE_POLICY_TCP_IDLE_MS 3600000u
#define SERVICE_POLICY_UDP_IDLE_MS 30000u

/* Makes `*values`, those of all HTTP services, those of another kind: what they balance by is its own, unless
 * an option says it (least connections for TCP; for UDP the hash of the client's address and port), and
 * nobody is checked by HTTP at the port that gets connections or datagrams. Pure. */
void service_policy_of_kind(struct service_policy *values, enum service_kind kind);

/* Lays what is said of a service over `*values`, those of its kind; what cannot be used, or not for a service
 * of that kind, counts as not said, but for whom it trusts: then nobody. Pure. */
void service_policy_set(struct service_policy *values, enum service_kind kind,
                        const struct service_options *options);

/* Whether it says the same. Thread: any. */
bool service_policy_is(const struct service_policy *policy, const struct service_policy *values);

#endif
