#include "lb/policy/balance.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/policy/admit.h"
#include "lb/policy/outlier.h"

/* Where it is in the list, or would be. */
static unsigned place_of(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    unsigned low = 0, high = tried->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if ((uintptr_t)tried->endpoints[middle] < (uintptr_t)endpoint)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct balance_tried *tried, unsigned place,
                  const struct endpoint *endpoint)
{
    return place < tried->count && tried->endpoints[place] == endpoint;
}

static bool is_tried(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    return is_at(tried, place_of(tried, endpoint), endpoint);
}

/* Another request has just found out. */
static bool has_just_refused(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    return tried->refused_after_ms > 0 &&
           endpoint->locals[tried->worker_index].refused_ms > tried->refused_after_ms;
}

bool balance_was_tried(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    return has_just_refused(tried, endpoint) || is_tried(tried, endpoint);
}

bool balance_may_choose(const struct pool_service *service, const struct balance_tried *tried,
                        const struct endpoint *endpoint)
{
    return pool_may_use(service, endpoint) && !balance_was_tried(tried, endpoint);
}

static bool is_open(const struct balance_tried *tried, const struct endpoint *endpoint)
{
    return admit_is_open(endpoint, tried->worker_index);
}

bool balance_may_go(const struct pool_service *service, const struct balance_tried *tried,
                    const struct endpoint *endpoint)
{
    return balance_may_choose(service, tried, endpoint) && is_open(tried, endpoint);
}

static uint64_t take_turn(const struct pool_service *service)
{
    return atomic_fetch_add_explicit(&service->kept->next_turn, 1, memory_order_relaxed);
}

/* A second choice takes no turn: with one of two endpoints dead, each request would else begin with
 * the dead one. It starts one place further in each lap, so that all others share what the dead one
 * leaves. */
static uint64_t second_turn(const struct pool_service *service)
{
    uint64_t next = atomic_load_explicit(&service->kept->next_turn, memory_order_relaxed);
    return next + next / pool_turns(service);
}

/* ---- who comes when ---------------------------------------------------------------------------- */

/* From a turn on: those who share it, then, where local ones are preferred, the others. */
struct order {
    struct part {
        struct endpoint **rotation;
        unsigned count;
        uint64_t turn;
    } first, second;
};

static struct order order_of(const struct pool_service *service, uint64_t turn)
{
    struct part here = {service->rotation, service->rotation_count, turn};
    struct part there = {service->rotation + here.count, service->other_turn_count, turn};
    if (service->split.whole == 0)
        return (struct order){here, there};
    struct pool_split_turn own = pool_split_turn(&service->split, turn);
    here.turn = own.is_local ? own.turn : turn - own.turn;
    there.turn = turn - here.turn;
    return own.is_local ? (struct order){here, there} : (struct order){there, here};
}

static struct endpoint *who_comes(const struct order *order, unsigned step)
{
    bool is_first = step < order->first.count;
    const struct part *part = is_first ? &order->first : &order->second;
    return part
        ->rotation[(part->turn + (is_first ? step : step - order->first.count)) % part->count];
}

/* From that turn on. */
static struct endpoint *next_open(const struct pool_service *service,
                                  const struct balance_tried *tried, uint64_t turn)
    __attribute__((noinline)); /* mostly who has the turn takes it */

static struct endpoint *next_open(const struct pool_service *service,
                                  const struct balance_tried *tried, uint64_t turn)
{
    const struct order order = order_of(service, turn);
    for (unsigned i = 0; i < pool_turns(service); i++) {
        struct endpoint *endpoint = who_comes(&order, i);
        if (pool_may_use(service, endpoint) && is_open(tried, endpoint))
            return endpoint;
    }
    return NULL;
}

static inline struct endpoint *first_choice(const struct pool_service *service,
                                            const struct balance_tried *tried)
{
    uint64_t turn = take_turn(service);
    struct endpoint *endpoint = service->rotation[turn % service->rotation_count];
    bool is_open_to_all = pool_may_use(service, endpoint) && admit_limit(endpoint) == 0;
    return is_open_to_all ? endpoint : next_open(service, tried, turn);
}

static void begin_walk(const struct pool_service *service, struct balance_tried *tried)
{
    tried->rotation = service->rotation;
    tried->turn = second_turn(service);
    tried->walked_count = 0;
    tried->takes_doubtful = false;
}

static struct endpoint *walk(const struct pool_service *service, struct balance_tried *tried)
{
    const struct order order = order_of(service, tried->turn);
    for (; tried->walked_count < pool_turns(service); tried->walked_count++) {
        struct endpoint *endpoint = who_comes(&order, tried->walked_count);
        if ((tried->takes_doubtful || !outlier_is_doubtful(endpoint)) &&
            balance_may_go(service, tried, endpoint))
            return endpoint;
    }
    return NULL;
}

/* Those in doubt when all others have been asked. */
static struct endpoint *walk_on(const struct pool_service *service, struct balance_tried *tried)
{
    struct endpoint *endpoint = walk(service, tried);
    if (endpoint || tried->takes_doubtful)
        return endpoint;
    tried->takes_doubtful = true;
    tried->walked_count = 0;
    return walk(service, tried);
}

/* Apart from the first one, which each request makes. */
__attribute__((noinline)) static struct endpoint *second_choice(const struct pool_service *service,
                                                                struct balance_tried *tried)
{
    if (tried->rotation != service->rotation)
        begin_walk(service, tried);
    struct endpoint *endpoint = walk_on(service, tried);
    if (endpoint)
        return endpoint;
    begin_walk(service, tried); /* one that it has gone past may be a choice by now */
    return walk_on(service, tried);
}

struct endpoint *balance_pick_in_turn(const struct pool_service *service,
                                      struct balance_tried *tried)
{
    if (service->rotation_count == 0)
        return NULL;
    if (tried->count > 0)
        return second_choice(service, tried);
    return service->split.whole > 0 ? next_open(service, tried, take_turn(service))
                                    : first_choice(service, tried);
}

struct endpoint *balance_pick(const struct pool_service *service, struct balance_tried *tried)
{
    if (service->turn_count == 0)
        return NULL;
    return tried->count == 0 ? first_choice(service, tried) : second_choice(service, tried);
}

uint64_t balance_take_turn(const struct pool_service *service, const struct balance_tried *tried)
{
    return tried->count == 0 ? take_turn(service) : second_turn(service);
}

bool balance_has_usable(const struct pool_service *service, const struct balance_tried *tried)
{
    for (unsigned i = 0; i < pool_turns(service); i++)
        if (tried ? balance_may_choose(service, tried, service->rotation[i])
                  : pool_may_use(service, service->rotation[i]))
            return true;
    return false;
}

bool balance_has_open(const struct pool_service *service, const struct balance_tried *tried,
                      unsigned worker_index)
{
    for (unsigned i = 0; i < pool_turns(service); i++) {
        struct endpoint *endpoint = service->rotation[i];
        if (admit_is_open(endpoint, worker_index) &&
            (tried ? balance_may_choose(service, tried, endpoint)
                   : pool_may_use(service, endpoint)))
            return true;
    }
    return false;
}

/* ---- what was tried -------------------------------------------------------------------------- */

static void grow(struct balance_tried *tried)
{
    tried->room = tried->room > 0 ? 2 * tried->room : 8;
    tried->endpoints = memory_resize(tried->endpoints, tried->room * sizeof(struct endpoint *));
}

void balance_note_tried(struct balance_tried *tried, struct endpoint *endpoint)
{
    unsigned place = place_of(tried, endpoint);
    if (is_at(tried, place, endpoint))
        return;
    if (tried->count == tried->room)
        grow(tried);
    struct endpoint **at = &tried->endpoints[place];
    memmove(at + 1, at, (tried->count - place) * sizeof(struct endpoint *));
    *at = endpoint_ref(endpoint);
    tried->count++;
}

void balance_forget_tried(struct balance_tried *tried, const struct endpoint *endpoint)
{
    unsigned place = place_of(tried, endpoint);
    if (!is_at(tried, place, endpoint))
        return;
    struct endpoint **at = &tried->endpoints[place], *forgotten = *at;
    tried->count--;
    memmove(at, at + 1, (tried->count - place) * sizeof(struct endpoint *));
    endpoint_unref(forgotten);
    tried->rotation = NULL;
}

void balance_skip_refused(struct balance_tried *tried, unsigned worker_index, uint64_t refused_ms)
{
    tried->worker_index = worker_index;
    if (tried->refused_after_ms < refused_ms)
        tried->refused_after_ms = refused_ms;
}

void balance_keep_usable(struct balance_tried *tried, const struct pool_service *service)
{
    struct balance_tried kept = {.refused_after_ms = tried->refused_after_ms,
                                 .worker_index = tried->worker_index};
    for (unsigned i = 0; i < pool_turns(service); i++)
        if (pool_may_use(service, service->rotation[i]) && is_tried(tried, service->rotation[i]))
            balance_note_tried(&kept, service->rotation[i]);
    balance_tried_fini(tried);
    *tried = kept;
}

void balance_tried_fini(struct balance_tried *tried)
{
    for (unsigned i = 0; i < tried->count; i++)
        endpoint_unref(tried->endpoints[i]);
    free(tried->endpoints);
    *tried = (struct balance_tried){.worker_index = tried->worker_index};
}
