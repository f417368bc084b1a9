/* What the next snapshot is to hold: whom discovery, the orders and --backend name, put together. */
#ifndef LB_POOL_POOL_WANTED_H
#define LB_POOL_POOL_WANTED_H

#include "lb/contract/service_option.h"
#include "lb/pool/endpoint.h"
#include "lb/route/listener_table.h"
#include "lb/route/name_map.h"

struct pool_wanted_endpoint {
    const char *service;
    enum service_kind kind; /* of that service */
    enum protocol protocol; /* that it speaks; protocol_serves the kind */
    const char *id;         /* unique within its service */
    bool is_shared;         /* other services may have it too: they are one then */
    bool is_local;          /* it runs on the host that lb runs on */
    const char *container;  /* NULL: as the id */
    const char *name;
    const char *server_name; /* by which the operator named its host; NULL: by none */
    struct address address;
    unsigned weight;           /* 1 to LIMITS_WEIGHT_MAX */
    enum endpoint_state state; /* what the source says; READY is PROBING until admitted */
    const char *cause;
    uint64_t cause_time_ns;
    struct check *check; /* what its labels say of checks; NULL: nothing */
    bool has_slow_start; /* its labels say it; else the rules do */
    unsigned slow_start_ms;
    struct waits waits;
    struct capacity capacity;
    enum endpoint_order order;
    unsigned ordered_weight; /* 0: `weight` counts */
    /* What pool_build found or made for it, which looks here first the next time; only compared,
     * never followed. Who changes anything from `service` to `weight` sets it to NULL. */
    const struct endpoint *known;
};

#define POOL_WANTED_NO_SHARE (-1)

/* What was ordered of a service. */
struct pool_wanted_order {
    const char *service;
    /* Of the requests that it shares with others: those of which nothing is ordered get what remains. */
    int percent;
    uint64_t paused_until_ms; /* its requests wait, by the loop's clock; 0: they do not */
};

/* What is said of a service, whether it has endpoints or not, beside the rules of all. */
struct pool_wanted_service {
    const char *name;
    struct service_options options; /* one that cannot be used counts as not given */
};

struct pool_wanted {
    struct pool_wanted_endpoint *endpoints; /* any order; strings borrowed */
    unsigned endpoint_count;
    struct pool_wanted_service *services; /* any order, each name once; all of it borrowed */
    unsigned service_count;
    struct route_table *routes;             /* NULL: there are none; borrowed */
    struct listener_table *listeners;       /* NULL: there are none; borrowed */
    const char *routed;                     /* the default service; borrowed */
    enum err unrouted;                      /* as in struct routes */
    const struct pool_wanted_order *orders; /* borrowed, any order */
    unsigned order_count;
    bool is_trusted; /* READY is READY, without a probe */
    const struct name_map
        *doubted;     /* ids of those that are not trusted with the others; NULL: none; borrowed */
    bool is_followed; /* the source tells at once when an endpoint goes */
};

#endif
