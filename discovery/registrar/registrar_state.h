/* What the files of the registrar share: of registrar.c, registrar_wanted.c and registrar_seen.c only. */
#ifndef DISCOVERY_REGISTRAR_REGISTRAR_STATE_H
#define DISCOVERY_REGISTRAR_REGISTRAR_STATE_H

#include "discovery/net/fetch.h"
#include "discovery/registrar/agent_reader.h"
#include "discovery/registrar/agent_watch.h"
#include "discovery/registrar/entry_request.h"
#include "discovery/registrar/entry_table.h"
#include "discovery/registrar/grievances.h"
#include "discovery/registrar/registrar_options.h"
#include "discovery/registrar/told_once.h"
#include "discovery/report.h"
#include "lb/base/rng.h"

enum registrar_phase {
    REGISTRAR_ASKING,    /* nothing is done before it is known what the agent has */
    REGISTRAR_FOLLOWING, /* that is known */
    REGISTRAR_AWAY,      /* it is asked again at retry_at_ms */
};

struct registrar {
    const struct registrar_options *options;
    struct report report;
    struct fetch_loop *loop;
    struct fetch_pool *pool;
    struct rng rng;
    uint64_t now_ms; /* as the last tick was told */

    struct entry_table table;
    struct entry_terms terms; /* its owner is `owner` */
    char *owner, *former_owner, *host;
    bool has_wanted;

    enum registrar_phase phase;
    bool was_told; /* that it is followed */
    struct agent_reader reader;
    struct agent_watch watch;
    uint64_t reader_began; /* in the count of `asked_count` */
    uint64_t list_due_ms, retry_at_ms;
    bool is_contested; /* somebody else registers the same, which is told */
    bool is_restless;  /* what the agent has changes without the registrar */
    struct backoff backoff;

    uint64_t asked_count;
    unsigned in_flight;
    uint64_t pause_until_ms; /* the agent has too much to do */
    bool has_ended;          /* a request, so that entries may be over */
    struct entry_request request;
    struct grievances grievances;
    struct told_once told;
};

#endif
