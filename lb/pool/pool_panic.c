#include "lb/pool/pool_panic.h"

void pool_panic_judge(struct pool_service *service)
{
    const struct service_policy *policy = service->policy;
    unsigned doubtful = POOL_STATE_BIT(ENDPOINT_FAILING) | POOL_STATE_BIT(ENDPOINT_EJECTED);
    if (policy->panic_includes_unhealthy)
        doubtful |= POOL_STATE_BIT(ENDPOINT_UNHEALTHY);
    unsigned bad_count = 0;
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        const struct endpoint *endpoint = service->endpoints[i];
        enum endpoint_state state = endpoint->next_state;
        service->ready_count += state == ENDPOINT_READY;
        if (state == ENDPOINT_READY && !endpoint->is_suspect)
            service->good_count++;
        else if (state == ENDPOINT_READY || (POOL_STATE_BIT(state) & doubtful))
            bad_count++;
    }
    service->is_panicking = bad_count > 0 && (uint64_t)service->good_count * 100 <
                                                 (uint64_t)policy->panic_below_percent *
                                                     (service->good_count + bad_count);
    service->usable_states = POOL_STATE_BIT(ENDPOINT_READY);
    if (service->is_panicking)
        service->usable_states |= doubtful;
}
