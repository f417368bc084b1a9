/* The containers that are known, where their offers are placed and how each of them lives: what
 * events, lists and inspects say, brought together. Knows no sockets and no clock: the caller asks
 * the engine what it is told to, and hands in the time. Pure. */
#ifndef DISCOVERY_DOCKER_ROSTER_H
#define DISCOVERY_DOCKER_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/docker/container.h"
#include "discovery/docker/docker_event.h"
#include "discovery/docker/listing.h"
#include "discovery/docker/placement.h"
#include "discovery/set.h"
#include "lb/contract/endpoint_id.h"

#define ROSTER_CAUSE_BYTES DOCKER_EVENT_ACTION_BYTES
/* Of the dead that a list has, so many are asked about. */
#define ROSTER_AUTOPSIES_MAX 64

#define ROSTER_OFFER_ID_BYTES (ENGINE_ID_LEN + ENDPOINT_ID_PORT_BYTES)

struct inspection;

/* Where an offer of a container, or a container as a whole, went on the last line. Written by the
 * survey alone. */
struct shown {
    bool is_known;
    bool is_port;                   /* of the container; else all of it */
    char id[ROSTER_OFFER_ID_BYTES]; /* its own, or the container's */
    struct placement placement;
    char *name;
    enum endpoint_state state;
    unsigned weight;
    char cause[ROSTER_CAUSE_BYTES];
    uint64_t cause_time_ns;
    uint64_t since_ns; /* of the reason */
};

struct member {
    struct container *container; /* owned; a sketch until it was inspected */
    bool is_hidden;              /* so new that nothing certain is known */
    bool is_draining;            /* was told to stop, has not died yet */
    uint64_t drain_until_ms;     /* 0: for ever */
    bool is_autopsy;             /* the next inspect is of one that has died */
    int early_signal;            /* came after the start and before the first inspect; 0: none */
    uint64_t ask_at_ms;          /* when to inspect it again; 0: never */
    uint64_t touched;            /* number of the last event about it */
    uint64_t fingerprint;        /* of the list entry that the last inspect followed */
    bool is_listed;              /* used while a list is taken in */
    char cause[ROSTER_CAUSE_BYTES];
    uint64_t cause_time_ns;
    struct shown *shown; /* by its offers, in their order; owned */
    size_t shown_count;
    struct inspection *inspection; /* the question in flight about it; owned by the inspector */
};

struct roster {
    struct member **members; /* sorted by id */
    size_t count;
    size_t capacity;
    uint64_t event_count;
    uint64_t last_destroy;   /* number of the last event that removed one */
    unsigned autopsy_count;  /* for the list at hand; the caller sets it to 0 before one */
    uint64_t next_ask_at_ms; /* no member has an earlier one; 0: none has any */
};

enum roster_step {
    ROSTER_IGNORE, /* nothing to do */
    ROSTER_SHOW,   /* its state changed */
    ROSTER_ASK,    /* inspect it */
    ROSTER_GONE,   /* it is to be removed: roster_remove() */
};

void roster_fini(struct roster *roster);

/* Frees what a member has shown. */
void roster_free_shown(struct shown *shown, size_t count);

struct member *roster_find(const struct roster *roster, const struct engine_id *id);

/* The member whose network `member` uses: itself, another one, or NULL if that is not known. */
struct member *roster_network_owner(const struct roster *roster, const struct member *member);

/* Takes one event in. `*member` is the one it is about (NULL with ROSTER_IGNORE only). */
enum roster_step roster_take_event(struct roster *roster, const struct docker_event *event,
                                   uint64_t now_ms, struct member **member);

/* Takes one list entry in; the list was asked for when `asked` events had come. `must_ask` makes
 * every living container be inspected again. `*member` is NULL when there are too many. */
enum roster_step roster_take_listing(struct roster *roster, const struct listing *entry,
                                     uint64_t asked, bool must_ask, struct member **member);

/* Whether what its failing health check says may have changed without an event. */
bool roster_health_may_differ(const struct roster *roster, const struct engine_id *id);

/* After the last entry: true for a member that the list did not have and that must go. */
bool roster_is_unlisted(const struct member *member, uint64_t asked);

/* Takes what an inspect said. Takes `container`. False: it was out of date, and is freed. */
bool roster_take_container(struct roster *roster, struct member *member,
                           struct container *container, uint64_t now_ms);

/* The engine could not say anything about it, or too much: shows what is known, asks again at
 * `again_ms` (0: does not, because a question is on its way). */
void roster_take_failure(struct roster *roster, struct member *member, uint64_t again_ms,
                         bool is_too_large);

/* What happened to `source` may change where each of them is reached. */
void roster_note_all(struct roster *roster, const struct member *source);

/* Removes and frees it. No inspection may be in flight. */
void roster_remove(struct roster *roster, struct member *member);

/* The next member whose ask_at_ms has come, its ask_at_ms cleared; NULL when there is none. */
struct member *roster_take_due(struct roster *roster, uint64_t now_ms);

#endif
