/* How a service is served: the settings of the whole program that one service can have its own of.
 */
#ifndef LB_CONFIG_CONFIG_POLICY_H
#define LB_CONFIG_CONFIG_POLICY_H

#include "lb/contract/balance_rule.h"
#include "lb/contract/check.h"
#include "lb/contract/preference.h"
#include "lb/contract/sticky_rule.h"
#include "lb/contract/upstream_tls.h"
#include "lb/config/config_table.h"

struct config_policy {
    struct balance_rule balance; /* whom requests go to */
    struct sticky_rule sticky;   /* the cookie of sticky services */
    unsigned preference;         /* enum preference: who gets requests before others */

    /* deadlines; 0: none */
    unsigned connect_timeout_ms;       /* to a backend at a private address */
    unsigned far_connect_timeout_ms;   /* to one at a public address */
    unsigned last_connect_timeout_ms;  /* to one when there is no other left to try */
    unsigned response_timeout_ms;      /* request sent until the response's head */
    unsigned body_timeout_ms;          /* without progress of a body, either way */
    unsigned stream_timeout_ms;        /* the same for answers that are streams */
    unsigned upstream_dead_after_ms;   /* a backend's host acknowledges nothing */
    unsigned tunnel_timeout_ms;        /* tunnel (WebSocket) without a byte, either way */
    unsigned upstream_idle_timeout_ms; /* idle connection to a backend */
    unsigned hold_ms;                  /* a request waits so long for a backend; 0: not at all */
    unsigned queue_timeout_ms;         /* a request waits so long for a backend that is not busy */
    unsigned tcp_idle_timeout_ms;      /* connection of a TCP service without a byte, either way */
    unsigned udp_idle_timeout_ms;      /* flow without a datagram; never 0 */

    /* TCP services */
    unsigned proxy_version;   /* enum proxy_version: what backends are told of the client */
    unsigned drains_by_reset; /* 1: connections to a backend that drains end */

    struct upstream_tls tls; /* servers by https */

    /* health */
    struct check check;           /* what lb does by itself; every word is given */
    unsigned eject_after;         /* failed attempts in a row; 0: none are too many */
    unsigned eject_5xx;           /* answers 5xx in a row; 0: none are too many */
    unsigned eject_time_ms;       /* the first ejection */
    unsigned eject_max_percent;   /* of the pool */
    unsigned panic_below_percent; /* 0: never */
    unsigned panic_unhealthy;     /* 1: whose HEALTHCHECK fails, too */
    unsigned slow_start_ms;       /* 0: none */

    /* limits */
    unsigned max_inflight;       /* requests at a time of one backend; 0: no limit */
    unsigned queue;              /* requests that wait for one; 0: none */
    unsigned upstream_keepalive; /* 1: more than one request a connection */

    /* retries */
    unsigned retry_budget_percent; /* for a hundred requests */
};

/* Its settings, which the table of the whole program, or of a service, has as its own. */
extern const struct config_table config_policy_balance;
extern const struct config_table config_policy_deadlines;
extern const struct config_table config_policy_health;
extern const struct config_table config_policy_limits;
extern const struct config_table config_policy_retries;
extern const struct config_table config_policy_passages;

#endif
