#include "lb/back/trust.h"

#define DISTRUST_MS 60000u

void trust_lose(struct fleet *fleet, struct endpoint *endpoint)
{
    struct endpoint_local *local = &endpoint->locals[fleet->worker_index];
    local->is_distrusted = true;
    local->distrusted_at_ms = loop_now_ms(fleet->loop);
}

bool trust_regain(struct fleet *fleet, struct endpoint *endpoint)
{
    struct endpoint_local *local = &endpoint->locals[fleet->worker_index];
    if (loop_now_ms(fleet->loop) - local->distrusted_at_ms >= DISTRUST_MS)
        local->is_distrusted = false;
    return !local->is_distrusted;
}
