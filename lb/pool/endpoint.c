#include "lb/pool/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

static struct endpoint_locals *locals_of(const struct endpoint *endpoint)
{
    return list_entry(endpoint->locals, struct endpoint_locals, of);
}

static void *new_aligned(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!memory)
        abort();
    return memset(memory, 0, size);
}

static struct endpoint_local *new_locals(unsigned worker_count)
{
    struct endpoint_locals *locals =
        new_aligned(sizeof(*locals) + worker_count * sizeof(struct endpoint_local));
    atomic_init(&locals->ref_count, 1);
    for (unsigned i = 0; i < worker_count; i++) {
        list_init(&locals->of[i].idle);
        list_init(&locals->of[i].with_idle);
    }
    return locals->of;
}

static void drop_locals(struct endpoint_locals *locals)
{
    if (atomic_fetch_sub_explicit(&locals->ref_count, 1, memory_order_acq_rel) == 1)
        free(locals);
}

static struct endpoint_places *new_places(void)
{
    struct endpoint_places *places = new_aligned(sizeof(*places));
    atomic_init(&places->ref_count, 1);
    return places;
}

static void drop_places(struct endpoint_places *places)
{
    if (atomic_fetch_sub_explicit(&places->ref_count, 1, memory_order_acq_rel) == 1)
        free(places);
}

struct endpoint *endpoint_new(const struct endpoint_options *options)
{
    struct endpoint *endpoint = new_aligned(sizeof(*endpoint));
    atomic_init(&endpoint->ref_count, 1);
    atomic_init(&endpoint->state, ENDPOINT_PROBING);
    atomic_init(&endpoint->streaks, 0);
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++)
        atomic_init(&endpoint->wait_ms[wait], WAITS_UNGIVEN);
    atomic_init(&endpoint->is_kept_alive, true);
    endpoint->told_state = ENDPOINT_GONE;
    const char *container = options->container ? options->container : options->id;
    endpoint->id = memory_copy(options->id, strlen(options->id));
    endpoint->container = memory_copy(container, strlen(container));
    endpoint->name = memory_copy(options->name, strlen(options->name));
    endpoint->service = memory_copy(options->service, strlen(options->service));
    if (options->server_name)
        endpoint->server_name = memory_copy(options->server_name, strlen(options->server_name));
    endpoint->address = options->address;
    endpoint->protocol = options->protocol;
    address_format(&endpoint->address, endpoint->address_text);
    endpoint->weight = options->weight;
    endpoint->state_since_ns = clock_wall_ns();
    endpoint->worker_count = options->worker_count;
    endpoint->locals = new_locals(options->worker_count);
    endpoint->places = new_places();
    return endpoint;
}

struct endpoint *endpoint_ref(struct endpoint *endpoint)
{
    atomic_fetch_add_explicit(&endpoint->ref_count, 1, memory_order_relaxed);
    return endpoint;
}

void endpoint_unref(struct endpoint *endpoint)
{
    if (!endpoint || atomic_fetch_sub_explicit(&endpoint->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    free(endpoint->id);
    free(endpoint->container);
    free(endpoint->name);
    free(endpoint->service);
    free(endpoint->server_name);
    free(endpoint->check);
    service_policy_unref(endpoint->policy);
    drop_locals(locals_of(endpoint));
    drop_places(endpoint->places);
    free(endpoint);
}

void endpoint_set_state(struct endpoint *endpoint, enum endpoint_state state)
{
    if (endpoint_state(endpoint) == state)
        return;
    endpoint->state_since_ns = clock_wall_ns();
    atomic_store_explicit(&endpoint->state, state, memory_order_release);
}

/* ---- causes and state ------------------------------------------------------------------------ */

enum endpoint_state endpoint_judge(const struct endpoint *endpoint)
{
    if (endpoint->order == ENDPOINT_ORDER_DISABLE)
        return ENDPOINT_DISABLED;
    if (endpoint->order == ENDPOINT_ORDER_DRAIN)
        return ENDPOINT_DRAINING;
    if (endpoint->source_state != ENDPOINT_READY)
        return endpoint->source_state;
    if (endpoint->is_ejected)
        return ENDPOINT_EJECTED;
    if (!endpoint->is_admitted)
        return ENDPOINT_PROBING;
    return endpoint->is_failing ? ENDPOINT_FAILING : ENDPOINT_READY;
}

void endpoint_take_source_state(struct endpoint *endpoint, enum endpoint_state state)
{
    endpoint->source_state = state;
    if (state == ENDPOINT_READY)
        return;
    endpoint->is_admitted = false;
    endpoint->is_failing = false;
    endpoint->is_ejected = false;
    endpoint->is_suspect = false;
    endpoint_note_problem(endpoint, NULL);
    atomic_store_explicit(&endpoint->streaks, 0, memory_order_relaxed);
}

/* ---- successors ------------------------------------------------------------------------------ */

void endpoint_tie(struct endpoint *endpoint, enum endpoint_tie_kind kind, struct endpoint_tie *tie)
{
    tie->endpoint = endpoint_ref(endpoint);
    endpoint->ties[kind] = tie;
}

void endpoint_untie(enum endpoint_tie_kind kind, struct endpoint_tie *tie)
{
    struct endpoint *endpoint = tie->endpoint;
    tie->endpoint = NULL;
    endpoint->ties[kind] = NULL;
    endpoint_unref(endpoint);
}

/* Where the part begins that control alone reads and writes. */
static char *known_of(struct endpoint *endpoint)
{
    return (char *)endpoint + offsetof(struct endpoint, order);
}

/* All of it, so that what is added later cannot be forgotten here; then what belongs to the new
 * object itself: it was never listed nor told, and its labels are still to be read. */
static void inherit_known(struct endpoint *endpoint, struct endpoint *from)
{
    struct service_policy *policy = endpoint->policy;
    memcpy(known_of(endpoint), known_of(from),
           sizeof(*endpoint) - offsetof(struct endpoint, order));
    memset(endpoint->ties, 0, sizeof(endpoint->ties));
    endpoint->check = NULL;
    endpoint->policy = policy;
    endpoint->listed_version = 0;
    endpoint->told_state = ENDPOINT_GONE;
}

/* What the workers write as well. */
static void inherit_shared(struct endpoint *endpoint, struct endpoint *from)
{
    struct endpoint_locals *own = locals_of(endpoint);
    atomic_store_explicit(&endpoint->state, endpoint_state(from), memory_order_release);
    atomic_store_explicit(&endpoint->streaks,
                          atomic_load_explicit(&from->streaks, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&endpoint->idle_limit_ms,
                          atomic_load_explicit(&from->idle_limit_ms, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_store_explicit(&endpoint->complaints,
                          atomic_load_explicit(&from->complaints, memory_order_relaxed),
                          memory_order_relaxed);
    atomic_fetch_add_explicit(&locals_of(from)->ref_count, 1, memory_order_relaxed);
    endpoint->locals = from->locals;
    endpoint->worker_count = from->worker_count;
    drop_locals(own);
}

void endpoint_share_places(struct endpoint *endpoint, const struct endpoint *from)
{
    struct endpoint_places *own = endpoint->places;
    atomic_fetch_add_explicit(&from->places->ref_count, 1, memory_order_relaxed);
    endpoint->places = from->places;
    drop_places(own);
}

void endpoint_inherit(struct endpoint *endpoint, struct endpoint *from)
{
    inherit_known(endpoint, from);
    inherit_shared(endpoint, from);
    endpoint_share_places(endpoint, from);
    for (int kind = 0; kind < ENDPOINT_TIE_COUNT; kind++) {
        struct endpoint_tie *tie = from->ties[kind];
        if (!tie)
            continue;
        endpoint_untie((enum endpoint_tie_kind)kind, tie);
        endpoint_tie(endpoint, (enum endpoint_tie_kind)kind, tie);
    }
}

bool endpoint_wants_probe(const struct endpoint *endpoint, uint64_t now_ms)
{
    if (endpoint_state(endpoint) == ENDPOINT_EJECTED)
        return now_ms >= endpoint->ejected_until_ms;
    return endpoint_state(endpoint) == ENDPOINT_PROBING;
}

void endpoint_note_problem(struct endpoint *endpoint, const char *problem)
{
    size_t len = problem ? strlen(problem) : 0;
    if (len >= sizeof(endpoint->problem))
        len = sizeof(endpoint->problem) - 1;
    if (len > 0)
        memmove(endpoint->problem, problem, len);
    endpoint->problem[len] = '\0';
}

unsigned endpoint_share_percent(const struct endpoint *endpoint, uint64_t now_ms)
{
    uint64_t age_ms = now_ms > endpoint->ready_ms ? now_ms - endpoint->ready_ms : 0;
    if (endpoint_state(endpoint) != ENDPOINT_READY || age_ms >= endpoint->slow_start_ms)
        return 100;
    return 1 + (unsigned)(age_ms * 99 / endpoint->slow_start_ms);
}

/* ---- counters -------------------------------------------------------------------------------- */

static uint64_t get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

uint64_t endpoint_inflight_count(const struct endpoint *endpoint)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < endpoint->worker_count; i++)
        total += atomic_load_explicit(&endpoint->locals[i].inflight_count, memory_order_relaxed);
    return total;
}

uint64_t endpoint_request_count(const struct endpoint *endpoint)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < endpoint->worker_count; i++)
        for (unsigned j = 0; j < 6; j++)
            total += get(&endpoint->locals[i].answers[j]);
    return total;
}

uint64_t endpoint_failure_count(const struct endpoint *endpoint)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < endpoint->worker_count; i++)
        total += get(&endpoint->locals[i].failure_count);
    return total;
}

void endpoint_add_to(const struct endpoint *endpoint, struct endpoint_sums *sums)
{
    sums->inflight_count += endpoint_inflight_count(endpoint);
    for (unsigned i = 0; i < endpoint->worker_count; i++) {
        const struct endpoint_local *local = &endpoint->locals[i];
        for (unsigned j = 0; j < ENDPOINT_FAILURE_COUNT; j++)
            sums->failures[j] += get(&local->failures[j]);
        for (unsigned j = 0; j < 6; j++)
            sums->answers[j] += get(&local->answers[j]);
        sums->retry_count += get(&local->retry_count);
        sums->connect_count += get(&local->connect_count);
        sums->connect_ns += get(&local->connect_ns);
        coarse_histogram_merge(&sums->durations, &local->durations);
    }
}
