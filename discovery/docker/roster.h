/* The containers that are known, where their offers are placed and how each of them lives: what
 * events, lists and inspects say, brought together. Knows no sockets and no clock: the caller asks
 * the engine what it is told to, and hands in the time. Pure. */
#ifndef DISCOVERY_DOCKER_ROSTER_H
#define DISCOVERY_DOCKER_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/docker/docker_event.h"
#include "discovery/docker/listing.h"
#include "discovery/docker/member.h"

/* Of the dead that a list has, so many are asked about. */
#define ROSTER_AUTOPSIES_MAX 64

struct roster {
    const struct dialect_settings *settings; /* borrowed; NULL: none */
    struct member **members;                 /* sorted by id */
    size_t count;
    size_t capacity;
    uint64_t event_count;
    uint64_t last_destroy;   /* number of the last event that removed one */
    unsigned autopsy_count;  /* for the list at hand; the caller sets it to 0 before one */
    uint64_t next_ask_at_ms; /* no member has an earlier one; 0: none has any */
    struct arena
        shares; /* of routes that services of several have together; by the latest survey */
};

enum roster_step {
    ROSTER_IGNORE, /* nothing to do */
    ROSTER_SHOW,   /* its state changed */
    ROSTER_ASK,    /* inspect it */
    ROSTER_GONE,   /* it is to be removed: roster_remove() */
};

void roster_fini(struct roster *roster);

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
