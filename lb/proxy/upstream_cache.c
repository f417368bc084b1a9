#include "lb/proxy/upstream_cache.h"

static struct endpoint_local *local_of(const struct upstream *upstream)
{
    return &upstream->endpoint->locals[upstream->env->worker_index];
}

struct upstream *upstream_cache_take(struct env *env, struct endpoint *endpoint,
                                     const struct upstream_handler *handler, void *owner)
{
    struct endpoint_local *local = &endpoint->locals[env->worker_index];
    if (list_is_empty(&local->idle))
        return NULL;
    struct upstream *upstream = list_entry(local->idle.next, struct upstream, node);
    upstream_cache_remove(upstream);
    upstream->handler = handler;
    upstream->owner = owner;
    upstream->is_reused = true;
    upstream->state = UPSTREAM_SENDING;
    return upstream;
}

bool upstream_cache_put(struct upstream *upstream)
{
    struct endpoint_local *local = local_of(upstream);
    if (local->idle_count >= UPSTREAM_CACHE_MAX || !endpoint_is_usable(upstream->endpoint))
        return false;
    if (local->idle_count++ == 0)
        list_append(&upstream->env->with_idle, &local->with_idle);
    list_prepend(&local->idle, &upstream->node);
    return true;
}

void upstream_cache_remove(struct upstream *upstream)
{
    struct endpoint_local *local = local_of(upstream);
    list_unlink(&upstream->node);
    if (--local->idle_count == 0)
        list_unlink(&local->with_idle);
}

/* Closing the last one drops the endpoint's last reference perhaps, so `local` is not looked at
 * after it. */
static void close_idle(struct endpoint_local *local)
{
    for (unsigned left = local->idle_count; left > 0; left--)
        upstream_close(list_entry(local->idle.next, struct upstream, node));
}

static bool is_local_usable(const struct endpoint_local *local)
{
    return endpoint_is_usable(list_entry(local->idle.next, struct upstream, node)->endpoint);
}

void upstream_cache_sweep(struct env *env)
{
    list_for_each_safe(node, &env->with_idle)
    {
        struct endpoint_local *local = list_entry(node, struct endpoint_local, with_idle);
        if (!is_local_usable(local))
            close_idle(local);
    }
}

void upstream_cache_clear(struct env *env)
{
    while (!list_is_empty(&env->with_idle))
        close_idle(list_entry(env->with_idle.next, struct endpoint_local, with_idle));
}
