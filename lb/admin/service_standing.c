#include "lb/admin/service_standing.h"

#include <string.h>

/* ---- pauses ---------------------------------------------------------------------------------- */

/* One whose time is over has not ended until that is told. */
static uint64_t left_ms(uint64_t until_ms, uint64_t now_ms)
{
    return until_ms > now_ms ? until_ms - now_ms : 1;
}

void service_standing_write(const struct pool_wanted *wanted, const char *service, uint64_t now_ms,
                            struct json_writer *json)
{
    for (unsigned i = 0; i < wanted->order_count; i++) {
        const struct pool_wanted_order *order = &wanted->orders[i];
        if (strcmp(order->service, service) != 0)
            continue;
        if (order->paused_until_ms > 0)
            json_writer_field_uint(json, "paused_for_ms", left_ms(order->paused_until_ms, now_ms));
        if (order->percent != POOL_WANTED_NO_SHARE)
            json_writer_field_uint(json, "ordered_share", (unsigned)order->percent);
    }
}

void service_standing_write_paused(const struct pool_wanted *wanted, uint64_t now_ms,
                                   struct json_writer *json)
{
    json_writer_begin_array(json);
    for (unsigned i = 0; i < wanted->order_count; i++) {
        const struct pool_wanted_order *order = &wanted->orders[i];
        if (order->paused_until_ms == 0)
            continue;
        json_writer_begin_object(json);
        json_writer_field_str(json, "service", order->service);
        json_writer_field_uint(json, "for_ms", left_ms(order->paused_until_ms, now_ms));
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

static bool is_any_paused(const struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (wanted->orders[i].paused_until_ms > 0)
            return true;
    return false;
}

static void write_paused(const struct pool_wanted *wanted, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_paused", "gauge",
                           "1 while the requests of a service wait by order.");
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (wanted->orders[i].paused_until_ms > 0)
            prometheus_text_uint(writer, PROMETHEUS_LABELS({"service", wanted->orders[i].service}),
                                 1);
}

static bool is_any_shared(const struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (wanted->orders[i].percent != POOL_WANTED_NO_SHARE)
            return true;
    return false;
}

static void write_shares(const struct pool_wanted *wanted, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_ordered_share_percent", "gauge",
                           "Part of its routes' requests that a service gets by order.");
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (wanted->orders[i].percent != POOL_WANTED_NO_SHARE)
            prometheus_text_uint(writer, PROMETHEUS_LABELS({"service", wanted->orders[i].service}),
                                 (uint64_t)wanted->orders[i].percent);
}

void service_standing_write_metrics(const struct pool_wanted *wanted, uint64_t now_ms,
                                    struct prometheus_text *writer)
{
    if (is_any_shared(wanted))
        write_shares(wanted, writer);
    if (!is_any_paused(wanted))
        return;
    write_paused(wanted, writer);
    prometheus_text_family(writer, "lb_service_pause_remaining_seconds", "gauge",
                           "How long that lasts still.");
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (wanted->orders[i].paused_until_ms > 0)
            prometheus_text_seconds(writer,
                                    PROMETHEUS_LABELS({"service", wanted->orders[i].service}),
                                    left_ms(wanted->orders[i].paused_until_ms, now_ms) * 1000000u);
}

void service_standing_append_pause(uint64_t paused_until_ms, uint64_t now_ms,
                                   enum service_kind kind, struct text *out)
{
    static const char *const words[] = {
        [SERVICE_HTTP] = "requests", [SERVICE_TCP] = "connections", [SERVICE_UDP] = "flows"};
    if (paused_until_ms > 0)
        text_appendf(out, ", paused by admin for %.1f s more, so that new %s wait",
                     (double)left_ms(paused_until_ms, now_ms) / 1e3, words[kind]);
}

/* ---- shares ---------------------------------------------------------------------------------- */

static bool has_part(const struct share_ring *ring, unsigned index)
{
    return ring->ends[index] > (index > 0 ? ring->ends[index - 1] : 0);
}

static bool is_ordered(const struct pool_wanted *wanted, const char *service)
{
    for (unsigned i = 0; i < wanted->order_count; i++)
        if (strcmp(wanted->orders[i].service, service) == 0)
            return wanted->orders[i].percent != POOL_WANTED_NO_SHARE;
    return false;
}

void service_standing_append_shares(const struct routes_group *group,
                                    const struct pool_wanted *wanted, struct text *out)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < group->ring.count; i++)
        sum += group->weights[i];
    for (unsigned i = 0; i < group->ring.count; i++) {
        double percent = sum > 0 ? (double)group->weights[i] * 100 / (double)sum : 0;
        const char *service = group->members[i]->service->name;
        text_appendf(out, "%s%s %.4g %%%s", i > 0 ? ", " : "", service, percent,
                     is_ordered(wanted, service) ? " by order" : "");
        if (group->weights[i] > 0 && !has_part(&group->ring, i))
            text_append_str(out, " (the others get it, as it has no servers)");
    }
}
