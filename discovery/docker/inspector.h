/* Asks the engine about single containers: several at a time, never the same one twice at once,
 * and again when something happened to it while the question was on its way. */
#ifndef DISCOVERY_DOCKER_INSPECTOR_H
#define DISCOVERY_DOCKER_INSPECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "discovery/net/fetch.h"
#include "discovery/docker/roster.h"
#include "lb/base/list.h"

struct inspector_handler {
    void *owner;
    void (*on_container)(void *owner, struct member *member,
                         struct container *container);   /* Gives */
    void (*on_gone)(void *owner, struct member *member); /* the engine knows no such container */
    void (*on_refused)(void *owner, int status); /* nothing may be asked about any container */
    void (*on_failure)(void *owner, struct member *member, const char *why, bool is_too_large);
};

struct inspector {
    struct fetch_pool *pool;                 /* borrowed */
    const char *prefix;                      /* borrowed: "/v1.41" */
    const struct dialect_settings *settings; /* borrowed; NULL: none */
    struct inspector_handler handler;
    struct list waiting;
    struct list in_flight;
    size_t in_flight_count;
};

void inspector_init(struct inspector *inspector, struct fetch_pool *pool, const char *prefix,
                    const struct inspector_handler *handler);

/* Asks about `member`, or again if the question is already on its way. Urgent ones go first. */
void inspector_ask(struct inspector *inspector, struct member *member, bool is_urgent);

/* Drops the question about `member`, if there is one. */
void inspector_forget(struct inspector *inspector, struct member *member);
void inspector_forget_all(struct inspector *inspector);

bool inspector_is_idle(const struct inspector *inspector);

#endif
