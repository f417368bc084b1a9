#include "lb/proxy/trust.h"

#define DISTRUST_MS 60000u

void trust_lose(struct env *env, struct endpoint *endpoint)
{
    struct endpoint_local *local = &endpoint->locals[env->worker_index];
    local->is_distrusted = true;
    local->distrusted_at_ms = loop_now_ms(env->loop);
}

bool trust_regain(struct env *env, struct endpoint *endpoint)
{
    struct endpoint_local *local = &endpoint->locals[env->worker_index];
    if (loop_now_ms(env->loop) - local->distrusted_at_ms >= DISTRUST_MS)
        local->is_distrusted = false;
    return !local->is_distrusted;
}
