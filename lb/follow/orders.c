#include "lb/follow/orders.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/endpoint_id.h"
#include "lb/follow/left_out.h"

void orders_fini(struct orders *orders)
{
    for (unsigned i = 0; i < orders->count; i++)
        free(orders->orders[i].id);
    free(orders->orders);
    service_orders_fini(&orders->services);
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

/* Sets what is given, of the order of that id. */
static void change(struct orders *orders, const char *id, const enum endpoint_order *order,
                   const unsigned *weight)
{
    struct order *kept = take(orders, id);
    kept->order = order ? *order : kept->order;
    kept->weight = weight ? *weight : kept->weight;
    drop_if_empty(orders, kept);
}

/* Takes back what is given, of the servers of that container. */
static void take_back_within(struct orders *orders, const char *container, bool has_order,
                             bool has_weight)
{
    for (unsigned i = orders->count; i-- > 0;) {
        struct order *order = &orders->orders[i];
        if (!endpoint_id_is_port_of(order->id, container))
            continue;
        order->order = has_order ? ENDPOINT_ORDER_NONE : order->order;
        order->weight = has_weight ? 0 : order->weight;
        drop_if_empty(orders, order);
    }
}

void orders_set(struct orders *orders, const char *id, enum endpoint_order order)
{
    change(orders, id, &order, NULL);
}

void orders_set_weight(struct orders *orders, const char *id, unsigned weight)
{
    change(orders, id, NULL, &weight);
}

void orders_set_of_container(struct orders *orders, const char *container,
                             enum endpoint_order order)
{
    take_back_within(orders, container, true, false);
    change(orders, container, &order, NULL);
}

void orders_set_weight_of_container(struct orders *orders, const char *container, unsigned weight)
{
    take_back_within(orders, container, false, true);
    change(orders, container, NULL, &weight);
}

void orders_add(struct orders *orders, const char *id, enum endpoint_order order, unsigned weight)
{
    change(orders, id, &order, &weight);
}

enum endpoint_order orders_of_container(const struct orders *orders, const char *container)
{
    const struct order *order = find(orders, container);
    return order ? order->order : ENDPOINT_ORDER_NONE;
}

static void apply(const struct order *order, struct pool_wanted_endpoint *endpoint)
{
    if (!order)
        return;
    if (order->order != ENDPOINT_ORDER_NONE)
        endpoint->order = order->order;
    if (order->weight > 0)
        endpoint->ordered_weight = order->weight;
}

void orders_apply(const struct orders *orders, struct pool_wanted *wanted)
{
    wanted->orders = orders->services.orders;
    wanted->order_count = orders->services.count;
    for (unsigned i = 0; i < wanted->endpoint_count; i++) {
        struct pool_wanted_endpoint *endpoint = &wanted->endpoints[i];
        endpoint->order = ENDPOINT_ORDER_NONE;
        endpoint->ordered_weight = 0;
        if (orders->count == 0)
            continue;
        if (endpoint->container)
            apply(find(orders, endpoint->container), endpoint);
        apply(find(orders, endpoint->id), endpoint);
    }
}

/* Of services that nothing leads to. */
static bool forget_shares(struct service_orders *orders, const struct membership *membership)
{
    bool is_any = false;
    for (unsigned i = orders->count; i-- > 0;) {
        if (orders->orders[i].percent == POOL_WANTED_NO_SHARE ||
            membership_serves(membership, orders->orders[i].service))
            continue;
        service_orders_share(orders, orders->orders[i].service, POOL_WANTED_NO_SHARE);
        is_any = true;
    }
    return is_any;
}

bool orders_forget_gone(struct orders *orders, const struct membership *membership)
{
    unsigned count = orders->count;
    bool is_any = forget_shares(&orders->services, membership);
    for (unsigned i = orders->count; i-- > 0;)
        if (!left_out_or_member(membership, orders->orders[i].id))
            forget(orders, i);
    return is_any || orders->count < count;
}
