/* Reads one of the manager's lists element by element, so that neither a long list nor one long element
 * of it costs more memory than one element may have. */
#ifndef DISCOVERY_SWARM_LIST_READER_H
#define DISCOVERY_SWARM_LIST_READER_H

#include <jansson.h>

#include "discovery/docker/list_splitter.h"
#include "discovery/net/fetch.h"

struct list_reader_handler {
    void *owner;
    void (*on_element)(void *owner, const json_t *element); /* borrowed for the call */
    /* Exactly one of them is called, once, behind the last element. */
    void (*on_end)(void *owner);
    void (*on_refused)(void *owner, int status); /* asking again is of no use (lister.h) */
    void (*on_failure)(void *owner, const char *why);
};

/* Zeroed memory is idle. */
struct list_reader {
    struct list_reader_handler handler;
    const char *what;    /* for messages; borrowed */
    struct fetch *fetch; /* NULL: idle */
    struct list_splitter splitter;
    struct text refusal; /* the beginning of an answer that is no list */
    int status;
    size_t byte_count;
    size_t bad_count; /* elements that are no JSON object, or longer than 1 MiB: passed over */
};

/* `target` is the whole path, with the API's version; it is borrowed for the call. */
void list_reader_start(struct list_reader *reader, struct fetch_pool *pool, const char *target,
                       const char *what, const struct list_reader_handler *handler);

/* No handler is called any more. Stopping twice is harmless. */
void list_reader_stop(struct list_reader *reader);

#endif
