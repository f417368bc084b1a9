/* Takes in what the engine tells: lists first, inspects that follow from them, then events; lists
 * again on a timer and wherever something may have been missed. Keeps the state while the engine is
 * away. Knows nothing of the connection. */
#ifndef DISCOVERY_DOCKER_INTAKE_H
#define DISCOVERY_DOCKER_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/alive.h"
#include "discovery/docker/docker_event.h"
#include "discovery/docker/inspector.h"
#include "discovery/losses.h"
#include "discovery/docker/remarks.h"
#include "discovery/report.h"
#include "discovery/docker/resync.h"
#include "discovery/docker/roster.h"
#include "discovery/docker/survey.h"
#include "discovery/docker/vantage.h"
#include "discovery/docker/interpreter.h"
#include "discovery/docker/way_out.h"

/* All borrowed. */
struct intake_options {
    struct fetch_pool *pool;
    const char *prefix; /* "/v1.41"; may change between intake_stop() and intake_start() */
    const char *server; /* for messages */
    uint32_t resync_ms;
    const struct dialect_settings *dialects; /* NULL: none; its strings stay */
    bool registers;                          /* a catalog gets the containers, too */
    const struct report *report;
    struct alive *alive;
    void *owner;
    void (*on_failure)(void *owner, const char *why); /* the lists cannot be had: stop it */
    void (*on_settled)(void *owner);                  /* a round of lists and inspects is done */
};

struct intake {
    struct intake_options options;
    uint64_t resync_at_ms; /* 0: not started, or lists are on their way */
    uint64_t gap_at_ms;    /* when to ask for lists because something was missed; 0: nothing was */
    uint64_t listed_at_ms; /* when lists were last asked for */
    struct resync resync;
    struct inspector inspector;
    struct roster roster;
    struct interpreter interpreter;
    struct vantage vantage; /* who finds out where lb stands writes it, before the start */
    struct way_out way_out;
    struct remarks remarks;
    struct losses losses;
    uint64_t asked; /* events that had come when the lists were asked for */
    uint64_t settle_until_ms;
    bool must_ask;         /* events were missed: inspect all again */
    bool is_settling;      /* lists were taken in, inspects about them are on their way */
    bool is_complete;      /* everything was read once: there is a state to tell */
    uint64_t change_count; /* of what may be told, and how many of them were */
    uint64_t told_count;
};

void intake_init(struct intake *intake, const struct intake_options *options);
void intake_fini(struct intake *intake);

/* The engine is followed, lb's place is known: asks for the lists. */
void intake_start(struct intake *intake);

/* The engine is away; the state is kept. No handler is called any more. */
void intake_stop(struct intake *intake);

void intake_take_event(struct intake *intake, const struct docker_event *event);

/* Something was missed: asks for the lists, soon, and inspects all. */
void intake_ask_all_again(struct intake *intake);

/* lb's container is another one, or uses another one's network: the vantage is changed already. */
void intake_take_move(struct intake *intake);

/* Goes on without something, and says so. */
void intake_note_loss(struct intake *intake, enum loss loss, int status);

/* While it is started. */
void intake_tick(struct intake *intake, uint64_t time_ms);
uint64_t intake_next_tick_ms(const struct intake *intake);

/* As a source's collect. */
bool intake_collect(struct intake *intake, bool is_wanted, struct set *set);

#endif
