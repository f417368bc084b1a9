/* Reads what a Consul agent has (agent_list.h): both lists at once. */
#ifndef DISCOVERY_REGISTRAR_AGENT_READER_H
#define DISCOVERY_REGISTRAR_AGENT_READER_H

#include <stdbool.h>

#include "discovery/net/fetch.h"
#include "discovery/registrar/agent_list.h"
#include "lb/base/text.h"

/* Handlers are the last that happens in a read. */
struct agent_reader_handler {
    void *owner;
    void (*on_list)(void *owner, const struct agent_list *list); /* borrowed for the call */
    /* `failure` is of the request, FETCH_FINE where its answer is nonsense. */
    void (*on_failure)(void *owner, const char *why, const struct fetch_failure *failure);
};

/* Zeroed memory is at rest. */
struct agent_reader {
    struct agent_reader_handler handler;
    struct fetch_pool *pool;
    struct agent_reader_part {
        struct agent_reader *reader;
        struct fetch *fetch;
        struct text body;
        bool is_there;
    } parts[2]; /* services, checks */
};

/* Of a reader at rest. Borrows `pool` until it is at rest again. */
void agent_reader_start(struct agent_reader *reader, struct fetch_pool *pool,
                        const struct agent_reader_handler *handler);

/* No handler is called any more. */
void agent_reader_stop(struct agent_reader *reader);

bool agent_reader_is_at_work(const struct agent_reader *reader);

#endif
