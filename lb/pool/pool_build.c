#include "lb/pool/pool_build.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/pool/pool_kin.h"
#include "lb/pool/pool_panic.h"
#include "lb/pool/pool_pauses.h"
#include "lb/pool/pool_policies.h"
#include "lb/pool/pool_rotation.h"
#include "lb/pool/pool_settings.h"
#include "lb/pool/pool_sticky.h"
#include "lb/pool/pool_targets.h"
#include "lb/pool/pool_walk.h"

/* From what a snapshot is built. Borrowed. */
struct building {
    struct pool *pool; /* the new one */
    struct pool_wanted *wanted;
    const struct pool_rules *rules;
    struct pool_walk walk;
    struct pool_kin kin; /* those taken so far that may be of several services */
    struct pool_policies policies;
};

/* ---- endpoints ------------------------------------------------------------------------------- */

/* What lb itself found; NULL: the source's word is the cause. */
static const char *own_cause(const struct endpoint *endpoint, bool is_released)
{
    enum endpoint_state before = endpoint->told_state, state = endpoint->next_state;
    if (endpoint->order != ENDPOINT_ORDER_NONE || (is_released && state != before))
        return "admin";
    if (state == ENDPOINT_EJECTED)
        return "requests";
    if (state == ENDPOINT_FAILING)
        return "check";
    if (state == ENDPOINT_READY && before == ENDPOINT_EJECTED)
        return "probe";
    return state == ENDPOINT_READY && before == ENDPOINT_FAILING ? "check" : NULL;
}

static void note_cause(struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted,
                       bool is_released)
{
    const char *own = own_cause(endpoint, is_released);
    const char *cause = own ? own : wanted->cause;
    size_t len = strlen(cause);
    if (len >= sizeof(endpoint->cause))
        len = sizeof(endpoint->cause) - 1;
    memcpy(endpoint->cause, cause, len);
    endpoint->cause[len] = '\0';
    endpoint->cause_time_ns = own ? 0 : wanted->cause_time_ns;
}

static bool is_same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

static bool is_unchanged(const struct endpoint *endpoint, const struct pool_wanted_endpoint *wanted)
{
    const char *container = wanted->container ? wanted->container : wanted->id;
    return endpoint->weight == wanted->weight && endpoint->protocol == wanted->protocol &&
           strcmp(endpoint->name, wanted->name) == 0 && strcmp(endpoint->id, wanted->id) == 0 &&
           strcmp(endpoint->container, container) == 0 &&
           is_same_text(endpoint->server_name, wanted->server_name);
}

/* Of services that share it the first one in order is its own. */
static void note_taken(struct endpoint *endpoint, uint64_t version, const char *service)
{
    if (endpoint->taken_version != version && strcmp(endpoint->service, service) != 0) {
        free(endpoint->service);
        endpoint->service = memory_copy(service, strlen(service));
    }
    endpoint->taken_version = version;
}

/* Workers read an endpoint's name and weight without a lock, so a renamed one is a new object, as
 * healthy as the old one was. Gives a reference if it is new (no snapshot has listed it). */
static struct endpoint *keep_or_make(struct building *building, struct pool_wanted_endpoint *wanted)
{
    const struct pool_rules *rules = building->rules;
    struct endpoint *same = pool_walk_find(&building->walk, wanted);
    if (!same && wanted->is_shared)
        same = pool_walk_find_kin(&building->walk, wanted);
    struct endpoint *endpoint =
        same && (same == wanted->known || is_unchanged(same, wanted)) ? same : NULL;
    if (!endpoint) {
        endpoint = endpoint_new(&(struct endpoint_options){.id = wanted->id,
                                                           .container = wanted->container,
                                                           .name = wanted->name,
                                                           .service = wanted->service,
                                                           .server_name = wanted->server_name,
                                                           .address = wanted->address,
                                                           .protocol = wanted->protocol,
                                                           .weight = wanted->weight,
                                                           .worker_count = rules->worker_count});
        if (same)
            endpoint_inherit(endpoint, same);
        else if (building->walk.before)
            pool_leavers_meet(&building->walk.before->leavers, endpoint);
    }
    return endpoint;
}

static bool is_trusted(const struct pool_wanted *wanted, const char *id)
{
    return wanted->is_trusted &&
           (!wanted->doubted || name_map_find(wanted->doubted, view_str(id)) == NAME_MAP_NONE);
}

/* One of several services has the policy of its own. */
static struct endpoint *take_endpoint(struct building *building,
                                      struct pool_wanted_endpoint *wanted,
                                      struct service_policy *policy)
{
    const struct pool_rules *rules = building->rules;
    struct endpoint *taken = wanted->is_shared ? pool_kin_find(&building->kin, wanted) : NULL;
    struct endpoint *endpoint = taken ? taken : keep_or_make(building, wanted);
    if (wanted->is_shared && !taken)
        pool_kin_add(&building->kin, endpoint);
    bool is_again = endpoint->taken_version == building->pool->version;
    atomic_store_explicit(&endpoint->has_kin, is_again, memory_order_relaxed);
    note_taken(endpoint, building->pool->version, wanted->service);
    wanted->known = endpoint;
    bool is_released = endpoint->order != wanted->order && wanted->order == ENDPOINT_ORDER_NONE;
    bool was_by_tls = is_again && endpoint->is_by_tls;
    pool_settings_take(endpoint, wanted, is_again ? endpoint->policy : policy);
    endpoint->is_by_tls |= was_by_tls;
    endpoint_take_source_state(endpoint, wanted->state);
    endpoint->is_admitted |= is_trusted(building->wanted, wanted->id);
    endpoint->next_state = endpoint_judge(endpoint);
    if (endpoint->next_state != endpoint->told_state || is_released)
        note_cause(endpoint, wanted, is_released);
    if (endpoint->next_state == ENDPOINT_READY && endpoint_state(endpoint) != ENDPOINT_READY) {
        endpoint->ready_ms = rules->now_ms;
        endpoint_set_state(endpoint, ENDPOINT_READY);
    }
    return endpoint;
}

static void list_unready(struct pool_service *service)
{
    unsigned left = service->endpoint_count - service->ready_count;
    service->unready = memory_new(left * sizeof(struct endpoint *));
    for (unsigned i = 0; left > 0; i++)
        if (service->endpoints[i]->next_state != ENDPOINT_READY)
            service->unready[--left] = service->endpoints[i];
}

/* ---- the snapshot ---------------------------------------------------------------------------- */

static bool is_same_service(const struct pool_wanted_endpoint *a,
                            const struct pool_wanted_endpoint *b)
{
    return a->kind == b->kind && (a->service == b->service || strcmp(a->service, b->service) == 0);
}

/* A zeroed one. It stays where it is until the next one is added. */
static struct pool_service *add_service(struct pool *pool)
{
    unsigned count = pool->service_count++;
    if (count > 0 && (count & (count - 1)) == 0) {
        pool->services = memory_resize(pool->services, (size_t)2 * count * sizeof(*pool->services));
        memset(&pool->services[count], 0, count * sizeof(*pool->services));
    }
    return &pool->services[count];
}

/* The endpoints of one service: `count` of those that are wanted, from `first` on. */
static struct pool_members *take_members(struct building *building, unsigned first, unsigned count,
                                         struct service_policy *policy)
{
    const struct pool_service *listed = building->walk.service;
    struct pool_members *before = listed ? listed->members : NULL;
    size_t size = count * sizeof(struct endpoint *);
    struct pool_members *members = memory_new(sizeof(*members) + size);
    atomic_init(&members->ref_count, 1);
    members->count = count;
    for (unsigned i = 0; i < count; i++)
        members->endpoints[i] =
            take_endpoint(building, &building->wanted->endpoints[first + i], policy);
    if (before && before->count == count &&
        memcmp(before->endpoints, members->endpoints, size) == 0) {
        free(members);
        atomic_fetch_add_explicit(&before->ref_count, 1, memory_order_relaxed);
        return before;
    }
    for (unsigned i = 0; i < count; i++)
        if (members->endpoints[i]->listed_version > 0)
            endpoint_ref(members->endpoints[i]);
    return members;
}

static void build_service(struct building *building, unsigned first, unsigned count)
{
    const struct pool_rules *rules = building->rules;
    struct pool *pool = building->pool;
    struct pool_service *service = add_service(pool);
    const char *name = building->wanted->endpoints[first].service;
    enum service_kind kind = building->wanted->endpoints[first].kind;
    pool_walk_enter(&building->walk, name, kind);
    const struct pool_service *before = building->walk.service;
    service->kept = before
                        ? service_ref(before->kept)
                        : pool_targets_keep(building->walk.before, name, kind, rules->worker_count);
    service->name = service->kept->name;
    service->kind = kind;
    service->policy = pool_policies_take(&building->policies, view_str(name), kind);
    service->members = take_members(building, first, count, service->policy);
    service->endpoints = service->members->endpoints;
    service->endpoint_count = count;
    if (!before || before->members != service->members) {
        pool->members_version = pool->version;
        for (unsigned i = 0; i < count; i++)
            service->endpoints[i]->listed_version = pool->version;
    }
    pool_panic_judge(service);
    list_unready(service);
    service->is_paused = pool_pauses_note(building->wanted, service->kept);
    if (!service->is_paused)
        pool_rotation_build(service, rules->now_ms);
    service->sticky = pool_sticky_new(service->policy, name, service->endpoints, count);
}

static void build_services(struct building *building)
{
    const struct pool_wanted *wanted = building->wanted;
    struct pool *pool = building->pool;
    pool->services = memory_new(sizeof(*pool->services));
    for (unsigned first = 0, end = 0; first < wanted->endpoint_count; first = end) {
        while (end < wanted->endpoint_count &&
               is_same_service(&wanted->endpoints[end], &wanted->endpoints[first]))
            end++;
        build_service(building, first, end - first);
    }
    if (pool->service_count > 0)
        pool->services =
            memory_resize(pool->services, pool->service_count * sizeof(*pool->services));
}

/* They have endpoints now, or had until now. */
static void note_peopled(const struct pool *pool, uint64_t now_ms)
{
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        atomic_store_explicit(&pool->services[i].kept->peopled_ms, now_ms, memory_order_relaxed);
}

static struct service_policy *keep_policy(const struct pool *before,
                                          const struct service_policy *wanted)
{
    return before && service_policy_is(before->policy, wanted) ? service_policy_ref(before->policy)
                                                               : service_policy_new(wanted);
}

struct pool *pool_build(const struct pool *before, struct pool_wanted *wanted,
                        const struct pool_rules *rules)
{
    struct pool *pool = memory_new(sizeof(*pool));
    pool->policy = keep_policy(before, &rules->policy);
    struct building building = {
        .walk = {.before = before}, .pool = pool, .wanted = wanted, .rules = rules};
    pool_policies_begin(&building.policies, before, wanted, pool->policy);
    pool_walk_sort(wanted);
    atomic_init(&pool->ref_count, 1);
    pool->version = before ? before->version + 1 : 1;
    pool->members_version = before ? before->members_version : pool->version;
    build_services(&building);
    if (before && before->service_count != pool->service_count)
        pool->members_version = pool->version;
    pool_targets_build(&(struct pool_targets){.pool = pool,
                                              .before = before,
                                              .wanted = wanted,
                                              .policies = &building.policies,
                                              .worker_count = rules->worker_count});
    pool->is_followed = wanted->is_followed;
    note_peopled(before, rules->now_ms);
    note_peopled(pool, rules->now_ms);
    pool_walk_fini(&building.walk);
    pool_kin_fini(&building.kin);
    pool_policies_fini(&building.policies);
    return pool;
}

static void settle_endpoint(struct endpoint *endpoint, pool_on_change *on_change, void *owner)
{
    enum endpoint_state before = endpoint->told_state;
    endpoint_set_state(endpoint, endpoint->next_state);
    endpoint->told_state = endpoint->next_state;
    if (before != endpoint->told_state)
        on_change(owner, endpoint, before);
}

static void settle_gone(const struct pool_service *before, const struct pool_service *now,
                        struct pool *pool, pool_on_change *on_change, void *owner)
{
    if (now && now->members == before->members)
        return;
    for (unsigned i = 0; i < before->endpoint_count; i++) {
        struct endpoint *endpoint = before->endpoints[i];
        if (endpoint->taken_version == pool->version)
            continue;
        endpoint->next_state = ENDPOINT_GONE;
        settle_endpoint(endpoint, on_change, owner);
        pool_leavers_add(&pool->leavers, endpoint);
    }
}

void pool_build_settle(struct pool *pool, const struct pool *before, pool_on_change *on_change,
                       void *owner)
{
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            settle_endpoint(pool->services[i].endpoints[j], on_change, owner);
    unsigned near = 0;
    if (before)
        pool_leavers_begin(&pool->leavers, &before->leavers);
    for (unsigned i = 0; before && i < before->service_count; i++) {
        const struct pool_service *service = &before->services[i];
        settle_gone(service, pool_find_next(pool, service->name, service->kind, &near), pool,
                    on_change, owner);
    }
    pool_pauses_settle(pool);
    atomic_store_explicit(&pool->is_settled, true, memory_order_release);
}
