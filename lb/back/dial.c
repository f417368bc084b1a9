#include "lb/back/dial.h"

#include "lb/back/h1_stage.h"
#include "lb/back/outcome.h"
#include "lb/back/tally.h"

static const struct back_handler dial_handler;

static void count_inflight(const struct dial_try *try, int change)
{
    struct endpoint *endpoint = try->upstream->back.endpoint;
    endpoint_count_inflight(&endpoint->locals[try->dial->fleet->worker_index], change);
}

/* By all workers. */
static uint64_t accepted_count(const struct endpoint *endpoint)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < endpoint->worker_count; i++)
        count += atomic_load_explicit(&endpoint->locals[i].connect_count, memory_order_relaxed);
    return count;
}

struct dial *dial_new(struct fleet *fleet, const struct dial_handler *handler, void *owner)
{
    struct dial *dial = slab_take(&fleet->dial_slab);
    *dial = (struct dial){.fleet = fleet, .handler = handler, .owner = owner};
    return dial;
}

/* There is one: it is not full. */
static struct dial_try *free_try(struct dial *dial)
{
    struct dial_try *try = dial->tries;
    while (try->upstream)
        try++;
    return try;
}

bool dial_open(struct dial *dial, struct service_local *service, struct endpoint *endpoint,
               uint64_t began_ns, int *status)
{
    struct dial_try *try = free_try(dial);
    *try = (struct dial_try){
        .dial = dial,
        .upstream = h1_upstream_open(dial->fleet, service, endpoint, &dial_handler, try, status),
        .began_ns = began_ns,
        .accepted_count = accepted_count(endpoint)};
    dial->count += try->upstream != NULL;
    return try->upstream;
}

static void drop(struct dial_try *try)
{
    count_inflight(try, -1);
    h1_stage_close(try->upstream);
    try->upstream = NULL;
    try->dial->count--;
}

void dial_close(struct dial *dial)
{
    if (!dial)
        return;
    for (unsigned i = 0; i < DIAL_TRIES_MAX; i++)
        if (dial->tries[i].upstream)
            drop(&dial->tries[i]);
    slab_give(&dial->fleet->dial_slab, dial);
}

/* Another one was quick to accept. Where this one has accepted nobody since, it is away; where it
 * has, its queue was full for a moment, and the kernel knocks again only after a second. */
static void judge(const struct dial_try *try)
{
    struct endpoint *endpoint = try->upstream->back.endpoint;
    if (!try->upstream->is_slow || accepted_count(endpoint) != try->accepted_count)
        return;
    tally_failure(try->dial->fleet, try->upstream->back.service, endpoint, ERR_CONNECT_TIMEOUT);
    outcome_overtaken(try->dial->fleet, try->upstream->back.service, endpoint);
}

static void on_failed(void *owner, enum err err)
{
    struct dial_try *try = owner;
    struct dial *dial = try->dial;
    struct endpoint *endpoint =
        try->upstream->back.endpoint; /* stays until the upstream is closed */
    struct service_local *service = try->upstream->back.service; /* likewise */
    drop(try);
    if (dial->count == 0) {
        dial->handler->on_failed(dial->owner, endpoint, err);
        return;
    }
    if (outcome_is_fault(NULL, err)) {
        tally_failure(dial->fleet, service, endpoint, err);
        outcome_failed(dial->fleet, service, endpoint, err, false, NULL);
    }
    dial->handler->on_slow(dial->owner, endpoint, err);
}

/* The first connection that stands. Where the endpoint went meanwhile, its address may be somebody else's by now. */
static void on_ready(void *owner)
{
    struct dial_try *winner = owner;
    struct dial *dial = winner->dial;
    struct h1_upstream *upstream = winner->upstream;
    if (endpoint_state(upstream->back.endpoint) == ENDPOINT_GONE) {
        on_failed(owner, ERR_REFUSED);
        return;
    }
    winner->upstream = NULL;
    for (unsigned i = 0; i < DIAL_TRIES_MAX; i++)
        if (dial->tries[i].upstream && !upstream->is_slow)
            judge(&dial->tries[i]);
    dial->handler->on_connected(dial->owner, &upstream->back, winner->began_ns);
}

static void on_slow(void *owner)
{
    struct dial_try *try = owner;
    struct dial *dial = try->dial;
    dial->handler->on_slow(dial->owner, try->upstream->back.endpoint, ERR_CONNECT_TIMEOUT);
}

static const struct back_handler dial_handler = {
    .on_ready = on_ready,
    .on_failed = on_failed,
    .on_slow = on_slow,
};
