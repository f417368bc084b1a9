#include "lb/pool/pool_pauses.h"

#include <string.h>

static void tell(struct service *service)
{
    if (service_paused_until_ms(service) != service->next_paused_until_ms)
        atomic_store_explicit(&service->paused_until_ms, service->next_paused_until_ms,
                              memory_order_relaxed);
}

bool pool_pauses_note(const struct pool_wanted *wanted, struct service *service)
{
    service->next_paused_until_ms = 0;
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (strcmp(wanted->orders[i].service, service->name) == 0)
            service->next_paused_until_ms = wanted->orders[i].paused_until_ms;
    if (service->next_paused_until_ms > 0)
        tell(service);
    return service->next_paused_until_ms > 0;
}

void pool_pauses_settle(const struct pool *pool)
{
    const struct routes *routes = &pool->routes;
    const struct listener_table *listeners = pool->listeners.table;
    for (unsigned i = 0; i < pool->service_count; i++)
        tell(pool->services[i].kept);
    for (uint32_t i = 0; routes->table && i < routes->table->service_count; i++)
        tell(routes->targets[i].service);
    for (uint32_t i = 0; listeners && i < listener_table_service_count(listeners); i++)
        tell(pool->listeners.targets[i].service);
    if (routes->otherwise.service)
        tell(routes->otherwise.service);
}
