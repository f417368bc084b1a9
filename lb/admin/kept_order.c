#include "lb/admin/kept_order.h"

#include <string.h>

#include "lb/admin/subject.h"
#include "lb/contract/endpoint_id.h"
#include "lb/follow/left_out.h"

struct search {
    struct view subject;
    const struct order *order; /* that may be meant */
    enum endpoint_order wanted;
    struct kept_order *found;
};

static void note(struct search *search, const char *id, const char *name, bool is_of_container)
{
    struct kept_order *found = search->found;
    if (search->order->order != search->wanted)
        found->other = search->order->order;
    if (found->count > 0 && view_eq(text_view(&found->id), view_str(id)))
        return;
    found->count++;
    found->is_of_container = is_of_container;
    text_clear(&found->id);
    text_clear(&found->name);
    text_append_str(&found->id, id);
    text_append_str(&found->name, name ? name : id);
}

/* By that name of the container that it is of. */
static void consider(struct search *search, const char *container, const char *name)
{
    const char *id = search->order->id;
    if (strcmp(id, container) != 0 && !endpoint_id_is_port_of(id, container))
        return;
    enum subject_meaning meaning = subject_means(search->subject, id, container, name);
    if (meaning == SUBJECT_PORT)
        note(search, id, name, false);
    else if (meaning == SUBJECT_CONTAINER)
        note(search, container, name, true);
}

static void consider_left_out(void *owner, const struct left_out *left_out)
{
    if (left_out->container)
        consider(owner, left_out->container, left_out->name);
}

static void consider_endpoints(struct search *search, const struct pool *pool)
{
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned k = 0; k < pool->services[i].endpoint_count; k++)
            consider(search, pool->services[i].endpoints[k]->container,
                     pool->services[i].endpoints[k]->name);
}

bool kept_order_find(const struct publisher *publisher, struct view subject,
                     enum endpoint_order wanted, struct kept_order *out)
{
    struct search search = {.subject = subject, .wanted = wanted, .found = out};
    *out = (struct kept_order){.other = ENDPOINT_ORDER_NONE};
    for (unsigned i = 0; i < publisher->orders.count; i++) {
        search.order = &publisher->orders.orders[i];
        if (search.order->order == ENDPOINT_ORDER_NONE)
            continue;
        consider_endpoints(&search, publisher->pool);
        left_out_each(&publisher->membership, consider_left_out, &search);
    }
    return out->count > 0;
}

void kept_order_fini(struct kept_order *kept)
{
    text_fini(&kept->id);
    text_fini(&kept->name);
}
