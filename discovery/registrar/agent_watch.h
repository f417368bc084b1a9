/* Notices at once that an agent has ended, has been started anew, or has lost what it had, by a question on one
 * entry that it answers only when that changes (GET /v1/agent/service/ID?hash=…). */
#ifndef DISCOVERY_REGISTRAR_AGENT_WATCH_H
#define DISCOVERY_REGISTRAR_AGENT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/net/fetch.h"
#include "lb/base/text.h"

#define AGENT_WATCH_HASH_BYTES 64

/* Zeroed memory is at rest. */
struct agent_watch {
    struct fetch_pool *pool;
    struct fetch *fetch;
    struct text target;                /* of the entry */
    char hash[AGENT_WATCH_HASH_BYTES]; /* of what it is, as it was told last; "": not yet */
    uint64_t due_ms;                   /* when it may ask again */
    bool has_news;   /* something is not as it was; who has seen it puts it back */
    bool is_useless; /* the agent does not wait, or does not say what to wait for */
};

/* Whether a question can be asked: it is not, and was not a moment ago. */
bool agent_watch_is_due(const struct agent_watch *watch, uint64_t now_ms);

/* Asks for an entry, when that is due: "/v1/agent/service/ID". Borrows `pool` until the stop. */
void agent_watch_ask(struct agent_watch *watch, struct fetch_pool *pool, const char *target,
                     uint64_t now_ms);

void agent_watch_stop(struct agent_watch *watch);

#endif
