/* What a line tells: endpoints of services, routes and listeners that lead to them, and containers left out
 * with the reason.
 * Holds borrowed strings only; whoever fills a set keeps them alive while it is in use. Pure. */
#ifndef DISCOVERY_SET_H
#define DISCOVERY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/contract/check.h"
#include "lb/contract/endpoint_state.h"
#include "lb/contract/capacity.h"
#include "lb/contract/certificate_wish.h"
#include "lb/contract/left_out_reason.h"
#include "lb/contract/limits.h"
#include "lb/contract/listener_rule.h"
#include "lb/contract/route.h"
#include "lb/contract/service_option.h"
#include "lb/contract/waits.h"

struct set_endpoint {
    const char *service;
    const char *id;        /* unique in a set */
    const char *container; /* of which it is one port; NULL: it is known by its id alone */
    const char *
        owner; /* who asks for it, where that is no container: an entry of a catalog; NULL: the operator */
    const char *name;
    const char *image;    /* of the container; NULL: it is not known */
    const char *source;   /* that tells it, where there are several; NULL: the only one */
    uint64_t created_ns;  /* of the container; 0: unknown, is old; no line tells it */
    const char *protocol; /* "http" */
    const char *address;
    uint16_t port;
    bool is_on_host;  /* of this very host; no label says so */
    bool is_local;    /* it runs on the host that lb runs on, as far as that is known */
    const char *twin; /* the id under which another source may have this very server; NULL: none */
    unsigned weight;
    enum endpoint_state state;
    const char *cause;
    uint64_t cause_time_ns;
    const struct check *check;     /* NULL: its labels say nothing of checks */
    const unsigned *slow_start_ms; /* NULL: they say nothing of it */
    struct waits waits;
    struct capacity capacity;
    const char *remark; /* about its labels, or NULL */
    /* Why this service, port and address, and what its failing HEALTHCHECK said last; or NULL. */
    const char *service_from, *port_from, *address_from, *health;
};

struct set_left_out {
    const char *id;
    const char *container; /* of which it is one port; NULL: the id stands for all of it */
    const char *name;
    const char *service;
    enum left_out_reason reason;
    const char *detail;
    const char *remedy; /* NULL: what the reason's own is */
    uint64_t since_ns;
    const char *remark;                   /* about its labels, or NULL */
    const char *service_from, *port_from; /* as of an endpoint */
    uint16_t port;                        /* 0: unknown */
};

/* What is asked of a service as a whole; told only while it has endpoints. */
struct set_service {
    const char *name; /* each once in a set */
    struct service_options options;
};

#define SET_UNREAD_MAX 8

struct losses;

struct set {
    struct set_endpoint *endpoints;
    size_t endpoint_count;
    size_t endpoint_capacity;
    struct set_service *services; /* of which something is asked */
    size_t service_count;
    size_t service_capacity;
    struct set_left_out *left_out;
    size_t left_out_count;
    size_t left_out_capacity;
    struct route *routes;
    size_t route_count;
    size_t route_capacity;
    struct listener_rule *listeners;
    size_t listener_count;
    size_t listener_capacity;
    struct certificate_wish *certificates; /* that are wished for; no name is in two of them */
    size_t certificate_count;
    size_t certificate_capacity;
    const struct losses *losses;        /* what the source refuses to tell; NULL: nothing */
    const char *remark;                 /* on what belongs to no container, or NULL */
    const char *unread[SET_UNREAD_MAX]; /* sources that have yet to be read to the end */
    size_t unread_count;
};

/* Frees the arrays; the set is empty and usable again. */
void set_fini(struct set *set);

/* Forgets the content, keeps the memory. */
void set_clear(struct set *set);

void set_add_endpoint(struct set *set, const struct set_endpoint *endpoint);
void set_add_service(struct set *set, const struct set_service *service);
void set_add_left_out(struct set *set, const struct set_left_out *left_out);

void set_add_route(struct set *set, const struct route *route);
void set_add_listener(struct set *set, const struct listener_rule *listener);
void set_add_certificate(struct set *set, const struct certificate_wish *certificate);

/* Endpoints by service, name and id; services by name; containers left out by name and id; listeners as
 * listener_order.h has them; certificates by their first name; routes stay in their order. */
void set_sort(struct set *set);

/* What is asked of that service, of a set that is sorted; NULL: nothing. */
const struct set_service *set_find_service(const struct set *set, const char *name);

#endif
