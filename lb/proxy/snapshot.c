#include "lb/proxy/snapshot.h"

#include "lb/back/upstream_cache.h"

bool snapshot_refresh(struct env *env)
{
    struct pool *before = env->pool;
    struct pool *next = pool_slot_collect(&env->slot);
    if (!next)
        return false;
    env->pool = next;
    upstream_cache_sweep(&env->fleet, env->pool);
    pool_unref(before);
    return true;
}
