#include "lb/follow/service_orders.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"

static void free_name(struct pool_wanted_order *order)
{
    free((char *)(uintptr_t)order->service);
}

void service_orders_fini(struct service_orders *orders)
{
    for (unsigned i = 0; i < orders->count; i++)
        free_name(&orders->orders[i]);
    free(orders->orders);
    *orders = (struct service_orders){0};
}

static struct pool_wanted_order *find(const struct service_orders *orders, struct view service)
{
    for (unsigned i = 0; i < orders->count; i++)
        if (view_eq(view_str(orders->orders[i].service), service))
            return &orders->orders[i];
    return NULL;
}

static struct pool_wanted_order *take(struct service_orders *orders, const char *service)
{
    struct pool_wanted_order *order = find(orders, view_str(service));
    if (order)
        return order;
    orders->orders = memory_resize(orders->orders, (orders->count + 1) * sizeof(*orders->orders));
    orders->orders[orders->count] = (struct pool_wanted_order){
        .service = memory_copy(service, strlen(service)), .percent = POOL_WANTED_NO_SHARE};
    return &orders->orders[orders->count++];
}

static void drop_if_empty(struct service_orders *orders, struct pool_wanted_order *order)
{
    if (order->percent != POOL_WANTED_NO_SHARE || order->paused_until_ms > 0)
        return;
    free_name(order);
    *order = orders->orders[--orders->count];
}

void service_orders_share(struct service_orders *orders, const char *service, int percent)
{
    struct pool_wanted_order *order = take(orders, service);
    order->percent = percent;
    drop_if_empty(orders, order);
}

void service_orders_pause(struct service_orders *orders, const char *service, uint64_t until_ms)
{
    struct pool_wanted_order *order = take(orders, service);
    order->paused_until_ms = until_ms;
    drop_if_empty(orders, order);
}

uint64_t service_orders_paused_until(const struct service_orders *orders, struct view service)
{
    const struct pool_wanted_order *order = find(orders, service);
    return order ? order->paused_until_ms : 0;
}

int service_orders_share_of(const struct service_orders *orders, const char *service)
{
    const struct pool_wanted_order *order = find(orders, view_str(service));
    return order ? order->percent : POOL_WANTED_NO_SHARE;
}

bool service_orders_expire(struct service_orders *orders, uint64_t now_ms)
{
    bool is_any = false;
    for (unsigned i = orders->count; i-- > 0;) {
        struct pool_wanted_order *order = &orders->orders[i];
        if (order->paused_until_ms == 0 || order->paused_until_ms > now_ms)
            continue;
        log_info("%s: the pause is over, and its requests go on", order->service);
        order->paused_until_ms = 0;
        drop_if_empty(orders, order);
        is_any = true;
    }
    return is_any;
}

uint64_t service_orders_next_ms(const struct service_orders *orders)
{
    uint64_t next_ms = UINT64_MAX;
    for (unsigned i = 0; i < orders->count; i++)
        if (orders->orders[i].paused_until_ms > 0 && orders->orders[i].paused_until_ms < next_ms)
            next_ms = orders->orders[i].paused_until_ms;
    return next_ms;
}
