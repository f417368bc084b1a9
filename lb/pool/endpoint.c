#include "lb/pool/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

static const char *const state_words[ENDPOINT_STATE_COUNT] = {
#define XX(name, word) [ENDPOINT_##name] = word,
    ENDPOINT_STATE_MAP(XX)
#undef XX
};

struct endpoint *endpoint_new(const struct endpoint_options *options)
{
    size_t size = sizeof(struct endpoint) + options->worker_count * sizeof(struct endpoint_local);
    struct endpoint *endpoint = aligned_alloc(64, (size + 63) / 64 * 64);
    if (!endpoint)
        abort();
    memset(endpoint, 0, size);
    atomic_init(&endpoint->ref_count, 1);
    atomic_init(&endpoint->state, ENDPOINT_PROBING);
    atomic_init(&endpoint->streaks, 0);
    endpoint->told_state = ENDPOINT_GONE;
    endpoint->id = memory_copy(options->id, strlen(options->id));
    endpoint->name = memory_copy(options->name, strlen(options->name));
    endpoint->service = memory_copy(options->service, strlen(options->service));
    endpoint->address = options->address;
    address_format(&endpoint->address, endpoint->address_text);
    endpoint->weight = options->weight;
    endpoint->state_since_ns = clock_wall_ns();
    endpoint->worker_count = options->worker_count;
    for (unsigned i = 0; i < options->worker_count; i++) {
        list_init(&endpoint->locals[i].idle);
        list_init(&endpoint->locals[i].with_idle);
    }
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
    free(endpoint->name);
    free(endpoint->service);
    free(endpoint->check);
    free(endpoint);
}

void endpoint_set_state(struct endpoint *endpoint, enum endpoint_state state)
{
    if (endpoint_state(endpoint) == state)
        return;
    endpoint->state_since_ns = clock_wall_ns();
    atomic_store_explicit(&endpoint->state, state, memory_order_release);
}

/* ---- causes and state -------------------------------------------------------------------------
 */

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

void endpoint_inherit(struct endpoint *endpoint, struct endpoint *from)
{
    endpoint->order = from->order;
    endpoint->ordered_weight = from->ordered_weight;
    endpoint->source_state = from->source_state;
    endpoint->is_admitted = from->is_admitted;
    endpoint->is_failing = from->is_failing;
    endpoint->is_ejected = from->is_ejected;
    endpoint->is_suspect = from->is_suspect;
    endpoint->ejection_count = from->ejection_count;
    endpoint->ejected_until_ms = from->ejected_until_ms;
    endpoint->returned_ms = from->returned_ms;
    endpoint->ready_ms = from->ready_ms;
    endpoint->state_since_ns = from->state_since_ns;
    atomic_store_explicit(&endpoint->state, endpoint_state(from), memory_order_release);
    endpoint->watch = from->watch;
    from->watch = NULL;
    endpoint_note_problem(endpoint, from->problem);
    atomic_store_explicit(&endpoint->streaks,
                          atomic_load_explicit(&from->streaks, memory_order_relaxed),
                          memory_order_relaxed);
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

/* ---- words ------------------------------------------------------------------------------------
 */

const char *endpoint_state_word(enum endpoint_state state)
{
    return state_words[state];
}

static bool is_for_sources(enum endpoint_state state)
{
    return state == ENDPOINT_READY || state == ENDPOINT_STARTING || state == ENDPOINT_UNHEALTHY ||
           state == ENDPOINT_PAUSED || state == ENDPOINT_DRAINING;
}

bool endpoint_parse_state(const char *word, enum endpoint_state *out)
{
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        if (is_for_sources((enum endpoint_state)i) && strcmp(word, state_words[i]) == 0) {
            *out = (enum endpoint_state)i;
            return true;
        }
    }
    return false;
}

/* ---- counters ---------------------------------------------------------------------------------
 */

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
        sums->connect_count += get(&local->connect_count);
        sums->connect_ns += get(&local->connect_ns);
    }
}
