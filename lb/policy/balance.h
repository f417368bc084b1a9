/* Which endpoint gets the next request. Pure: no clock, no I/O; the only thing written is the
 * service's cursor. */
#ifndef LB_POLICY_BALANCE_H
#define LB_POLICY_BALANCE_H

#include "lb/pool/pool.h"

/* Endpoints that this request has tried already, as many as there are; zeroed memory: none. */
struct balance_tried {
    struct endpoint **endpoints; /* sorted; owned, with a reference to each */
    unsigned count;
    unsigned room;
    /* Those that have refused this worker after that, whomever, count as tried too; 0: they do not */
    uint64_t refused_after_ms;
    unsigned worker_index;
    /* How far the walk over the others is, so that it goes over each once */
    struct endpoint **rotation; /* compared, never followed; NULL: it is to begin */
    uint64_t turn;
    unsigned walked_count;
    bool takes_doubtful;
};

/* Strict round robin over the ready endpoints of a service, across all workers: the next turn's
 * endpoint, or the first usable and untried one after it. A request that has tried some takes no
 * further turn, and goes to those last on which the latest attempt failed: where many refuse it
 * finds one that does not at its second try. NULL: there is none, or the service does not take turns.
 * The endpoint is borrowed from the snapshot. Thread: worker. */
struct endpoint *balance_pick(const struct pool_service *service, struct balance_tried *tried);

/* The same, whether or not the service takes turns. */
struct endpoint *balance_pick_in_turn(const struct pool_service *service,
                                      struct balance_tried *tried);

/* The turn of a request, as balance_pick takes it, of a service that somebody can be asked of. */
uint64_t balance_take_turn(const struct pool_service *service, const struct balance_tried *tried);

/* Whether this request has asked it, or another one has just been refused by it. Thread: worker. */
bool balance_was_tried(const struct balance_tried *tried, const struct endpoint *endpoint);

/* Whether this request can go to it. Thread: worker. */
bool balance_may_choose(const struct pool_service *service, const struct balance_tried *tried,
                        const struct endpoint *endpoint);

/* The same, and it has a place for it; `tried` says of which worker it is. */
bool balance_may_go(const struct pool_service *service, const struct balance_tried *tried,
                    const struct endpoint *endpoint);

/* Whether balance_pick would find one, did none have a limit; takes no turn. `tried` may be NULL. Thread: worker. */
bool balance_has_usable(const struct pool_service *service, const struct balance_tried *tried);

/* Whether one of them has a place, or this worker an idle connection to it: balance_pick finds no
 * other. `tried` may be NULL. Thread: worker. */
bool balance_has_open(const struct pool_service *service, const struct balance_tried *tried,
                      unsigned worker_index);

/* Remembers an endpoint, and forgets it. */
void balance_note_tried(struct balance_tried *tried, struct endpoint *endpoint);
void balance_forget_tried(struct balance_tried *tried, const struct endpoint *endpoint);

/* What refused this worker after `refused_ms` counts as tried; an earlier time changes nothing. */
void balance_skip_refused(struct balance_tried *tried, unsigned worker_index, uint64_t refused_ms);

/* Forgets those that are not usable: should they come back, they are other ones. */
void balance_keep_usable(struct balance_tried *tried, const struct pool_service *service);

/* Forgets all. */
void balance_tried_fini(struct balance_tried *tried);

#endif
