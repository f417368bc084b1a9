/* A container that is known, and how it lives: what becomes of it when it starts, is told to stop and
 * dies. The roster has them all. Pure. */
#ifndef DISCOVERY_DOCKER_MEMBER_H
#define DISCOVERY_DOCKER_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "discovery/contest/claimant.h"
#include "discovery/docker/container.h"
#include "discovery/docker/docker_event.h"
#include "discovery/docker/enlisted.h"
#include "discovery/docker/placement.h"
#include "discovery/set.h"
#include "lb/contract/endpoint_id.h"

#define MEMBER_CAUSE_BYTES    DOCKER_EVENT_ACTION_BYTES
#define MEMBER_OFFER_ID_BYTES (ENGINE_ID_LEN + ENDPOINT_ID_PORT_BYTES)

struct inspection;

/* Where an offer of a container, or a container as a whole, went on the last line. Written by the
 * survey alone. */
struct shown {
    bool is_known;
    bool is_port;                   /* of the container; else all of it */
    char id[MEMBER_OFFER_ID_BYTES]; /* its own, or the container's */
    struct placement placement;
    char *name;
    enum endpoint_state state;
    unsigned weight;
    char cause[MEMBER_CAUSE_BYTES];
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
    char cause[MEMBER_CAUSE_BYTES];
    uint64_t cause_time_ns;
    struct claimant claimant; /* filled by the survey */
    char *remark;             /* on its labels and on what is contested; NULL: there is nothing */
    struct shown *shown;      /* by its offers, in their order; owned */
    size_t shown_count;
    struct enlisted *enlisted;     /* as what a catalog has it; NULL: as nothing; owned */
    struct inspection *inspection; /* the question in flight about it; owned by the inspector */
};

/* One that is hidden as yet. Takes `container`. Gives. */
struct member *member_new(struct container *container);

/* No inspection may be in flight. */
void member_free(struct member *member);

/* Frees what a member has shown. */
void member_free_shown(struct shown *shown, size_t count);

/* What has changed it last; 0: when, is not known. */
void member_set_cause(struct member *member, const char *cause, uint64_t time_ns);

/* Its last run does not count any more. */
void member_forget_run(struct member *member);

/* Its run has ended; with which code, member_note_exit_code tells: -1: not known. */
void member_note_death(struct member *member);
void member_note_exit_code(struct member *member, int code);

#endif
