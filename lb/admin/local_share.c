#include "lb/admin/local_share.h"

#include <string.h>

#include "lb/admin/protocol_label.h"

/* Whether there is anything to be divided. */
static bool is_told(const struct pool_service *service)
{
    return service->policy->preference == PREFERENCE_LOCAL && service->rotation_count > 0;
}

/* From 0 to 1. */
static double share_of(const struct pool_service *service)
{
    if (service->split.whole > 0)
        return (double)service->split.local / service->split.whole;
    return service->rotation[0]->is_local ? 1 : 0;
}

void local_share_write(const struct pool_service *service, struct json_writer *json)
{
    if (!is_told(service))
        return;
    json_writer_key(json, "local_share_percent");
    json_writer_double(json, 100 * share_of(service));
}

/* ---- one endpoint ---------------------------------------------------------------------------- */

static void append_other(double share, const char *what, struct text *out)
{
    text_append_str(out, ", on another host: local ones are preferred");
    if (share == 1)
        text_appendf(out, " and get all %s that they can take", what);
    else if (share > 0)
        text_appendf(out, " and get %.3g %% of the %s", 100 * share, what);
    else
        text_append_str(out, ", but none of them can be asked");
}

static void append_local(const struct pool_service *service, double share, const char *what,
                         struct text *out)
{
    text_append_str(out, ", on this host");
    if (share < 1)
        text_appendf(out, ", which gets %.3g %% of the %s as too few here are healthy", 100 * share,
                     what);
    else if (service->other_turn_count > 0)
        text_append_str(out, ", which is preferred");
}

void local_share_append(const struct pool_service *service, const struct endpoint *endpoint,
                        struct text *out)
{
    static const char *const words[] = {
        [SERVICE_HTTP] = "requests", [SERVICE_TCP] = "connections", [SERVICE_UDP] = "flows"};
    if (!is_told(service))
        return;
    if (endpoint->is_local)
        append_local(service, share_of(service), words[service->kind], out);
    else
        append_other(share_of(service), words[service->kind], out);
}

void local_share_write_place(const struct pool_service *service, const struct endpoint *endpoint,
                             struct json_writer *json)
{
    struct text place = TEXT_INIT;
    if (pool_may_use(service, endpoint))
        local_share_append(service, endpoint, &place);
    if (place.len > 0) {
        json_writer_key(json, "place");
        json_writer_string(json, view_skip(text_view(&place), strlen(", ")));
    }
    text_fini(&place);
}

/* ---- metrics --------------------------------------------------------------------------------- */

static bool is_any_told(const struct pool *pool)
{
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        if (is_told(&pool->services[i]))
            return true;
    return false;
}

static void write_shares(const struct pool *pool, struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_service_local_share_percent", "gauge",
                           "Part of a service's requests, connections or flows that endpoints of "
                           "this host get, where local ones are preferred.");
    for (unsigned i = 0; i < pool->service_count; i++)
        if (is_told(&pool->services[i]))
            prometheus_text_uint(writer,
                                 PROMETHEUS_LABELS({"service", pool->services[i].name},
                                                   protocol_label(pool->services[i].kind)),
                                 (uint64_t)(100 * share_of(&pool->services[i]) + 0.5));
}

static void write_places(const struct pool_service *service, struct prometheus_text *writer)
{
    for (unsigned i = 0; i < service->endpoint_count; i++)
        prometheus_text_uint(
            writer,
            PROMETHEUS_LABELS({"service", service->name}, {"name", service->endpoints[i]->name},
                              {"id", service->endpoints[i]->id}, protocol_label(service->kind)),
            service->endpoints[i]->is_local);
}

void local_share_write_metrics(const struct pool *pool, struct prometheus_text *writer)
{
    if (!is_any_told(pool))
        return;
    write_shares(pool, writer);
    prometheus_text_family(writer, "lb_endpoint_local", "gauge",
                           "Whether the endpoint is one of this host, of services that prefer "
                           "those.");
    for (unsigned i = 0; i < pool->service_count; i++)
        if (is_told(&pool->services[i]))
            write_places(&pool->services[i], writer);
}
