#include "lb/follow/orders.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/follow/left_out.h"

void orders_fini(struct orders *orders)
{
    for (unsigned i = 0; i < orders->count; i++)
        free(orders->orders[i].id);
    free(orders->orders);
    *orders = (struct orders){0};
}

static void forget(struct orders *orders, unsigned index)
{
    free(orders->orders[index].id);
    orders->orders[index] = orders->orders[--orders->count];
}

static struct order *find(const struct orders *orders, const char *id)
{
    for (unsigned i = 0; i < orders->count; i++)
        if (strcmp(orders->orders[i].id, id) == 0)
            return &orders->orders[i];
    return NULL;
}

static struct order *take(struct orders *orders, const char *id)
{
    struct order *order = find(orders, id);
    if (order)
        return order;
    orders->orders = memory_resize(orders->orders, (orders->count + 1) * sizeof(*orders->orders));
    orders->orders[orders->count] = (struct order){.id = memory_copy(id, strlen(id))};
    return &orders->orders[orders->count++];
}

static void drop_if_empty(struct orders *orders, const struct order *order)
{
    if (order->order == ENDPOINT_ORDER_NONE && order->weight == 0)
        forget(orders, (unsigned)(order - orders->orders));
}

void orders_set(struct orders *orders, const char *id, enum endpoint_order order)
{
    struct order *kept = take(orders, id);
    kept->order = order;
    drop_if_empty(orders, kept);
}

void orders_set_weight(struct orders *orders, const char *id, unsigned weight)
{
    struct order *kept = take(orders, id);
    kept->weight = weight;
    drop_if_empty(orders, kept);
}

void orders_apply(const struct orders *orders, struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++) {
        struct pool_wanted_endpoint *endpoint = &wanted->endpoints[i];
        const struct order *order = orders->count > 0 ? find(orders, endpoint->id) : NULL;
        endpoint->order = order ? order->order : ENDPOINT_ORDER_NONE;
        endpoint->ordered_weight = order ? order->weight : 0;
    }
}

bool orders_forget_gone(struct orders *orders, const struct membership *membership)
{
    unsigned count = orders->count;
    for (unsigned i = orders->count; i-- > 0;)
        if (!left_out_or_member(membership, orders->orders[i].id))
            forget(orders, i);
    return orders->count < count;
}
