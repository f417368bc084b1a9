#include "lb/proxy/passage_aim.h"

#include "lb/policy/algorithm.h"

static const struct listener_entry *entry_at(const struct env *env, const struct address *at)
{
    const struct pool *pool = env->pool;
    if (!pool || !pool->listeners.table)
        return NULL;
    return listener_table_find(pool->listeners.table, SERVICE_TCP, at);
}

static const struct listener_entry *entry_of(const struct passage *passage)
{
    return entry_at(passage->env, &passage->at);
}

bool passage_aim_has_names(const struct env *env, const struct address *at)
{
    const struct listener_entry *entry = entry_at(env, at);
    return entry && listener_entry_has_names(entry);
}

bool passage_aim_wants_hello(const struct passage *passage)
{
    return passage_aim_has_names(passage->env, &passage->at);
}

static uint32_t number_of(const struct passage *passage, const struct listener_entry *entry)
{
    const struct client_hello *hello = passage->hello;
    return hello ? listener_entry_find(entry, hello->server_name, hello->alpn, hello->alpn_count)
                 : listener_entry_default(entry);
}

bool passage_aim_is_nobodys(const struct passage *passage)
{
    const struct listener_entry *entry = entry_of(passage);
    return !entry || number_of(passage, entry) == LISTENER_TABLE_NONE;
}

enum err passage_aim_find(const struct passage *passage, const struct routes_target **target)
{
    const struct listener_entry *entry = entry_of(passage);
    *target = NULL;
    if (!passage->env->pool)
        return ERR_OK;
    if (!entry)
        return ERR_NO_ROUTE;
    *target = pool_listeners_target(&passage->env->pool->listeners, number_of(passage, entry));
    return *target ? ERR_OK : ERR_NO_ROUTE;
}

static enum err route(void *owner, const struct routes_target **target)
{
    return passage_aim_find(owner, target);
}

static bool is_moot(void *owner)
{
    const struct passage *passage = owner;
    const struct routes_target *target;
    return passage_aim_find(passage, &target) ||
           target->service != service_of(passage->attempt.service);
}

static struct endpoint *choose(void *owner)
{
    struct passage *passage = owner;
    const struct pool_service *service = attempt_listed(&passage->attempt);
    if (service->is_paused)
        return NULL;
    const struct algorithm_key key =
        algorithm_key_of(&passage->guest.peer.address, service->policy->balance.algorithm);
    return algorithm_pick(service, &passage->attempt.tried, &key);
}

const struct attempt_asker passage_aim_asker = {
    .route = route, .is_moot = is_moot, .choose = choose};
