#include "lb/run/recall.h"

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/net/loop.h"

/* Nothing else is known to be in the way, as nothing was heard of discovery. */
static void note_obstacle(struct publisher *publisher)
{
    struct sign_of_life *life = &publisher->membership.life;
    if (!life->events && !obstacle_is_set(&life->obstacle))
        obstacle_set(
            &life->obstacle,
            "this lb-proxy is new, and goes by what lb-discovery had told the one before it",
            "That holds until lb-discovery tells it again, which takes a moment", clock_wall_ns());
}

static void tell(const struct publisher *publisher, bool has_world)
{
    unsigned order_count = publisher->orders.count + publisher->orders.services.count;
    unsigned endpoint_count = publisher->membership.wanted.endpoint_count;
    if (has_world)
        log_info("goes on as the lb-proxy before it: %u %s, %u %s", endpoint_count,
                 endpoint_count == 1 ? "endpoint" : "endpoints", order_count,
                 order_count == 1 ? "order" : "orders");
    else if (order_count > 0)
        log_info("goes on with the orders of the lb-proxy before it: %u", order_count);
}

bool recall_take(struct publisher *publisher, struct legacy *legacy, bool follows, bool believes)
{
    struct orders orders = {0};
    struct legacy_doubts doubts;
    struct text line = TEXT_INIT, problem = TEXT_INIT;
    bool is_new = publisher->pool == NULL;
    uint64_t now_ms = loop_now_ms(publisher->health.options.loop);
    bool has_orders = legacy_read_rest(legacy, now_ms, &orders, &doubts, &problem);
    bool has_world = follows && legacy_read_world(legacy, &line);
    if (problem.len > 0)
        log_warn("the orders of the lb-proxy before are lost: %s; give them again",
                 text_str(&problem));
    if (!publisher_recall(publisher, has_orders ? &orders : NULL, text_view(&line),
                          believes && (has_orders || has_world) ? &doubts : NULL))
        has_world = false;
    if (has_world)
        note_obstacle(publisher);
    if (is_new && (has_orders || has_world))
        tell(publisher, has_world);
    legacy_doubts_fini(&doubts);
    text_fini(&line);
    text_fini(&problem);
    return publisher->pool != NULL;
}
