/* What a line tells: endpoints of services, and containers left out with the reason. Holds
 * borrowed strings only; whoever fills a set keeps them alive while it is in use. Pure. */
#ifndef DISCOVERY_SET_H
#define DISCOVERY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/contract/check.h"
#include "lb/contract/waits.h"

#define SET_WEIGHT_MAX 256

/* Words of FORMAT.md. */
#define SET_STATES(X)                                                                              \
    X(READY, "ready")                                                                              \
    X(STARTING, "starting")                                                                        \
    X(DRAINING, "draining")                                                                        \
    X(UNHEALTHY, "unhealthy")                                                                      \
    X(PAUSED, "paused")

#define SET_REASONS(X)                                                                             \
    X(NOT_RUNNING, "not_running")                                                                  \
    X(DISABLED, "disabled")                                                                        \
    X(NO_PORT, "no_port")                                                                          \
    X(BAD_PORT, "bad_port")                                                                        \
    X(BAD_ADDRESS, "bad_address") /* told by the reader */                                         \
    X(BAD_LABEL, "bad_label")                                                                      \
    X(NO_SHARED_NETWORK, "no_shared_network")                                                      \
    X(NO_ADDRESS, "no_address")                                                                    \
    X(SELF, "self")                                                                                \
    X(OVERRULED, "overruled")

#define SET_ENUM_STATE(name, word)  SET_STATE_##name,
#define SET_ENUM_REASON(name, word) SET_REASON_##name,
enum set_state { SET_STATES(SET_ENUM_STATE) SET_STATE_COUNT };
enum set_reason { SET_REASONS(SET_ENUM_REASON) SET_REASON_COUNT };

struct set_endpoint {
    const char *service;
    const char *id;
    const char *name;
    const char *address;
    uint16_t port;
    bool is_on_host; /* of this very host; no label says so */
    unsigned weight;
    enum set_state state;
    const char *cause;
    uint64_t cause_time_ns;
    const struct check *check;     /* NULL: its labels say nothing of checks */
    const unsigned *slow_start_ms; /* NULL: they say nothing of it */
    struct waits waits;
    const char *remark; /* about its labels, or NULL */
    /* Why this service, port and address, and what its failing HEALTHCHECK said last; or NULL. */
    const char *service_from, *port_from, *address_from, *health;
};

struct set_left_out {
    const char *id;
    const char *name;
    const char *service;
    enum set_reason reason;
    const char *detail;
    const char *remedy; /* NULL: what the reason's own is */
    uint64_t since_ns;
    const char *remark;                   /* about its labels, or NULL */
    const char *service_from, *port_from; /* as of an endpoint */
    uint16_t port;                        /* 0: unknown */
};

struct losses;

struct set {
    struct set_endpoint *endpoints;
    size_t endpoint_count;
    size_t endpoint_capacity;
    struct set_left_out *left_out;
    size_t left_out_count;
    size_t left_out_capacity;
    const struct losses *losses; /* what the source refuses to tell; NULL: nothing */
};

/* Frees the arrays; the set is empty and usable again. */
void set_fini(struct set *set);

/* Forgets the content, keeps the memory. */
void set_clear(struct set *set);

void set_add_endpoint(struct set *set, const struct set_endpoint *endpoint);
void set_add_left_out(struct set *set, const struct set_left_out *left_out);

/* Endpoints by service, name and id; containers left out by name and id. */
void set_sort(struct set *set);

const char *set_state_word(enum set_state state);
const char *set_reason_word(enum set_reason reason);

/* Fails: SET_STATE_COUNT. */
enum set_state set_state_parse(const char *word);

#endif
