#include "lb/pool/pool_build.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static int compare_wanted(const void *left, const void *right)
{
    const struct pool_wanted_endpoint *a = left, *b = right;
    int order = strcmp(a->service, b->service);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->id, b->id);
}

/* ---- endpoints that stay ----------------------------------------------------------------------
 */

static int compare_by_id(const void *left, const void *right)
{
    const struct endpoint *const *a = left, *const *b = right;
    int order = strcmp((*a)->service, (*b)->service);
    return order ? order : strcmp((*a)->id, (*b)->id);
}

/* All endpoints of a snapshot, sorted for lookup by service and id. */
struct index {
    struct endpoint **endpoints;
    unsigned count;
};

static struct index index_of(const struct pool *pool)
{
    struct index index = {0};
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        index.count += pool->services[i].endpoint_count;
    index.endpoints = memory_new(index.count * sizeof(struct endpoint *));
    unsigned at = 0;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            index.endpoints[at++] = pool->services[i].endpoints[j];
    qsort(index.endpoints, index.count, sizeof(struct endpoint *), compare_by_id);
    return index;
}

static struct endpoint *find_same(const struct index *index,
                                  const struct pool_wanted_endpoint *wanted)
{
    unsigned low = 0, high = index->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        struct endpoint *endpoint = index->endpoints[middle];
        int order = strcmp(wanted->service, endpoint->service);
        if (order == 0)
            order = strcmp(wanted->id, endpoint->id);
        if (order == 0)
            return address_eq(&endpoint->address, &wanted->address) ? endpoint : NULL;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void note_cause(struct endpoint *endpoint, const char *cause, uint64_t time_ns)
{
    size_t len = strlen(cause);
    if (len >= sizeof(endpoint->cause))
        len = sizeof(endpoint->cause) - 1;
    memcpy(endpoint->cause, cause, len);
    endpoint->cause[len] = '\0';
    endpoint->cause_time_ns = time_ns;
}

/* A source's "ready" counts once a probe has succeeded, and an order of the operator outranks it.
 */
static enum endpoint_state effective_state(struct endpoint *endpoint, enum endpoint_state wanted)
{
    if (wanted != ENDPOINT_READY)
        endpoint->is_admitted = false;
    if (endpoint->order == ENDPOINT_ORDER_DISABLE)
        return ENDPOINT_DISABLED;
    if (endpoint->order == ENDPOINT_ORDER_DRAIN)
        return ENDPOINT_DRAINING;
    if (wanted != ENDPOINT_READY)
        return wanted;
    return endpoint->is_admitted ? ENDPOINT_READY : ENDPOINT_PROBING;
}

static bool is_unchanged(const struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted)
{
    return endpoint->weight == wanted->weight && strcmp(endpoint->name, wanted->name) == 0;
}

/* Workers read an endpoint's name and weight without a lock, so a renamed one is a new object; it
 * is admitted if the old one was. */
static struct endpoint *take_endpoint(const struct index *index,
                                      const struct pool_wanted_endpoint *wanted, bool is_trusted,
                                      unsigned worker_count, pool_on_change *on_change, void *owner)
{
    struct endpoint *same = find_same(index, wanted);
    struct endpoint *endpoint = same && is_unchanged(same, wanted) ? same : NULL;
    enum endpoint_state before = endpoint ? endpoint_state(endpoint) : ENDPOINT_GONE;
    if (endpoint) {
        endpoint_ref(endpoint);
    } else {
        endpoint = endpoint_new(&(struct endpoint_options){.id = wanted->id,
                                                           .name = wanted->name,
                                                           .service = wanted->service,
                                                           .address = wanted->address,
                                                           .weight = wanted->weight,
                                                           .worker_count = worker_count});
        endpoint->is_admitted = same && same->is_admitted;
        endpoint->order = same ? same->order : ENDPOINT_ORDER_NONE;
    }
    endpoint->is_admitted |= is_trusted;
    bool is_ordered = endpoint->order != wanted->order;
    endpoint->order = wanted->order;
    endpoint->ordered_weight = wanted->ordered_weight;
    enum endpoint_state state = effective_state(endpoint, wanted->state);
    if (state != before) {
        if (is_ordered || (wanted->order != ENDPOINT_ORDER_NONE && state != wanted->state))
            note_cause(endpoint, "admin", 0);
        else
            note_cause(endpoint, wanted->cause, wanted->cause_time_ns);
        endpoint_set_state(endpoint, state);
        on_change(owner, endpoint, before);
    }
    return endpoint;
}

/* ---- the rotation -----------------------------------------------------------------------------
 */

static unsigned greatest_common_divisor(unsigned a, unsigned b)
{
    while (b) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Smooth weighted round robin, played through once: in each turn every endpoint gains its weight,
 * the richest one is taken and pays the sum. Equal weights give plain order. */
static void play_rotation(struct pool_service *service, struct endpoint **ready, unsigned count,
                          const unsigned *weights, unsigned sum)
{
    int64_t *credit = memory_new(count * sizeof(*credit));
    for (unsigned turn = 0; turn < sum; turn++) {
        unsigned richest = 0;
        for (unsigned i = 0; i < count; i++) {
            credit[i] += weights[i];
            if (credit[i] > credit[richest])
                richest = i;
        }
        credit[richest] -= sum;
        service->rotation[turn] = ready[richest];
    }
    free(credit);
}

/* So that the rotation keeps its limit; everybody keeps a turn. Gives the new sum. */
static unsigned scale_down(unsigned *weights, unsigned count, unsigned sum)
{
    uint64_t room = count < POOL_ROTATION_MAX ? POOL_ROTATION_MAX - count : 0;
    unsigned scaled_sum = 0;
    for (unsigned i = 0; i < count; i++)
        scaled_sum += weights[i] = 1 + (unsigned)((weights[i] - 1) * room / (sum - count));
    return scaled_sum;
}

static void build_rotation(struct pool_service *service)
{
    struct endpoint **ready = memory_new(service->endpoint_count * sizeof(*ready));
    unsigned *weights = memory_new(service->endpoint_count * sizeof(*weights));
    unsigned count = 0, divisor = 0, sum = 0;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        if (!endpoint_is_usable(service->endpoints[i]))
            continue;
        ready[count] = service->endpoints[i];
        weights[count] = endpoint_weight(service->endpoints[i]);
        divisor = greatest_common_divisor(weights[count], divisor);
        count++;
    }
    for (unsigned i = 0; i < count; i++)
        sum += weights[i] /= divisor;
    if (sum > POOL_ROTATION_MAX && sum > count)
        sum = scale_down(weights, count, sum);
    if (sum == count) {
        service->rotation = ready; /* all equal */
        service->rotation_count = count;
    } else {
        service->rotation = memory_new(sum * sizeof(*ready));
        service->rotation_count = sum;
        play_rotation(service, ready, count, weights, sum);
        free(ready);
    }
    free(weights);
}

/* ---- the snapshot -----------------------------------------------------------------------------
 */

static struct pool_cursor *take_cursor(const struct pool *before, const char *name)
{
    const struct pool_service *same = before ? pool_find(before, view_str(name)) : NULL;
    if (same) {
        atomic_fetch_add_explicit(&same->cursor->ref_count, 1, memory_order_relaxed);
        return same->cursor;
    }
    struct pool_cursor *cursor = aligned_alloc(64, sizeof(*cursor));
    if (!cursor)
        abort();
    atomic_init(&cursor->ref_count, 1);
    atomic_init(&cursor->next, 0);
    return cursor;
}

static unsigned count_services(const struct pool_wanted *wanted)
{
    unsigned count = 0;
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        count +=
            i == 0 || strcmp(wanted->endpoints[i].service, wanted->endpoints[i - 1].service) != 0;
    return count;
}

struct pool *pool_build(const struct pool *before, struct pool_wanted *wanted,
                        unsigned worker_count, pool_on_change *on_change, void *owner)
{
    struct index index = index_of(before);
    struct pool *pool = memory_new(sizeof(*pool));
    if (wanted->endpoint_count > 0)
        qsort(wanted->endpoints, wanted->endpoint_count, sizeof(*wanted->endpoints),
              compare_wanted);
    atomic_init(&pool->ref_count, 1);
    pool->version = before ? before->version + 1 : 1;
    pool->services = memory_new(count_services(wanted) * sizeof(*pool->services));
    for (unsigned i = 0; i < wanted->endpoint_count;) {
        struct pool_service *service = &pool->services[pool->service_count++];
        const char *name = wanted->endpoints[i].service;
        unsigned end = i;
        while (end < wanted->endpoint_count && strcmp(wanted->endpoints[end].service, name) == 0)
            end++;
        service->name = memory_copy(name, strlen(name));
        service->cursor = take_cursor(before, name);
        service->endpoints = memory_new((end - i) * sizeof(struct endpoint *));
        for (; i < end; i++)
            service->endpoints[service->endpoint_count++] = take_endpoint(
                &index, &wanted->endpoints[i], wanted->is_trusted, worker_count, on_change, owner);
        for (unsigned j = 0; j < service->endpoint_count; j++)
            service->endpoints[j]->listed_version = pool->version;
        build_rotation(service);
    }
    pool->routed = wanted->routed ? pool_find(pool, view_str(wanted->routed)) : NULL;
    free(index.endpoints);
    return pool;
}

void pool_build_retire(const struct pool *before, const struct pool *next,
                       pool_on_change *on_change, void *owner)
{
    for (unsigned i = 0; before && i < before->service_count; i++) {
        for (unsigned j = 0; j < before->services[i].endpoint_count; j++) {
            struct endpoint *endpoint = before->services[i].endpoints[j];
            enum endpoint_state state = endpoint_state(endpoint);
            if (endpoint->listed_version == next->version)
                continue;
            endpoint_set_state(endpoint, ENDPOINT_GONE);
            on_change(owner, endpoint, state);
        }
    }
}
