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
    free(endpoint);
}

void endpoint_set_state(struct endpoint *endpoint, enum endpoint_state state)
{
    if (endpoint_state(endpoint) == state)
        return;
    endpoint->state_since_ns = clock_wall_ns();
    atomic_store_explicit(&endpoint->state, state, memory_order_release);
}

const char *endpoint_state_word(enum endpoint_state state)
{
    return state_words[state];
}

bool endpoint_parse_state(const char *word, enum endpoint_state *out)
{
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++) {
        if (i != ENDPOINT_GONE && i != ENDPOINT_PROBING && strcmp(word, state_words[i]) == 0) {
            *out = (enum endpoint_state)i;
            return true;
        }
    }
    return false;
}

static uint64_t sum(const struct endpoint *endpoint, size_t counter_offset)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < endpoint->worker_count; i++) {
        const char *local = (const char *)&endpoint->locals[i];
        const atomic_uint_fast64_t *counter =
            (const atomic_uint_fast64_t *)(const void *)(local + counter_offset);
        total += atomic_load_explicit(counter, memory_order_relaxed);
    }
    return total;
}

uint64_t endpoint_inflight_count(const struct endpoint *endpoint)
{
    return sum(endpoint, offsetof(struct endpoint_local, inflight_count));
}

uint64_t endpoint_request_count(const struct endpoint *endpoint)
{
    return sum(endpoint, offsetof(struct endpoint_local, request_count));
}

uint64_t endpoint_failure_count(const struct endpoint *endpoint)
{
    return sum(endpoint, offsetof(struct endpoint_local, failure_count));
}

static uint64_t get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void endpoint_add_to(const struct endpoint *endpoint, struct endpoint_sums *sums)
{
    for (unsigned i = 0; i < endpoint->worker_count; i++) {
        const struct endpoint_local *local = &endpoint->locals[i];
        sums->inflight_count += get(&local->inflight_count);
        for (unsigned j = 0; j < ENDPOINT_FAILURE_COUNT; j++)
            sums->failures[j] += get(&local->failures[j]);
        for (unsigned j = 0; j < 6; j++)
            sums->answers[j] += get(&local->answers[j]);
        sums->connect_count += get(&local->connect_count);
        sums->connect_ns += get(&local->connect_ns);
    }
}
