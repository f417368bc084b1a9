#include "lb/admin/standing_metrics.h"

#include "lb/admin/protocol_label.h"
#include "lb/contract/left_out_reason.h"
#include "lb/follow/left_out.h"

static void write_panic(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_panic", "gauge",
                           "1 while so few endpoints are healthy that others get requests too.");
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        prometheus_text_uint(writer,
                             PROMETHEUS_LABELS({"service", pool->services[i].name},
                                               protocol_label(pool->services[i].kind)),
                             pool->services[i].is_panicking);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void write_orders_of(const struct pool_service *service, struct prometheus_text *writer)
{
    static const char *const words[] = {
        [ENDPOINT_ORDER_DRAIN] = "drain", [ENDPOINT_ORDER_DISABLE] = "disable"};
    for (unsigned i = 0; i < service->endpoint_count; i++) {
        const struct endpoint *endpoint = service->endpoints[i];
        const char *word = endpoint->order == ENDPOINT_ORDER_NONE ? NULL : words[endpoint->order];
        for (unsigned turn = 0; turn < 2; turn++) {
            const char *order = turn == 0 ? word : endpoint->ordered_weight ? "weight" : NULL;
            if (order)
                prometheus_text_uint(writer,
                                     PROMETHEUS_LABELS({"service", service->name},
                                                       {"name", endpoint->name},
                                                       {"id", endpoint->id}, {"order", order},
                                                       protocol_label(service->kind)),
                                     1);
        }
    }
}

static void write_orders(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_endpoint_ordered", "gauge",
                           "1 while an operator's order of an endpoint holds: drain, disable, "
                           "weight.");
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        write_orders_of(&pool->services[i], writer);
}

/* ---- who is left out -------------------------------------------------------------------------- */

struct reasons {
    uint64_t counts[LEFT_OUT_REASON_COUNT + 1]; /* the last: words of another lb-discovery */
};

static void count_reason(void *owner, const struct left_out *left_out)
{
    struct reasons *reasons = owner;
    reasons->counts[left_out_reason_parse(left_out->reason)]++;
}

static void write_left_out(const struct membership *membership, struct prometheus_text *writer)
{
    struct reasons reasons = {.counts = {0}};
    left_out_each(membership, count_reason, &reasons);
    prometheus_text_family(
        writer, "lb_left_out_containers", "gauge",
        "Containers, or ports of them, that are no endpoints, by the reason that "
        "lb explain tells.");
    for (unsigned i = 0; i < LEFT_OUT_REASON_COUNT; i++)
        prometheus_text_uint(
            writer, PROMETHEUS_LABELS({"reason", left_out_reason_word((enum left_out_reason)i)}),
            reasons.counts[i]);
    if (reasons.counts[LEFT_OUT_REASON_COUNT] > 0)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"reason", "unknown"}),
                             reasons.counts[LEFT_OUT_REASON_COUNT]);
}

void standing_metrics_write(const struct pool *pool, const struct membership *membership,
                            struct prometheus_text *writer)
{
    write_panic(pool, writer);
    write_orders(pool, writer);
    write_left_out(membership, writer);
}
