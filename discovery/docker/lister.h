/* Asks the engine for one of its lists, and reads it element by element. Of labels only those are
 * kept that may concern lb, because there may be any number of others. */
#ifndef DISCOVERY_DOCKER_LISTER_H
#define DISCOVERY_DOCKER_LISTER_H

#include <jansson.h>

#include "discovery/net/fetch.h"
#include "discovery/docker/list_splitter.h"

/* Exactly one of them is called, once. */
struct lister_handler {
    void *owner;
    void (*on_list)(void *owner, const json_t *list); /* an array; borrowed for the call */
    void (*on_refused)(void *owner, int status); /* the engine, or what is before it, forbids it */
    void (*on_failure)(void *owner, const char *why);
};

/* Zeroed memory is idle. */
struct lister {
    struct lister_handler handler;
    const char *what;    /* for messages; borrowed */
    struct fetch *fetch; /* NULL: idle */
    struct list_splitter splitter;
    int status;
    json_t *list;
    size_t bad_count; /* elements that are no JSON */
};

/* `path` comes after `prefix` ("/v1.41"). An entry of more than 1 MiB is told as {"Id": …, "State":
 * "running"} with a mark that makes it differ from list to list, so that it is inspected. */
void lister_start(struct lister *lister, struct fetch_pool *pool, const char *prefix,
                  const char *path, const char *what, const struct lister_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void lister_stop(struct lister *lister);

/* Whether that status means that asking again is of no use: 401, 403, 405 or 501. */
bool lister_is_refusal(int status);

#endif
