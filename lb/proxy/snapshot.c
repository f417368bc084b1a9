#include "lb/proxy/snapshot.h"

#include "lb/back/upstream_cache.h"

/* Most snapshots have the routes of the one before. */
static void use_table(struct env *env, struct route_table *table)
{
    if (env->table_use && env->table_use->table == table)
        return;
    table_use_end(env->table_use);
    env->table_use = table ? table_use_new(table) : NULL;
}

bool snapshot_refresh(struct env *env)
{
    struct pool *before = env->pool;
    struct pool *next = pool_slot_collect(&env->slot);
    if (!next)
        return false;
    env->pool = next;
    use_table(env, next->routes.table);
    upstream_cache_sweep(&env->fleet, env->pool);
    pool_unref(before);
    return true;
}
